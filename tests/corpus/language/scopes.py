x = "global"


def outer():
    x = "outer"

    def inner():
        nonlocal x
        x = "changed"

        class Holder:
            x = "class"
            got = x

            def method(self):
                return x

        return Holder.got, Holder().method()

    return [*inner(), x]


def rebind():
    global x
    x = "rebound"


def late():
    try:
        return y
    except NameError as error:
        return str(error)


before = late()
y = 5
rebind()
[outer(), x, before, late(), [x for x in range(2)], x]
