from enum import Enum, IntFlag, auto


class State(Enum):
    OPEN = "open"
    PAID = "paid"
    VOID = "void"

    @property
    def is_final(self):
        return self in (State.PAID, State.VOID)

    @classmethod
    def parse(cls, text):
        return cls(text.strip().lower())


class Access(IntFlag):
    READ = auto()
    WRITE = auto()
    ALL = READ | WRITE


counts = {state.name: 0 for state in State}
for order in orders:
    counts[State.parse(f" {order['status'].upper()} ").name] += 1
try:
    State("lost")
except ValueError as error:
    message = str(error)
[counts, [s.value for s in State if s.is_final], message, Access.ALL.value, (Access.READ | Access.WRITE) == Access.ALL, State["OPEN"].value]
