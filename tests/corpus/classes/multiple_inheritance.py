class Base:
    def __init__(self, **options):
        self.options = options
        self.trail = ["Base"]

    def describe(self):
        return ["base"]


class Loud(Base):
    def __init__(self, volume=1, **options):
        super().__init__(**options)
        self.volume = volume
        self.trail.append("Loud")

    def describe(self):
        return ["loud", *super().describe()]


class Colored(Base):
    def __init__(self, color="red", **options):
        super().__init__(**options)
        self.color = color
        self.trail.append("Colored")

    def describe(self):
        return ["colored", *super().describe()]


class Both(Loud, Colored):
    def describe(self):
        return ["both", *super().describe()]


class Registry:
    known = {}

    def __init_subclass__(cls, /, key=None, **kwargs):
        super().__init_subclass__(**kwargs)
        Registry.known[key or cls.__name__.lower()] = cls


class Csv(Registry):
    pass


class Json(Registry, key="js"):
    pass


x = Both(volume=3, color="blue", extra=True)
[x.describe(), x.trail, x.volume, x.color, x.options, [c.__name__ for c in Both.mro()], sorted(Registry.known), Registry.known["js"] is Json]
