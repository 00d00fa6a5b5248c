"""What an operator is told who sets up the service, its tenants and its keys: no caller ever sees these."""

from service.errors import ServiceError


class FunctionAlreadyRegistered(ServiceError):
    """Two functions want the same name."""

    code = "function_already_registered"

    def __init__(self, name: str) -> None:
        super().__init__(f"two functions are named {name!r}; rename one of them")


class FunctionNameTaken(ServiceError):
    """A function wants a name that means something else to every program."""

    code = "function_name_taken"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"a function cannot be named {name!r}: {reason}; register it under another name")


class FunctionsNotLoadable(ServiceError):
    """What `--functions` names cannot be loaded; the message says what to write."""

    code = "functions_not_loadable"

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"--functions {reference}: {reason}")


class OpenApiNotLoadable(ServiceError):
    """What `ISTHMUS_OPENAPI` names cannot be loaded; the message says what to do."""

    code = "openapi_not_loadable"

    def __init__(self, document: str, reason: str) -> None:
        super().__init__(f"ISTHMUS_OPENAPI {document}: {reason}")


class RightsInvalid(ServiceError):
    """What a tenant is to be given cannot be."""

    code = "rights_invalid"


class TenantUnknown(ServiceError):
    """There is no tenant of this name."""

    code = "tenant_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            f'there is no tenant "{name[:100]}"; `isthmus tenants create` makes one, `isthmus tenants list` shows them'
        )


class TenantExists(ServiceError):
    """There is a tenant of this name already."""

    code = "tenant_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f'there is a tenant "{name}" already; `isthmus tenants set {name}` changes its rights')


class KeyUnknown(ServiceError):
    """There is no key of this name that could be revoked."""

    code = "key_unknown"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"there is no key {key_id[:100]} that is not revoked; `isthmus keys list` shows them")


class SettingsInvalid(ServiceError):
    """An environment variable holds what it cannot hold."""

    code = "settings_invalid"


class DatabaseNotUsable(SettingsInvalid):
    """The database cannot be opened, made or written to."""

    code = "database_not_usable"

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(
            f"ISTHMUS_DATABASE: cannot use {database}: {reason}; set it to the path of a file that this user may "
            "write, or to postgresql://user:password@host/name"
        )


class DatabaseInUse(SettingsInvalid):
    """Another service works on the database's file.

    Args:
        process_id: of the service that does; None where it has not said yet.
    """

    code = "database_in_use"

    def __init__(self, database: str, process_id: int | None) -> None:
        who = "a service" if process_id is None else f"a service, process {process_id},"
        super().__init__(
            f"ISTHMUS_DATABASE: {who} uses {database} now, and a second one would take its runs for those of a "
            "service that was killed: end that one first, or give this one a database of its own, another file or "
            "postgresql://user:password@host/name"
        )


class DatabaseTooNew(SettingsInvalid):
    """A later release has changed the database's schema."""

    code = "database_too_new"

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"ISTHMUS_DATABASE: the database has schema version {found}, and this release knows {known}: "
            "start the release that wrote it, or a later one, or name another database"
        )


class ImageUnknown(ServiceError):
    """What was named is no guest image, or no package."""

    code = "image_unknown"
