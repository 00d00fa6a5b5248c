class Temperature:
    unit = "C"
    count = 0

    def __init__(self, celsius=0.0):
        self.celsius = celsius
        Temperature.count += 1

    @property
    def celsius(self):
        return self._celsius

    @celsius.setter
    def celsius(self, value):
        if value < -273.15:
            raise ValueError("below absolute zero")
        self._celsius = value

    @celsius.deleter
    def celsius(self):
        del self._celsius

    @property
    def fahrenheit(self):
        return self._celsius * 9 / 5 + 32

    @classmethod
    def from_fahrenheit(cls, value):
        return cls((value - 32) * 5 / 9)

    @staticmethod
    def valid(value):
        return value >= -273.15


t = Temperature(100)
t.celsius += 5
try:
    t.celsius = -300
except ValueError as error:
    message = str(error)
try:
    t.fahrenheit = 1
except AttributeError as error:
    readonly = "no setter" in str(error)
boiling = Temperature.from_fahrenheit(212)
del t.celsius
[boiling.celsius, message, readonly, hasattr(t, "celsius"), Temperature.valid(-1), Temperature.count, t.unit]
