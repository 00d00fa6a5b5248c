class AppError(Exception):
    def __init__(self, message, code=500):
        super().__init__(message)
        self.code = code


class NotFound(AppError):
    def __init__(self, what):
        super().__init__(f"{what} not found", 404)


log = []


def risky(n):
    try:
        if n == 0:
            raise NotFound("page")
        if n == 1:
            return 1 / 0
        if n == 2:
            raise KeyError("k")
        log.append("fine")
    except NotFound as error:
        return [error.code, str(error)]
    except ArithmeticError as error:
        raise AppError("math") from error
    except (KeyError, IndexError) as error:
        return repr(error)
    else:
        return "else"
    finally:
        log.append(f"finally {n}")


results = []
for n in range(4):
    try:
        results.append(risky(n))
    except AppError as error:
        results.append([error.code, type(error.__cause__).__name__, error.args[0]])
try:
    try:
        raise ValueError("first")
    except ValueError:
        raise TypeError("second")
except TypeError as error:
    results.append(type(error.__context__).__name__)
error = ValueError("noted")
error.add_note("a note")
[results, log, error.__notes__]
