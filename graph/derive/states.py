"""The state of a legal position on a day, computed from acts and periods, never typed in.

The first test that holds names the state on day *t*:

1. waived: an act waives it, its norm, provision or instrument, on or before *t*;
2. fulfilled: an act of its bearer fulfils it, on or before *t* and its due date, or is just what an obligation asks for
   (its action, or a narrower one, on its object), not before the day it arises;
3. unknown: an open point unsettles it, or something it rests on, from a day on or before *t*;
4. violated: a forbidden act fell into its period, or the due date of an obligation lies before *t*, and it was not
   suspended then;
5. lapsed: its period ended on or before *t*, or the last day to use a power or permission lies before *t*;
6. suspended: a decision holds it without effect on *t*;
7. pending: its period begins after *t*;
8. active.

After the last day that the sources of its norm cover, only what was settled by then (1, 2, 4, 5) still stands, unless
an open point unsettles it; all else is unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

import ontology
from graph.derive.actions import read_actions
from graph.terms import Row, Term, date_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

State = Literal["pending", "active", "fulfilled", "violated", "waived", "suspended", "lapsed", "unknown"]
_SETTLED = ("fulfilled", "violated", "waived", "lapsed")
#: From this many parties or targets on, reading everything is quicker than naming them.
_MANY: Final = 500


@dataclass(frozen=True)
class Act:
    """An act (or open point) and what it does to its targets."""

    iri: str
    effect: str
    on: date | None
    begin: date | None
    end: date | None
    due: date | None
    actors: frozenset[str]

    def holds(self, day: date) -> bool:
        """Whether its valid period holds the day."""
        begin = self.begin or self.on
        return (begin is None or begin <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Done:
    """Something done: by which act, of which kind, on which day, towards whom."""

    act: str
    action: str
    on: date
    counterparty: str | None


@dataclass(frozen=True)
class Bond:
    """What of a legal position its state depends on."""

    iri: str
    bearer: str
    #: Only an obligation is breached by leaving it undone, and only a prohibition by doing it.
    obliges: bool
    forbids: bool
    begin: date | None
    end: date | None
    due: date | None
    #: From which day on it can be seen.
    arises: date | None = None
    #: Acts that concern it, by effect, in the order of their dates.
    acts: Mapping[str, list[Act]] = field(default_factory=dict)
    #: What its bearer did that is its action on its object, in the order of dates.
    done: Iterable[Done] = ()
    #: The last day its sources cover.
    covered: date | None = None

    def due_on(self, day: date) -> date | None:
        """The due date as it stood on the day: the last extension made by then counts."""
        extended = [act.due for act in self.acts.get("extends", []) if act.on and act.on <= day and act.due]
        return extended[-1] if extended else self.due


@dataclass(frozen=True)
class Judgement:
    """A state with the acts (or open points) it rests on and the reason in a few words."""

    state: State
    because: str
    acts: tuple[str, ...] = ()


def state_on(bond: Bond, day: date) -> Judgement:
    """The state of a legal position on a day on which it can be seen."""
    if bond.covered and day > bond.covered:
        then = state_on(bond, bond.covered)
        if then.state in _SETTLED and not any(act.holds(day) for act in bond.acts.get("unsettles", [])):
            return then
        return Judgement("unknown", f"the sources reach to {bond.covered}; on that day it was {then.state}", then.acts)
    due = bond.due_on(day)
    for act in _done(bond, "waives", day):
        return Judgement("waived", f"waived on {act.on}", (act.iri,))
    for act in _done(bond, "fulfils", day):
        if due is None or (act.on and act.on <= due):
            return Judgement("fulfilled", f"done on {act.on}", (act.iri,))
    for done in bond.done if bond.obliges else ():
        early = bond.arises is not None and done.on < bond.arises
        if done.on <= day and (due is None or done.on <= due) and not early:
            return Judgement("fulfilled", f"done on {done.on}", (done.act,))
    for act in bond.acts.get("unsettles", []):
        if act.holds(day):
            since = f" from {begin} on" if (begin := act.begin or act.on) else ""
            return Judgement("unknown", f"the sources do not tell{since}", (act.iri,))
    return _breach(bond, day, due) or _standing(bond, day)


def _breach(bond: Bond, day: date, due: date | None) -> Judgement | None:
    for act in _done(bond, "violates", day):
        return Judgement("violated", f"breached on {act.on}", (act.iri,))
    for done in bond.done if bond.forbids else ():
        if done.on <= day and _in_period(bond, done.on) and not _suspension(bond, done.on):
            return Judgement("violated", f"a forbidden act was done on {done.on}", (done.act,))
    if bond.obliges and due and due < day and _in_period(bond, due) and not _suspension(bond, due):
        return Judgement("violated", f"due on {due}, and no fulfilling act is recorded")
    return None


def _standing(bond: Bond, day: date) -> Judgement:
    if bond.end and bond.end <= day:
        return Judgement("lapsed", f"its period ended before {bond.end}")
    due = bond.due_on(day)
    if not bond.obliges and due and due < day:
        return Judgement("lapsed", f"it could be used until {due}")
    if act := _suspension(bond, day):
        since = f" since {begin}" if (begin := act.begin or act.on) else ""
        return Judgement("suspended", f"held without effect{since}", (act.iri,))
    if bond.begin and day < bond.begin:
        return Judgement("pending", f"its period begins on {bond.begin}")
    return Judgement("active", f"in effect since {bond.begin}" if bond.begin else "in effect")


def breached_on(bond: Bond) -> date | None:
    """The first day on which the position counts as violated, as all acts on record have it."""
    days = {act.on for act in bond.acts.get("violates", []) if act.on}
    if bond.forbids:
        days |= {done.on for done in bond.done}
    if bond.obliges and bond.due:
        last = [bond.due, *(act.due for act in bond.acts.get("extends", []) if act.due)]
        days |= {due + timedelta(days=1) for due in last}
    return next((day for day in sorted(days) if state_on(bond, day).state == "violated"), None)


def _done(bond: Bond, effect: str, day: date) -> list[Act]:
    return [act for act in bond.acts.get(effect, []) if act.on and act.on <= day]


def _suspension(bond: Bond, day: date) -> Act | None:
    return next((act for act in bond.acts.get("suspends", []) if act.holds(day)), None)


def _in_period(bond: Bond, day: date) -> bool:
    return (bond.begin is None or bond.begin <= day) and (bond.end is None or day < bond.end)


def read_acts(graph: "KnowledgeGraph", targets: Sequence[Term] | None = None) -> dict[str, list[Act]]:
    """The acts that do something to legal positions, by target, in the order of dates; all, or those on `targets`."""
    return graph.memo("acts", lambda: _read(graph, None)) if targets is None else _read(graph, targets)


def _read(graph: "KnowledgeGraph", targets: Sequence[Term] | None) -> dict[str, list[Act]]:
    parts: dict[tuple[str, str, str], list[Row]] = {}
    for row in graph.rows("effects", targets=targets):
        key = (str(text(row, "act")), str(text(row, "effect")), str(text(row, "target")))
        parts.setdefault(key, []).append(row)
    acts: dict[str, list[Act]] = {}
    for (iri, effect, target), rows in parts.items():
        first = rows[0]
        act = Act(
            iri=iri,
            effect=ontology.slug_of(effect),
            on=date_of(first, "date"),
            begin=date_of(first, "from"),
            end=date_of(first, "until"),
            due=date_of(first, "due"),
            actors=frozenset(value for row in rows if (value := text(row, "actor"))),
        )
        acts.setdefault(target, []).append(act)
    for found in acts.values():
        found.sort(key=lambda act: (act.on or act.begin or date.min, act.iri))
    return acts


def read_open(graph: "KnowledgeGraph") -> dict[str, list[Act]]:
    """The open points that legal positions and qualifications rest on, by their IRI."""
    return graph.memo("open", lambda: _read_open(graph))


def _read_open(graph: "KnowledgeGraph") -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = {}
    left: set[Term] = set()
    for row in graph.rows("open-points"):
        # What rests on a table's unknown row rests on it whenever it is asked.
        itself = row["ground"] == row["open"]
        days = (None, None, None) if itself else (date_of(row, "date"), date_of(row, "from"), date_of(row, "until"))
        point = Act(str(text(row, "open")), "unsettles", *days, None, frozenset())
        found.setdefault(str(text(row, "ground")), []).append(point)
        left.add(row["ground"])
    while left:
        rows = graph.rows("resting-on", nodes=sorted(left, key=str))
        left = set()
        for row in rows:
            points = found.setdefault(str(text(row, "node")), [])
            new = [point for point in found[str(text(row, "ground"))] if point not in points]
            points += new
            if new:
                left.add(row["node"])
    return found


class Deeds:
    """What was done, by whom and to what."""

    def __init__(self, graph: "KnowledgeGraph", actors: Sequence[Term] | None = None) -> None:
        """Read everything done, or only what some `actors` did."""
        self._actions = read_actions(graph)
        self._done: dict[tuple[str, str], list[Done]] = {}
        for row in graph.rows("done-acts", actors=actors):
            if on := date_of(row, "date"):
                done = Done(str(text(row, "act")), str(text(row, "action")), on, text(row, "counterparty"))
                self._done.setdefault((str(text(row, "actor")), str(text(row, "object"))), []).append(done)

    def of(self, bearer: str, action: str | None, thing: str | None, counterparty: str | None = None) -> list[Done]:
        """What the bearer did to the thing that is the action or a kind of it, towards the counterparty or anybody."""
        if thing is None or (found := self._done.get((bearer, thing))) is None or action is None:
            return []
        return [
            done
            for done in found
            if self._actions.is_kind(done.action, action)
            and (counterparty is None or done.counterparty in (None, counterparty))
        ]


def read_deeds(graph: "KnowledgeGraph") -> Deeds:
    """What was done, as the graph has it now."""
    return graph.memo("deeds", lambda: Deeds(graph))


def concerning(
    graph: "KnowledgeGraph", bearers: Iterable[str], targets: Iterable[str]
) -> tuple[dict[str, list[Act]], Deeds]:
    """The acts on the targets, and what the bearers did; where they are many, all there is, kept until a change."""
    parties, aims = sorted(set(bearers)), sorted(set(targets))
    if len(parties) + len(aims) > _MANY:
        return read_acts(graph), read_deeds(graph)
    return read_acts(graph, [node(iri) for iri in aims]), Deeds(graph, [node(iri) for iri in parties])


def coverage(graph: "KnowledgeGraph") -> dict[str, date]:
    """The last day that the sources of each norm's graph cover, by norm."""
    return graph.memo("coverage", lambda: _coverage(graph))


def _coverage(graph: "KnowledgeGraph") -> dict[str, date]:
    until = {text(row, "graph"): date_of(row, "until") for row in graph.rows("coverage")}
    return {
        str(text(row, "norm")): last for row in graph.rows("norm-graphs") if (last := until.get(text(row, "graph")))
    }


def acts_on(
    acts: Mapping[str, list[Act]], targets: Iterable[str], bearer: str, open_: Iterable[Act] = ()
) -> dict[str, list[Act]]:
    """The acts that concern a position of `bearer` through any of its `targets`, and its open points, by effect.

    Only the bearer's own acts fulfil or violate; an act without an actor is taken as the bearer's.
    """
    found: dict[str, list[Act]] = {"unsettles": list(open_)} if open_ else {}
    for target in targets:
        for act in acts.get(target, []):
            if act.effect not in ("fulfils", "violates") or not act.actors or bearer in act.actors:
                found.setdefault(act.effect, []).append(act)
    for group in found.values():
        group.sort(key=lambda act: (act.on or act.begin or date.min, act.iri))
    return found
