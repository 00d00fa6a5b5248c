"""Type texts: which are read, and which are refused where."""

import pytest

from sandbox.types import from_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("int", "int"),
        (" dict [ str , float ] | None ", "dict[str, float] | None"),
        ("Optional[int]", "int | None"),
        ("typing.Union[int, str]", "int | str"),
        ("List[datetime.datetime]", "list[datetime]"),
        ("tuple[()]", "tuple[()]"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("tuple", "tuple[Any, ...]"),
        ("dict", "dict[Any, Any]"),
        ("Literal['a', \"b\", -3, True, None]", "Literal['a', 'b', -3, True, None]"),
    ],
)
def test_a_type_text_is_read(text: str, shown: str) -> None:
    """Types arrive over the wire as Python writes them."""
    assert from_text(text).text == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at character 1: expected a type"),
        ("int,", "at character 4: expected a type"),
        ("list[int", "at character 9: expected ]"),
        ("dict[int]", "at character 1: dict takes 2 arguments, not 1"),
        ("list[int, str]", "at character 1: list takes 1 argument, not 2"),
        ("Literal", "at character 1: Literal needs arguments: Literal[...]"),
        ("Literal[x]", "at character 9: expected a text in quotes, a whole number, True, False or None"),
        ("int; import os", "at character 4: this cannot stand in a type"),
        ("__import__('os')", "at character 1: no type has this name; types that can be named: int, float"),
        ("os.int", "at character 1: no type has this name"),
        ("x" * 257, "a type has at most 256 characters, this one has 257"),
        ("list[" * 21 + "int" + "]" * 21, "at character 106: a type is nested at most 20 levels deep"),
    ],
)
def test_a_text_that_is_no_type_is_refused(text: str, message: str) -> None:
    """The parser is ours and small: nothing that arrives is ever evaluated."""
    with pytest.raises(ValueError, match=r".") as refused:
        from_text(text)

    assert str(refused.value).startswith(message)
