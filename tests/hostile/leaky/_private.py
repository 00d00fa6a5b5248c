"""A private module of the package, whose function is public all the same."""


def helper():
    return "helped"
