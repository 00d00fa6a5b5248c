class Positive:
    def __set_name__(self, owner, name):
        self.name = name
        self.key = f"_{name}"

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return getattr(instance, self.key, 0)

    def __set__(self, instance, value):
        if value <= 0:
            raise ValueError(f"{self.name} must be positive")
        setattr(instance, self.key, value)


class lazy:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__

    def __get__(self, instance, owner):
        value = self.function(instance)
        setattr(instance, self.name, value)
        return value


class Item:
    price = Positive()
    quantity = Positive()
    computed = 0

    def __init__(self, price, quantity):
        self.price = price
        self.quantity = quantity

    @lazy
    def total(self):
        Item.computed += 1
        return self.price * self.quantity


item = Item(5, 4)
try:
    item.price = -1
except ValueError as error:
    message = str(error)
[item.total, item.total, Item.computed, message, item._price, Item.price.name, sorted(vars(item))]
