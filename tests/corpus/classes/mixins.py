import json


class JsonMixin:
    def to_json(self):
        return json.dumps(vars(self), sort_keys=True, default=str)

    @classmethod
    def from_json(cls, text):
        return cls(**json.loads(text))


class CompareMixin:
    def _key(self):
        raise NotImplementedError

    def __eq__(self, other):
        return self._key() == other._key()

    def __lt__(self, other):
        return self._key() < other._key()


class Product(JsonMixin, CompareMixin):
    def __init__(self, sku, price):
        self.sku = sku
        self.price = price

    def _key(self):
        return (self.price, self.sku)

    def __repr__(self):
        return f"{type(self).__name__}({self.sku!r}, {self.price})"


products = [Product("b", 2), Product("a", 2), Product("c", 1)]
again = Product.from_json(products[0].to_json())
try:
    CompareMixin()._key()
except NotImplementedError:
    abstract = True
[repr(sorted(products)), products[0].to_json(), again == products[0], again is products[0], max(products).sku, abstract, Product.__name__, [c.__name__ for c in Product.mro()][:3]]
