"""Whether a sum or a product of a program might come out otherwise here, as far as words tell.

Spans of time are made of whole numbers, and multiplied and divided by whole numbers alone. What is given as `sum` knows
no complex numbers, and may call the special methods of a program's own classes twice.
"""

import re

_SUM = re.compile(r"(?<![\w.])sum\b")
_NOT_SUMMED = re.compile(r"\bcomplex\b|\d[jJ]\b|\b__r?add__\b")
_SPAN = re.compile(
    r"\btimedelta\s*\("
    r"(?!\s*(?:(?:\w{1,20}\s*=\s*)?-?\d{1,9}\s*(?:,\s*|(?=\))))*\))"
    r"(?!\s*(?:\w{1,20}\s*=\s*)?(\w{1,40})\s*\)[^\n()\[\]]{0,80}\bfor\s+\1\s+in\s+range\s*\()"
)
# From the beginning of a word on, and all of it: else a long one would be read from each of its letters.
_PRODUCT = re.compile(r"((?<![\w.])[\w.]++|[)\]\"'])\s*(?<!\*)(?:\*|/(?!/))=?(?!\*)\s*([\w.]+|[(\[\"'])")


def computes_otherwise(code: str) -> bool:
    """Say whether there is a sum, or a product, of which the words do not tell that it is the same."""
    if _SUM.search(code) and _NOT_SUMMED.search(code):
        return True
    if "datetime" not in code:
        return False
    return _SPAN.search(code) is not None or any(map(_is_doubtful, _PRODUCT.finditer(code)))


def _is_doubtful(product: re.Match[str]) -> bool:
    return not product[1].isdigit() and not product[2].isdigit() and product[2] != "len"
