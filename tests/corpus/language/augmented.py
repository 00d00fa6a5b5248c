class Account:
    def __init__(self):
        self.balance = 100
        self.history = []
        self.tags = {"a"}
        self.items = {"x": 1}
        self._count = 0

    def change(self, by):
        self.balance += by
        self.balance *= 2
        self.history += [by]
        self._count += 1
        self.items["x"] += by
        self.items["y"] = self.items.get("y", 0) | 6
        self.tags |= {str(by)}
        return self


account = Account().change(5).change(-3)
numbers = [1, 2, 3, 4, 5]
numbers[1:3] += [10]
numbers[0] -= 5
numbers[-1] **= 2
matrix = [[0] * 2 for _ in range(2)]
matrix[1][0] += 7
x = 17
x //= 3
x <<= 2
x ^= 3
x %= 13
word = "ab"
word *= 3
account.history[0] *= 10
[account.balance, account.history, account._count, account.items, sorted(account.tags), numbers, matrix, x, word]
