"""The type boundary: which types may be declared, what values they take, and how JSON writes those values."""

from sandbox.types.annotations import from_annotation
from sandbox.types.scalars import ANY, NONE
from sandbox.types.texts import from_text
from sandbox.types.value_type import ValueType

__all__ = ["ANY", "NONE", "ValueType", "from_annotation", "from_text"]
