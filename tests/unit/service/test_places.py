"""Whose turn it is."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from service.runs.places import Places

SHARES = {"a": 1, "b": 2, "c": 5}
BOUNDS = {"a": None, "b": 2, "c": None}
ACTS = st.lists(st.tuples(st.sampled_from(["ask", "leave", "give up"]), st.sampled_from("abc")), max_size=200)


@dataclass
class Model:
    """What has to be so: who runs and who waits, in order."""

    places: Places[int]
    total: int
    running: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHARES, 0))
    given: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SHARES, 0.0))
    level: float = 0.0
    waiting: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in SHARES})

    def eligible(self) -> list[str]:
        """Those who wait and may have a place."""
        below = [name for name, bound in BOUNDS.items() if bound is None or self.running[name] < bound]
        return [name for name in below if self.waiting[name]]

    def standing(self, name: str) -> tuple[float, float, int]:
        """The rule, once more."""
        return self.running[name] / SHARES[name], self.given[name], self.waiting[name][0]

    def count(self, name: str) -> None:
        """Somebody was given a place."""
        self.running[name] += 1
        self.level = self.given[name]
        self.given[name] += 1 / SHARES[name]

    def give(self) -> None:
        """Give places until there is none to give, and check each."""
        while (called := self.places.next()) is not None:
            name, ticket = called
            assert name == min(self.eligible(), key=self.standing)
            assert ticket == self.waiting[name].pop(0)
            self.count(name)
        assert sum(self.running.values()) == self.total or not self.eligible(), "a place stays free"

    def ask(self, name: str, ticket: int) -> None:
        """Somebody comes."""
        if not self.running[name] and not self.waiting[name]:
            self.given[name] = max(self.given[name], self.level)
        waits = self.places.would_wait(name)
        assert self.places.ask(name, ticket) is not waits
        if waits:
            self.waiting[name].append(ticket)
        else:
            self.count(name)

    def act(self, what: str, name: str, ticket: int) -> None:
        """Let something happen, where it can."""
        if what == "ask":
            self.ask(name, ticket)
        elif what == "leave" and self.running[name]:
            self.places.leave(name)
            self.running[name] -= 1
        elif what == "give up" and self.waiting[name]:
            self.places.give_up(name, self.waiting[name].pop())


@given(total=st.integers(1, 6), acts=ACTS)
def test_a_place_goes_to_whoever_has_least_for_its_share(total: int, acts: list[tuple[str, str]]) -> None:
    """Whatever comes in whatever order: no place is free while somebody may have it, and none is given twice."""
    places = Places[int](total)
    for name, share in SHARES.items():
        queue = places.queue(name)
        queue.share, queue.max_running = share, BOUNDS[name]
    model = Model(places, total)
    for ticket, (what, name) in enumerate(acts):
        model.act(what, name, ticket)
        model.give()

        assert places.counts() == {name: (model.running[name], len(model.waiting[name])) for name in SHARES}
        assert sum(model.running.values()) <= total


def test_places_settle_at_the_shares() -> None:
    """Two tenants that always have more to do, with shares of 1 and 3, hold 2 and 6 of 8 places in the end."""
    places = Places[int](8)
    places.queue("b").share = 3
    for ticket in range(40):
        places.ask("a", ticket)
    for ticket in range(40, 80):
        places.ask("b", ticket)
    for _ in range(6):
        places.leave("a")
        places.next()

    assert {name: running for name, (running, _) in places.counts().items()} == {"a": 2, "b": 6}
    places.leave("b")
    called = places.next()
    assert called is not None
    assert called[0] == "b"


def test_with_a_single_place_tenants_take_turns_by_their_shares() -> None:
    """Nobody has more places than another then, so the rule must look at what they were given."""
    places = Places[int](1)
    places.queue("b").share = 3
    order: list[str] = []
    for ticket in range(40):
        places.ask("a", ticket)
    for ticket in range(40, 80):
        places.ask("b", ticket)
    for _ in range(12):
        places.leave("a" if not order else order[-1])
        called = places.next()
        assert called is not None
        order.append(called[0])

    assert (order.count("a"), order.count("b")) == (3, 9)


def test_nobody_saves_up_turns() -> None:
    """A tenant that did nothing for a day has no day of places to its good."""
    places = Places[int](1)
    for ticket in range(100):
        places.ask("a", ticket)
    for _ in range(50):
        places.leave("a")
        places.next()
    for ticket in range(100, 110):
        places.ask("b", ticket)
    order = ["a"]
    for _ in range(6):
        places.leave(order[-1])
        called = places.next()
        assert called is not None
        order.append(called[0])

    assert order == ["a", "b", "a", "b", "a", "b", "a"]
