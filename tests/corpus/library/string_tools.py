import string
from string import Formatter, Template

template = Template("Dear $name, you owe ${amount} $$ by $day")
letter = template.safe_substitute(name="Ada", amount=12.5)
try:
    template.substitute(name="Ada")
except KeyError as error:
    missing = str(error)


class Upper(Formatter):
    def format_field(self, value, spec):
        return str(value).upper() if spec == "up" else super().format_field(value, spec)

    def get_value(self, key, args, kwargs):
        return kwargs.get(key, f"<{key}>") if isinstance(key, str) else args[key]


[
    letter, missing, string.ascii_lowercase[:5], string.digits, string.punctuation[:4], string.capwords("hello big world"), Upper().format("{name:up} {0:>4} {gone}", 7, name="ada"),
    Formatter().format("{0[1]}-{x.real:.1f}", [1, 2], x=2.5), [list(p) for p in Formatter().parse("a{b!r:>3}c")], template.get_identifiers(), "abc".translate(str.maketrans("ab", "xy")), "x".center(5, "*"),
    "a-b-c".partition("-")[2], "a-b-c".rsplit("-", 1), "Hello".swapcase(), "  x ".strip(), "a\nb".splitlines(), "ß".casefold(), "abc".startswith(("x", "ab")), "one two".title(), "7".zfill(3), "a,b".split(","), "%5.1f|%-5s|%03d" % (2.25, "x", 7), "tab\there".expandtabs(4), "prefix-x".removeprefix("prefix-"), "é".encode().hex(), "{:,}".format(1234567),
]
