log = []


def flow(kind):
    try:
        log.append("try")
        if kind == "return":
            return "returned"
        if kind == "raise":
            raise KeyError(kind)
    except KeyError:
        log.append("except")
        return "handled"
    else:
        log.append("else")
        return "else"
    finally:
        log.append("finally")


def nested():
    try:
        try:
            raise ValueError("inner")
        finally:
            log.append("inner finally")
    except ValueError as error:
        try:
            raise RuntimeError("outer") from error
        except RuntimeError as second:
            return [str(second), str(second.__cause__)]


def overriding():
    for n in range(3):
        try:
            continue
        finally:
            if n == 1:
                break
    return n


def suppressed():
    try:
        raise ValueError("a") from None
    except ValueError as error:
        return error.__cause__ is None


try:
    assert 1 > 2, "one is not more than two"
except AssertionError as error:
    asserted = str(error)
[[flow(k) for k in ("return", "raise", "other")], nested(), overriding(), suppressed(), asserted, log]
