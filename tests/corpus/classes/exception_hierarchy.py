class ServiceError(Exception):
    status = 500

    def __init__(self, message, **details):
        super().__init__(message)
        self.details = details

    def __str__(self):
        extra = ", ".join(f"{k}={v}" for k, v in self.details.items())
        return f"[{self.status}] {self.args[0]}" + (f" ({extra})" if extra else "")


class ClientError(ServiceError):
    status = 400


class Missing(ClientError, LookupError):
    status = 404


def fetch(n):
    try:
        return get_user(n)["name"]
    except LookupError as error:
        raise Missing("user", id=n) from error


told = []
for n in (1, 9):
    try:
        told.append(fetch(n))
    except ClientError as error:
        told.append([str(error), isinstance(error, LookupError), str(error.__cause__), error.details])
try:
    raise ExceptionGroup("batch", [ServiceError("a"), Missing("b")])
except* Missing as group:
    told.append([str(e) for e in group.exceptions])
except* ServiceError as group:
    told.append(len(group.exceptions))
told
