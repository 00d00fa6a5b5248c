class Animal:
    def __init__(self, name):
        self.name = name

    def speak(self):
        return "..."

    def __str__(self):
        return f"{self.name} says {self.speak()}"


class Dog(Animal):
    def speak(self):
        return "Woof"


class Puppy(Dog):
    def __init__(self, name, age):
        super().__init__(name)
        self._age = age

    def speak(self):
        return super().speak() + "!" * self._age


animals = [Animal("It"), Dog("Rex"), Puppy("Bit", 3)]
for animal in animals:
    print(animal)
[[type(a).__name__ for a in animals], isinstance(animals[2], Animal), [c.__name__ for c in (Puppy, Dog) if issubclass(c, Dog)]]
