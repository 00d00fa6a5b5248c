class Meta(type):
    registry = []

    def __new__(mcs, name, bases, namespace, **options):
        namespace["tag"] = options.get("tag", name.lower())
        made = super().__new__(mcs, name, bases, namespace)
        mcs.registry.append(name)
        return made

    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)

    def __call__(cls, *args, **kwargs):
        made = super().__call__(*args, **kwargs)
        made.built = True
        return made

    def __len__(cls):
        return len(cls.tag)


class Plain(metaclass=Meta):
    pass


class Tagged(Plain, tag="special"):
    def __init__(self, n):
        self.n = n


Dynamic = type("Dynamic", (Tagged,), {"double": lambda self: self.n * 2})
[Meta.registry, Plain.tag, Tagged.tag, len(Tagged), Tagged(1).built, Dynamic(4).double(), type(Dynamic).__name__, isinstance(Dynamic, type), isinstance(Tagged, Meta), type(3) is int, type("x").__name__]
