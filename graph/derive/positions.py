"""What one rule gives: its solutions become legal positions or qualifications, each with its time and its grounds."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.derive.periods import Period, end_of
from graph.derive.rules import CASE, CLOCK, Exemption, Query, Rule
from graph.derive.spans import ALWAYS, Dates, Span, Timetable
from graph.errors import BadData, BadQuery
from graph.store import EmbeddedStore
from graph.terms import Row, Term, date_of, day, node

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: Some terms of a case by name; a rule can be applied anew to the cases that have them.
Key = tuple[tuple[str, Term], ...]
_NOT_PREMISES: Final = frozenset((*CASE, *CLOCK))
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Derived:
    """A legal position, or a qualification, before it is written."""

    name: ox.NamedNode
    rule: Rule
    case: Key
    span: Span
    start: date | None
    due: date | None
    arises: date | None
    premises: frozenset[Term]
    breached: date | None = None

    def joined(self, other: "Derived | None") -> "Derived":
        """The same on two grounds is one, with the premises of both, as long as either ground holds."""
        if other is None:
            return self
        ends = (self.span.end, other.span.end)
        end = None if None in ends else max(day for day in ends if day)
        first = min((day for day in (self.arises, other.arises) if day), default=None)
        return replace(self, span=Span(self.span.begin, end), arises=first, premises=self.premises | other.premises)

    def quads(self) -> Iterator[ox.Quad]:
        """What the derived graph says of it."""
        graph, name = _DERIVED, self.name
        for predicate, value in _heading(self.rule):
            yield ox.Quad(name, predicate, value, graph)
        for part, term in self.case:
            yield ox.Quad(name, _property(part), term, graph)
        for part, when in (
            ("arises", self.arises),
            ("start", self.start),
            ("due", self.due),
            ("validFrom", self.span.begin),
            ("validUntil", self.span.end),
            ("breached", self.breached),
        ):
            if when is not None:
                yield ox.Quad(name, _property(part), _day(when), graph)
        for premise in self.premises:
            yield ox.Quad(name, _FROM, premise, graph)


@dataclass
class _Lifts:
    """The solutions of an exception by the variables it shares with the condition."""

    shared: tuple[str, ...]
    by_key: dict[tuple[Term, ...], list[tuple[Row, Span]]] = field(default_factory=dict)
    loose: list[tuple[Row, Span]] = field(default_factory=list)

    def add(self, row: Row, span: Span) -> None:
        """Take up a solution, for the days on which it lifts."""
        if all(name in row for name in self.shared):
            self.by_key.setdefault(tuple(row[name] for name in self.shared), []).append((row, span))
        else:
            self.loose.append((row, span))

    def of(self, row: Row) -> Iterable[tuple[Row, Span]]:
        """The solutions that agree with a case."""
        if all(name in row for name in self.shared):
            exact = self.by_key.get(tuple(row[name] for name in self.shared), [])
            return exact if not self.loose else [*exact, *(lift for lift in self.loose if self._agree(row, lift[0]))]
        every = [lift for lifts in self.by_key.values() for lift in lifts] + self.loose
        return [lift for lift in every if self._agree(row, lift[0])]

    def _agree(self, row: Row, other: Row) -> bool:
        return all(row[name] == other[name] for name in self.shared if name in row and name in other)


def apply(
    graph: "KnowledgeGraph", rule: Rule, timetable: Timetable, keys: Sequence[Key] | None = None
) -> dict[ox.NamedNode, Derived]:
    """What the rule gives now, by name; of the cases with one of the `keys` only, where there are any.

    `BadData` names a rule that cannot be run, or binds no party.
    """
    rows = solutions(graph, rule, rule.query, keys)
    found: dict[ox.NamedNode, Derived] = {}
    if not rows:
        return found
    lifts = _lifts(graph, rule, timetable, keys)
    dates = timetable.read({term for row in rows for term in premises_of(row)})
    for row in rows:
        for derived in _of_case(rule, row, lifts, dates):
            found[derived.name] = derived.joined(found.get(derived.name))
    return found


def lifts_of(
    graph: "KnowledgeGraph", rule: Rule, case: Key, premises: Iterable[Term]
) -> list[tuple[Exemption, list[tuple[Row, Span]]]]:
    """Every exception of the rule with its solutions for one case, and the days on which each lifts the rule."""
    terms, grounds, timetable = dict(case), set(premises), Timetable(graph)
    found = []
    for exception in rule.exceptions:
        rows = solutions(graph, rule, exception.query, [case])
        dates = timetable.read({term for row in rows for term in premises_of(row)})
        shared = {name[1:] for name in rule.query.pattern.variables} - set(CLOCK)
        fitting = []
        for row in rows:
            span = lift_span(exception, rule, row, dates)
            agrees = all(
                terms.get(n, row[n]) == row[n] if n in CASE else row[n] in grounds for n in shared & row.keys()
            )
            if agrees and span is not None and not span.empty:
                fitting.append((row, span))
        found.append((exception, fitting))
    return found


def solutions(graph: "KnowledgeGraph", rule: Rule, query: Query, keys: Sequence[Key] | None = None) -> list[Row]:
    """The solutions of one query of a rule; `BadData` names the rule where they are none it can use."""
    if isinstance(graph.store, EmbeddedStore) and not all(graph.store.says(*pair) for pair in query.needed):
        return []
    text = query.runnable if keys is None else query.narrowed(_values(query, keys))
    try:
        rows = graph.store.select(text, graph.scope())
    except BadQuery as error:
        raise BadData(f"The condition of {rule.name} <{rule.iri}> cannot be run: {error.detail}") from None
    if query is rule.query and not rule.test:
        party = "bearer" if rule.modality else "subject"
        if any(not isinstance(row.get(party), ox.NamedNode) for row in rows):
            raise BadData(f"The condition of {rule.name} <{rule.iri}> does not bind ?{party} to a party or thing.")
        for name in CASE:
            if any(isinstance(row.get(name), ox.BlankNode) for row in rows):
                raise BadData(f"{rule.name} <{rule.iri}> binds ?{name} to something without a name. Give it an IRI.")
    return rows


def premises_of(row: Row) -> list[Term]:
    """The nodes a solution rests on: everything projected beyond the parties, the object and the clock."""
    return [term for name, term in row.items() if name not in _NOT_PREMISES and isinstance(term, ox.NamedNode)]


def named(rule: Rule, case: Key, start: date | None, begin: date | None) -> ox.NamedNode:
    """A readable IRI that is a function of the rule, the case and the first day."""
    parts = "\n".join((rule.iri, *(f"{name}={term}" for name, term in case), str(start), str(begin)))
    slug = ontology.slug_of(rule.iri).removeprefix("norm-").removeprefix("definition-")
    kind = "position" if rule.modality else "qualification"
    return node(f"{ontology.BASE}{kind}/{slug}-{hashlib.sha256(parts.encode()).hexdigest()[:10]}")


def lift_span(exception: Exemption, rule: Rule, row: Row, dates: dict[Term, Dates]) -> Span | None:
    """The days on which a solution of an exception lifts the rule; ``None`` for no day."""
    span = ALWAYS
    if exception.period:
        end = _end(rule, exception.period, date_of(row, "start"))
        if end is None:
            return None
        span = Span(end + _DAY, None)
    return _holding(span, row, premises_of(row), dates)


def _lifts(graph: "KnowledgeGraph", rule: Rule, timetable: Timetable, keys: Sequence[Key] | None) -> list[_Lifts]:
    found = []
    for exception in rule.exceptions:
        rows = solutions(graph, rule, exception.query, keys)
        dates = timetable.read({term for row in rows for term in premises_of(row)})
        common = set(rule.query.pattern.variables) & set(exception.query.pattern.variables)
        lifts = _Lifts(tuple(sorted(name[1:] for name in common if name[1:] not in CLOCK)))
        for row in rows:
            span = lift_span(exception, rule, row, dates)
            if span is not None and not span.empty:
                lifts.add(row, span)
        found.append(lifts)
    if rule.yields_to:
        lifts = _Lifts(("bearer", "object") if "?object" in rule.query.pattern.variables else ("bearer",))
        bearers = sorted({term for key in keys for name, term in key if name == "bearer"}, key=str) if keys else None
        rows = graph.rows("prevailing", norms=[node(norm) for norm in rule.yields_to], bearers=bearers or None)
        dates = timetable.read({row["position"] for row in rows})
        for row in rows:
            lifts.add(row, dates[row["position"]].span if row["position"] in dates else ALWAYS)
        found.append(lifts)
    return found


def _of_case(rule: Rule, row: Row, lifts: list[_Lifts], dates: dict[Term, Dates]) -> Iterator[Derived]:
    """What one case gives: one for each stretch of days that the exceptions leave of its period."""
    premises, start = premises_of(row), date_of(row, "start")
    span = _holding(rule.span, row, premises, dates, start if rule.repairs else None)
    if span is None or span.empty:
        return
    left, ending = [span], frozenset[Term]()
    for group in lifts:
        for lift, holds in group.of(row):
            left = [part for stretch in left for part in stretch.without(holds)]
            ending = ending.union(premises_of(lift))
    due = _end(rule, rule.period, start)
    if due and rule.modality == _PROHIBITION:
        standstill = Span(None, due + _DAY)
        left, due = [stretch.meet(standstill) for stretch in left], None
    known = [rule.made, *(dates[p].known for p in premises if p in dates)]
    if not rule.query.looks_ahead and (rule.period is None or rule.period.amount > 0):
        known.append(start)
    arises = max((day for day in known if day), default=None)
    case = tuple((name, row[name]) for name in CASE if name in row)
    grounds = ending.union(premises)
    for stretch in left:
        if not stretch.empty:
            name = named(rule, case, start, stretch.begin)
            yield Derived(name, rule, case, stretch, start, due, arises, grounds)


def _holding(
    span: Span, row: Row, premises: list[Term], dates: dict[Term, Dates], breached: date | None = None
) -> Span | None:
    """The days of `span` on which all premises hold.

    Where the law looks at one day (``?on``), all must hold on that day, and none cuts the period. What answers a breach
    begins with it, and lasts although the breached position ends.
    """
    on = date_of(row, "on")
    if on is not None:
        holds = span.holds(on) and all(dates[p].span.holds(on) for p in premises if p in dates)
        return ALWAYS if holds else None
    for premise in premises:
        if premise in dates:
            answered = breached and is_position(premise)
            span = span.meet(Span(breached, None) if answered else dates[premise].span)
    return span


def _end(rule: Rule, period: Period | None, start: date | None) -> date | None:
    if start is None or period is None:
        return None
    try:
        return end_of(start, period, rule.country or "")
    except (OverflowError, ValueError):
        raise BadData(f"The period of {rule.name} <{rule.iri}> ({period} from {start}) ends on no day.") from None


def _values(query: Query, keys: Sequence[Key]) -> str:
    """The VALUES that keep a query to the cases with these keys, as far as its own triples bind their terms."""
    names = [name for name in query.free if any(part == name for part, _ in keys[0])]
    if not names:
        return ""
    rows = sorted({" ".join(str(dict(key).get(name, "UNDEF")) for name in names) for key in keys})
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(f'({row})' for row in rows)} }}"


def is_position(term: Term) -> bool:
    """Whether the term names a legal position."""
    return isinstance(term, ox.NamedNode) and term.value.startswith(f"{ontology.BASE}position/")


@cache
def _heading(rule: Rule) -> list[tuple[ox.NamedNode, ox.NamedNode]]:
    """What everything that the rule gives has in common."""
    kind = "vin:LegalPosition" if rule.modality else "vin:Qualification"
    values = [
        ("rdf:type", ontology.iri(kind)),
        ("vin:norm", rule.iri),
        ("vin:modality", rule.modality),
        ("vin:action", rule.action),
        ("vin:concept", rule.concept),
        ("vin:market", ontology.market_iri(rule.country) if rule.country else None),
    ]
    return [(node(ontology.iri(name)), node(value)) for name, value in values if value]


@cache
def _property(name: str) -> ox.NamedNode:
    return node(ontology.iri(f"vin:{name}"))


@cache
def _day(value: date) -> ox.Literal:
    return day(value)


_DERIVED: Final = node(ontology.DERIVED_GRAPH)
_FROM: Final = node(ontology.iri("prov:wasDerivedFrom"))
_PROHIBITION: Final = ontology.iri("vin:Prohibition")
