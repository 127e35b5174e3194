"""Ownership tests: who is owned up to a share by the holders that a law counts.

A sum over a recursion is not what SPARQL can say, so the shares are walked here, on each day on which something
changes, and only as far as the holders' own holdings reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graph.derive.positions import Derived, named, premises_of, solutions
from graph.derive.rules import Rule, ShareTest
from graph.derive.spans import Span, Timetable
from graph.terms import Term, date_of, decimal_of, node

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_WHOLE: Final = Decimal(100)
#: Rounds after which shares in a circle of owners are taken as settled.
_ROUNDS: Final = 64


@dataclass(frozen=True)
class _Holding:
    """One record of ownership."""

    node: Term
    owner: Term
    thing: Term
    share: Decimal
    span: Span


@dataclass
class _Holders:
    """Whose shares are added up, each with its time and what makes it a holder."""

    group: Term | None
    members: list[tuple[Term, Span, frozenset[Term]]] = field(default_factory=list)


def apply_test(graph: "KnowledgeGraph", rule: Rule, timetable: Timetable) -> dict[ox.NamedNode, Derived]:
    """Everything that the ownership test is met by, with the holdings that meet it."""
    if rule.test is None:
        raise ValueError(rule.iri)
    held: dict[Term, list[_Holding]] = defaultdict(list)
    for holding in _holdings(graph):
        held[holding.owner].append(holding)
    found: dict[ox.NamedNode, Derived] = {}
    for holders in _holders(graph, rule, timetable):
        for thing, span, grounds in _met(rule.test, rule.span, holders, held):
            case = (("subject", thing), *((("object", holders.group),) if holders.group is not None else ()))
            known = [day for day in (rule.made, span.begin) if day]
            name = named(rule, case, None, span.begin)
            new = Derived(name, rule, case, span, None, None, max(known, default=None), grounds)
            found[name] = new.joined(found.get(name))
    return found


def _holdings(graph: "KnowledgeGraph") -> Iterator[_Holding]:
    for row in graph.rows("holdings"):
        if (share := decimal_of(row, "share")) is not None:
            span = Span(date_of(row, "from"), date_of(row, "until"))
            yield _Holding(row["node"], row["owner"], row["object"], share, span)


def _holders(graph: "KnowledgeGraph", rule: Rule, timetable: Timetable) -> Iterable[_Holders]:
    """The holders by group; what is stated to count as the concept of the test counts as a holder too."""
    groups: dict[Term | None, _Holders] = {}
    rows = solutions(graph, rule, rule.query)
    dates = timetable.read({term for row in rows for term in _grounds(row)})
    for row in rows:
        grounds, span = _grounds(row), Span(None, None)
        for ground in grounds:
            span = span.meet(dates[ground].span) if ground in dates else span
        group = groups.setdefault(row.get("group"), _Holders(row.get("group")))
        group.members.append((row["holder"], span, frozenset(grounds)))
    if rule.test and rule.test.tracing == "Cascade" and rule.concept:
        for row in graph.rows("stated-qualifications", concept=node(rule.concept)):
            if found := groups.get(row.get("object")):
                span = Span(date_of(row, "from"), date_of(row, "until"))
                found.members.append((row["subject"], span, frozenset((row["node"],))))
    return groups.values()


def _grounds(row: dict[str, Term]) -> list[Term]:
    apart = (row.get("holder"), row.get("group"))
    return [term for term in premises_of(row) if term not in apart]


def _met(
    test: ShareTest, valid: Span, holders: _Holders, held: dict[Term, list[_Holding]]
) -> Iterator[tuple[Term, Span, frozenset[Term]]]:
    """What meets the test through these holders, for each stretch of days, with its grounds."""
    reached = _reached(holders, held, deep=test.tracing != "Direct")
    spans = [valid, *(span for _, span, _ in holders.members), *(holding.span for holding in reached)]
    days = sorted({day for span in spans for day in span if day and valid.holds(day)})
    edges: list[date | None] = [valid.begin if valid.begin else None, *(d for d in days if d != valid.begin)]
    running: dict[Term, tuple[date | None, frozenset[Term]]] = {}
    for begin in edges:
        on = begin or (days[0] if days and days[0] != begin else None)
        now = _on(test, holders, reached, begin, before=on if begin is None else None)
        for thing in [thing for thing in running if thing not in now]:
            since, grounds = running.pop(thing)
            yield thing, Span(since, begin), grounds
        for thing, grounds in now.items():
            since, earlier = running.get(thing, (begin, frozenset()))
            running[thing] = (since, earlier | grounds)
    for thing, (since, grounds) in running.items():
        yield thing, Span(since, valid.end), grounds


def _reached(holders: _Holders, held: dict[Term, list[_Holding]], *, deep: bool) -> list[_Holding]:
    """The holdings of the holders and, where it goes on, of what they hold."""
    found: list[_Holding] = []
    seen = {member for member, _, _ in holders.members}
    left = list(seen)
    while left:
        for holding in held.get(left.pop(), ()):
            found.append(holding)
            if deep and holding.thing not in seen:
                seen.add(holding.thing)
                left.append(holding.thing)
    return found


def _on(
    test: ShareTest, holders: _Holders, reached: list[_Holding], day: date | None, before: date | None
) -> dict[Term, frozenset[Term]]:
    """What meets the test on a day; without one, on the days before the first change."""

    def holds(span: Span) -> bool:
        return (
            span.holds(day)
            if day
            else span.begin is None and (before is None or span.end is None or before <= span.end)
        )

    members: dict[Term, frozenset[Term]] = {}
    for member, span, grounds in holders.members:
        if holds(span):
            members[member] = members.get(member, frozenset()) | grounds
    into: dict[Term, list[_Holding]] = defaultdict(list)
    for holding in reached:
        if holds(holding.span):
            into[holding.thing].append(holding)
    walk = _look_through if test.tracing == "LookThrough" else _cascade
    return walk(test, members, into)


def _cascade(
    test: ShareTest, members: dict[Term, frozenset[Term]], into: dict[Term, list[_Holding]]
) -> dict[Term, frozenset[Term]]:
    """Shares held by holders count in full; unless only direct ones do, what meets the test is a holder too."""
    counted, met = dict(members), dict[Term, frozenset[Term]]()
    changed = True
    while changed:
        changed = False
        for thing, holdings in into.items():
            by = [holding for holding in holdings if holding.owner in counted]
            if thing in met or not by or not test.met(min(_WHOLE, sum((h.share for h in by), Decimal(0)))):
                continue
            met[thing] = frozenset({h.node for h in by}.union(*(counted[h.owner] for h in by)))
            if test.tracing == "Cascade":
                counted.setdefault(thing, met[thing])
                changed = True
    return met


def _look_through(
    test: ShareTest, members: dict[Term, frozenset[Term]], into: dict[Term, list[_Holding]]
) -> dict[Term, frozenset[Term]]:
    """Shares multiply along chains; in circles they are added up until they settle."""
    shares: dict[Term, Decimal] = {}
    grounds: dict[Term, frozenset[Term]] = {}
    for _ in range(_ROUNDS):
        new: dict[Term, Decimal] = {}
        for thing, holdings in into.items():
            by = [h for h in holdings if h.owner in members or shares.get(h.owner)]
            if by:
                parts = (h.share * (Decimal(1) if h.owner in members else shares[h.owner] / _WHOLE) for h in by)
                new[thing] = min(_WHOLE, sum(parts, Decimal(0)))
                behind = (members.get(h.owner) or grounds.get(h.owner, frozenset()) for h in by)
                grounds[thing] = frozenset({h.node for h in by}.union(*behind))
        if all(abs(new[t] - shares.get(t, Decimal(0))) < Decimal("0.000001") for t in new):
            break
        shares = new
    return {thing: grounds[thing] for thing, share in shares.items() if test.met(share)}
