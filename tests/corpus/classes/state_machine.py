from dataclasses import dataclass, field
from enum import Enum, auto


class State(Enum):
    DRAFT = auto()
    REVIEW = auto()
    DONE = auto()


MOVES = {(State.DRAFT, "submit"): State.REVIEW, (State.REVIEW, "approve"): State.DONE, (State.REVIEW, "reject"): State.DRAFT}


@dataclass
class Document:
    title: str
    state: State = State.DRAFT
    history: list[tuple[State, str]] = field(default_factory=list)

    def apply(self, event: str) -> "Document":
        try:
            following = MOVES[self.state, event]
        except KeyError:
            raise ValueError(f"cannot {event} in {self.state.name}") from None
        self.history.append((self.state, event))
        self.state = following
        return self


document = Document("Plan").apply("submit").apply("reject").apply("submit").apply("approve")
try:
    document.apply("submit")
except ValueError as error:
    message = str(error)
[document.state.name, [[s.name, e] for s, e in document.history], message]
