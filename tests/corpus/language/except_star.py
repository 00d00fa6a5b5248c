def fail_all():
    raise ExceptionGroup("many", [
        ValueError("v1"),
        TypeError("t1"),
        ExceptionGroup("inner", [ValueError("v2"), OSError("o1")]),
    ])


caught = []
try:
    fail_all()
except* ValueError as group:
    caught.append(["values", sorted(str(e) for e in group.exceptions if not isinstance(e, ExceptionGroup))])
except* (TypeError, OSError) as group:
    caught.append(["others", len(group.exceptions)])
group = ExceptionGroup("g", [ValueError(1), KeyError(2)])
match, rest = group.split(ValueError)
[caught, [str(e) for e in match.exceptions], [repr(e) for e in rest.exceptions], group.message]
