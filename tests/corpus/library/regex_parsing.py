import re

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<op>[-+*/()]))")


def tokens(source):
    position = 0
    while position < len(source.rstrip()):
        found = TOKEN.match(source, position)
        if not found:
            raise SyntaxError(f"bad character at {position}")
        position = found.end()
        yield found.lastgroup, found.group(found.lastgroup)


def parse(source):
    stream = [*tokens(source), ("end", "")]

    def take():
        return stream.pop(0)

    def factor():
        kind, value = take()
        if kind == "number":
            return float(value)
        if value == "(":
            inner = expression()
            take()
            return inner
        if value == "-":
            return -factor()
        raise SyntaxError(f"unexpected {value!r}")

    def term():
        value = factor()
        while stream[0][1] in ("*", "/"):
            value = value * factor() if take()[1] == "*" else value / factor()
        return value

    def expression():
        value = term()
        while stream[0][1] in ("+", "-"):
            value = value + term() if take()[1] == "+" else value - term()
        return value

    return expression()


errors = []
for bad in ("1 + $", "2 * )"):
    try:
        parse(bad)
    except SyntaxError as error:
        errors.append(error.msg)
[parse("1 + 2 * (3 - 4) / -2"), parse("2.5*4"), errors, re.sub(r"\b(\w)(\w*)", lambda m: m[1].upper() + m[2], "hello big world"), re.findall(r"(?P<k>\w+)=(?P<v>\"[^\"]*\"|\S+)", 'a=1 b="x y" c=z')[1][1], re.compile(r"(?x) \d+  # digits").search("ab12").group()]
