"""Deriving the legal positions of the world: the conditions run in the store, the results become the derived graph."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyoxigraph as ox

import ontology
from graph.derive.norms import Norm, read_norms
from graph.derive.periods import end_of
from graph.errors import BadData, BadQuery
from graph.store import EVERYTHING, Dataset
from graph.terms import Row, Term, date_of, day, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_CASE = ("bearer", "counterparty", "object")


@dataclass(frozen=True)
class Span:
    """A half-open period; an open end is unknown or has not come."""

    begin: date | None
    end: date | None

    def meet(self, other: "Span") -> "Span":
        """The days in both."""
        return Span(_later(self.begin, other.begin), _earlier(self.end, other.end))

    def without(self, other: "Span") -> list["Span"]:
        """What is left of these days without those of the other: nothing, one stretch, or two."""
        before = Span(self.begin, _earlier(self.end, other.begin)) if other.begin else None
        after = Span(_later(self.begin, other.end), self.end) if other.end else None
        return [part for part in (before, after) if part and not part.empty]

    @property
    def empty(self) -> bool:
        """Whether no day is in it."""
        return self.begin is not None and self.end is not None and self.begin >= self.end


def derive(graph: "KnowledgeGraph") -> None:
    """Bring the derived graph in line with what the norms give now."""
    gone, new = difference(graph)
    if gone or new:
        graph.store.amend(gone, new)


def difference(graph: "KnowledgeGraph") -> tuple[set[ox.Quad], set[ox.Quad]]:
    """The quads that the derived graph has too many and too few.

    `BadData` names the norm whose condition or period cannot be used.
    """
    place = node(ontology.DERIVED_GRAPH)
    before = {
        ox.Quad(triple.subject, triple.predicate, triple.object, place)
        for triple in graph.store.construct(EVERYTHING, Dataset((place.value,)))
    }
    now = {*(quad for position in _positions(graph) for quad in position.quads()), *_description()}
    return before - now, now - before


def _positions(graph: "KnowledgeGraph") -> "Iterable[_Position]":
    cases = [(norm, row) for norm in read_norms(graph) for row in _solutions(graph, norm, norm.condition)]
    exceptions = {
        (norm.iri, n): list(_solutions(graph, norm, query))
        for norm in {norm.iri: norm for norm, _ in cases}.values()
        for n, query in enumerate(norm.exceptions)
    }
    every = [row for _, row in cases] + [row for rows in exceptions.values() for row in rows]
    spans = _spans(graph, {term for row in every for term in _premises(row)})
    found: dict[ox.NamedNode, _Position] = {}
    for norm, row in cases:
        excepted = [e for n in range(len(norm.exceptions)) for e in exceptions[norm.iri, n] if _same_case(row, e)]
        for position in _of_case(norm, row, excepted, spans):
            found[position.name] = position.joined(found.get(position.name))
    return found.values()


@dataclass(frozen=True)
class _Position:
    """A legal position before it is written."""

    norm: Norm
    case: tuple[tuple[str, Term], ...]
    span: Span
    start: date | None
    due: date | None
    arises: date | None
    premises: frozenset[Term]

    @property
    def name(self) -> ox.NamedNode:
        """A readable IRI that is a function of the norm, the case and the first day."""
        parts = "\n".join(map(str, (self.norm.iri, *(f"{n}={t}" for n, t in self.case), self.start, self.span.begin)))
        slug = ontology.slug_of(self.norm.iri).removeprefix("norm-")
        return node(f"{ontology.BASE}position/{slug}-{hashlib.sha256(parts.encode()).hexdigest()[:10]}")

    def joined(self, other: "_Position | None") -> "_Position":
        """The same position on two grounds is one, with the premises of both, as long as either ground holds."""
        if other is None:
            return self
        ends = (self.span.end, other.span.end)
        end = None if None in ends else max(day for day in ends if day)
        first = min((day for day in (self.arises, other.arises) if day), default=None)
        premises = self.premises | other.premises
        return replace(self, span=Span(self.span.begin, end), arises=first, premises=premises)

    def quads(self) -> Iterator[ox.Quad]:
        """What the derived graph says of it."""
        graph, norm = node(ontology.DERIVED_GRAPH), self.norm
        properties: list[tuple[str, Term | None]] = [
            ("rdf:type", node(ontology.iri("vin:LegalPosition"))),
            ("vin:norm", node(norm.iri)),
            ("vin:modality", node(norm.modality)),
            ("vin:action", node(norm.action)),
            *((f"vin:{name}", term) for name, term in self.case),
            ("vin:arises", _day(self.arises)),
            ("vin:start", _day(self.start)),
            ("vin:due", _day(self.due)),
            ("vin:validFrom", _day(self.span.begin)),
            ("vin:validUntil", _day(self.span.end)),
            ("dpv:hasJurisdiction", node(ontology.market_iri(norm.country)) if norm.country else None),
            *(("prov:wasDerivedFrom", premise) for premise in sorted(self.premises, key=str)),
        ]
        for name, value in properties:
            if value is not None:
                yield ox.Quad(self.name, node(ontology.iri(name)), value, graph)


def _solutions(graph: "KnowledgeGraph", norm: Norm, query: str) -> list[Row]:
    try:
        rows = graph.store.select(query, graph.world(derived=False))
    except BadQuery as error:
        raise BadData(f"The condition of the norm {norm.iri} cannot be run: {error.detail}") from None
    if any(not isinstance(row.get("bearer"), ox.NamedNode) for row in rows):
        raise BadData(f"The condition of the norm {norm.iri} does not bind ?bearer to a party.")
    return rows


def _of_case(norm: Norm, row: Row, exceptions: list[Row], spans: dict[Term, Span]) -> Iterator[_Position]:
    """The positions of one case: one for each stretch of days that the exceptions leave of its period."""
    premises, start = _premises(row), date_of(row, "start")
    left = [_meet(Span(norm.valid_from, norm.valid_until), premises, spans)]
    ending: set[Term] = set()
    for exception in exceptions:
        holds = _meet(Span(None, None), _premises(exception), spans)
        if not holds.empty:
            left = [part for span in left for part in span.without(holds)]
            ending |= _premises(exception)
    due = _end(norm, start)
    if due and norm.modality == ontology.iri("vin:Prohibition"):
        standstill = Span(None, due + timedelta(days=1))
        left, due = [span.meet(standstill) for span in left], None
    made = [norm.made, start, *(spans[p].begin for p in premises if p in spans)]
    for span in left:
        if not span.empty:
            yield _Position(
                norm=norm,
                case=tuple((name, row[name]) for name in _CASE if name in row),
                span=span,
                start=start,
                due=due,
                arises=max((day for day in made if day), default=None),
                premises=frozenset(premises | ending),
            )


def _end(norm: Norm, start: date | None) -> date | None:
    if start is None or norm.period is None:
        return None
    try:
        return end_of(start, norm.period, norm.country or "")
    except (OverflowError, ValueError):
        raise BadData(f"The period of the norm {norm.iri} ({norm.period} from {start}) ends on no day.") from None


def _meet(span: Span, premises: Iterable[Term], spans: dict[Term, Span]) -> Span:
    for premise in premises:
        span = span.meet(spans.get(premise, Span(None, None)))
    return span


def _premises(row: Row) -> set[Term]:
    """The nodes the case rests on: everything projected beyond the parties, the object and the clock."""
    return {term for name, term in row.items() if name not in (*_CASE, "start") and isinstance(term, ox.NamedNode)}


def _same_case(row: Row, exception: Row) -> bool:
    return all(row[name] == exception[name] for name in _CASE if name in row and name in exception)


def _spans(graph: "KnowledgeGraph", nodes: Iterable[Term]) -> dict[Term, Span]:
    rows = graph.rows("premises", nodes=sorted(nodes, key=str))
    return {row["node"]: Span(date_of(row, "from"), date_of(row, "until")) for row in rows if text(row, "node")}


def _description() -> list[ox.Quad]:
    """What the derived graph says of itself."""
    place = node(ontology.DERIVED_GRAPH)
    title = ox.Literal("Legal positions derived from the norms and facts of the asserted graphs", language="en")
    return [
        ox.Quad(place, node(ontology.iri("rdf:type")), node(ontology.iri("prov:Bundle")), place),
        ox.Quad(place, node(ontology.iri("dcterms:title")), title, place),
    ]


def _day(value: date | None) -> ox.Literal | None:
    return day(value) if value else None


def _later(a: date | None, b: date | None) -> date | None:
    return max(d for d in (a, b) if d) if a or b else None


def _earlier(a: date | None, b: date | None) -> date | None:
    return min(d for d in (a, b) if d) if a or b else None
