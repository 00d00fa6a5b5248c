ACTIONS = {}


def action(name):
    def register(function):
        ACTIONS[name] = function
        return function
    return register


@action("price")
def lookup(sku):
    return get_price(sku)


@action("who")
def who(number):
    return get_user(int(number))["name"]


@action("help")
def show_help():
    return sorted(ACTIONS)


def run(line):
    name, *arguments = line.split()
    function = ACTIONS.get(name)
    if function is None:
        return f"unknown: {name}"
    try:
        return function(*arguments)
    except (KeyError, LookupError) as error:
        return f"{type(error).__name__}: {error}"
    except TypeError:
        return "wrong arguments"


[run(line) for line in ("price POT", "who 3", "who 9", "price XX", "help", "dance", "price")]
