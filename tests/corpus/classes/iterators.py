class Range:
    def __init__(self, stop, step=1):
        self.stop, self.step = stop, step

    def __iter__(self):
        return RangeIterator(self)

    def __len__(self):
        return -(-self.stop // self.step)


class RangeIterator:
    def __init__(self, source):
        self._source = source
        self._at = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self._at >= self._source.stop:
            raise StopIteration
        value = self._at
        self._at += self._source.step
        return value


class Countdown:
    def __getitem__(self, index):
        if index > 3:
            raise IndexError
        return 3 - index


r = Range(7, 2)
first, *rest = r
pairs = [[a, b] for a, b in zip(r, "abcd")]
[list(r), len(r), first, rest, sum(r), list(Countdown()), 2 in Countdown(), pairs, max(r), sorted(r, reverse=True), list(map(str, r)), list(enumerate(r, 1))[-1][0], next(iter([]), "none"), dict(zip("ab", r)), list(iter([3, 2, 1].pop, 2))]
