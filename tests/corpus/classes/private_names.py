class Account:
    __interest = 0.02
    _bank = "Isthmus"

    def __init__(self, owner, balance):
        self.owner = owner
        self._balance = balance
        self.__pin = 1234

    def check(self, pin):
        return pin == self.__pin

    def __apply(self):
        self._balance = round(self._balance * (1 + self.__interest), 2)
        return self

    def year(self):
        return self.__apply()._balance

    def merge(self, other):
        self._balance += other._balance
        other._balance = 0
        return self._balance

    @classmethod
    def bank(cls):
        return cls._bank


class Gold(Account):
    __interest = 0.5

    def own_rate(self):
        return self.__interest


a, b = Account("ada", 100), Gold("bob", 50)
[a.check(1), a.check(1234), a.year(), b.year(), b.own_rate(), a.merge(b), b._balance, a._bank, Account.bank(), getattr(a, "_balance"), hasattr(a, "__pin"), a._Account__pin]
