from typing import Protocol, runtime_checkable


@runtime_checkable
class Notifier(Protocol):
    def notify(self, text: str) -> str: ...


class Email:
    def __init__(self, to):
        self._to = to

    def notify(self, text):
        return send(self._to, text)["to"]


class Log:
    def __init__(self):
        self.lines = []

    def notify(self, text):
        self.lines.append(text)
        return f"logged {len(self.lines)}"


class Silent:
    pass


def broadcast(text, targets: list[Notifier]):
    return [t.notify(text) for t in targets if isinstance(t, Notifier)]


broadcast("hello", [Email("ada@example.com"), Log(), Silent()])
