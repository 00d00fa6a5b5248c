data = {"a": 1, "b": 2, "c": 3}
numbers = list(range(10))
del data["b"], numbers[2:5]
del numbers[0]


class Box:
    pass


box = Box()
box.size = 4
box.color = "red"
del box.color
value = 5
del value
try:
    value
except NameError as error:
    message = str(error)
try:
    box.color
except AttributeError:
    missing = True
[data, numbers, vars(box), message, missing]
