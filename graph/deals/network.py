"""The network of steps that a deal takes, and in which order: what the critical path is counted through."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

import networkx as nx

from graph.derive.periods import Period

#: *barred*: nothing in the norms lifts a ban; *lapse*: a ban that nothing lifts ends by itself.
Kind = Literal[
    "filing", "acceptance", "decision", "waiting", "negotiation", "signing", "closing", "delivery", "duty", "barred",
    "lapse", "completion",
]  # fmt: skip

NEGOTIATION: Final = "negotiation"
SIGNING: Final = "signing"
CLOSING: Final = "closing"
COMPLETION: Final = "completion"

#: No time at all.
AT_ONCE: Final = Period(0, "day")


@dataclass(frozen=True)
class Step:
    """One step, with how long it takes by law and in practice (``None``: nothing gives it a time)."""

    name: str
    kind: Kind
    action: str
    #: Who does it, and the role of whoever does it.
    actors: frozenset[str] = frozenset()
    role: str | None = None
    #: The authority that a party's act is directed at.
    towards: str | None = None
    #: The norm, exception or procedure that gives it its time or asks for it.
    ground: str | None = None
    about: str | None = None
    #: Whose calendar counts.
    country: str = ""
    instrument: str | None = None
    period: Period | None = None
    shortest: Period | None = None
    typical: Period | None = None
    longest: Period | None = None
    #: The day on which it was done; the first day on which it is meant to be done.
    done: date | None = None
    not_before: date | None = None
    #: The legal positions that it lifts or meets.
    lifts: frozenset[str] = frozenset()
    #: Nothing bars the deal without it.
    voluntary: bool = False


@dataclass(frozen=True)
class Order:
    """Why a step waits for another: how long after it, from which day on at all, and until when at the latest."""

    lead: Period = AT_ONCE
    country: str = ""
    since: date | None = None
    until: date | None = None


@dataclass
class Network:
    """The steps of a deal and their order, and what has no way through."""

    steps: dict[str, Step] = field(default_factory=dict)
    order: "nx.DiGraph[str]" = field(default_factory=nx.DiGraph)
    #: Bans that nothing in the norms lifts, by IRI; circles of steps, each with the norms that wait for each other.
    barred: dict[str, str] = field(default_factory=dict)
    circles: list[tuple[str, ...]] = field(default_factory=list)
    #: Positions of which the sources do not tell whether they bind.
    unsettled: list[str] = field(default_factory=list)

    def put(self, step: Step) -> str:
        """Add a step; of one that is there already the parties and what it lifts are joined."""
        there = self.steps.get(step.name)
        if there:
            both = max(there.done, step.done) if there.done and step.done else None
            done = both or (there.done or step.done if step.actors <= there.actors else None)
            step = replace(there, actors=there.actors | step.actors, lifts=there.lifts | step.lifts, done=done)
        self.steps[step.name] = step
        self.order.add_node(step.name)
        return step.name

    def then(self, before: str, after: str, order: Order = Order()) -> None:
        """Let one step wait for another."""
        self.order.add_edge(before, after)
        known = self.order.edges[before, after].setdefault("orders", [])
        if order not in known:
            known.append(order)

    def orders(self, after: str) -> Iterator[tuple[str, Order]]:
        """The steps that a step waits for, and why."""
        for before in sorted(self.order.predecessors(after)):
            for order in self.order.edges[before, after]["orders"]:
                yield before, order
