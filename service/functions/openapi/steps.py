"""What reading schemas may cost: a small one can be a way to read another for ever, by references and alternatives."""

from service.functions.openapi.document import Unusable

# A union's text is built of those of its members.
_TEXT_OF_A_STEP = 100
# To show a schema is to copy it.
_SHOWN_OF_A_STEP = 4


class Steps:
    """Counts the schemas that are read, one as often as it is referred to.

    Args:
        most: how many there may be.
        advice: what else to say of more.
    """

    def __init__(self, most: int, *, advice: str = "") -> None:
        self._left = self._most = most
        self._advice = advice

    def take(self, *, schemas: int = 0, characters: int = 0, shown: int = 0) -> None:
        """Count schemas, and what they cost beside: characters of a type's text, objects and lists that are shown.

        Raises:
            Unusable: there are too many.
        """
        self._left -= schemas + characters // _TEXT_OF_A_STEP + shown // _SHOWN_OF_A_STEP
        if self._left < 0:
            message = (
                f"has too many schemas: more than {self._most:,} are to be read, each as often as it is referred to"
            )
            raise Unusable(message + self._advice)
