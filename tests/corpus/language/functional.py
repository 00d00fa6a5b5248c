from functools import reduce

compose = lambda *fs: reduce(lambda f, g: lambda x: g(f(x)), fs)
shout = compose(str.strip, str.upper, lambda s: s + "!")
curry = lambda f: lambda a: lambda b: f(a, b)
rows = sorted(orders, key=lambda o: (-o["price"], o["id"]))
memo = {}


def memoized(f):
    def inner(n):
        if n not in memo:
            memo[n] = f(n)
        return memo[n]
    return inner


@memoized
def steps(n):
    return 1 if n < 2 else steps(n - 1) + steps(n - 2)


[shout("  hi "), curry(pow)(2)(5), [r["id"] for r in rows], steps(40), len(memo), list(map(lambda a, b: a * b, [1, 2], [3, 4])), list(filter(None, [0, "a", "", 3])), (lambda *a, k=1, **o: [len(a), k, sorted(o)])(1, 2, z=3), [f(3) for f in (abs, str, lambda n: n / 2)], list(zip(*[[1, 2], [3, 4]])) == [(1, 3), (2, 4)], sorted("bAc", key=str.lower), any(o["status"] == "void" for o in orders), next((o["id"] for o in orders if o["price"] > 20), None)]
