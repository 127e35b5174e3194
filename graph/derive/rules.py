"""Rules as they are read from the store: norms, definitions and ownership tests, with the time of their provisions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, TypeVar

import pyoxigraph as ox

import ontology
from graph.derive.periods import UNITS, Period
from graph.derive.spans import Span
from graph.errors import BadData, BadQuery
from graph.sparql.pattern import Select
from graph.sparql.reader import read_select
from graph.sparql.text import inspect
from graph.store import EmbeddedStore
from graph.terms import Row, date_of, decimal_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_T = TypeVar("_T")
#: What identifies a case: the parties and the object of a norm, what a definition is about.
CASE: Final = ("bearer", "counterparty", "subject", "object")
#: What a condition may project beside its case and its premises: the clock, and the day that selects the version.
CLOCK: Final = ("start", "on")
_PLANNED: Final = frozenset(f"<{ontology.iri(name)}>" for name in ("vin:signing", "vin:closing"))


@dataclass(frozen=True)
class Query:
    """The SELECT of a rule as its author wrote it."""

    text: str

    @property
    def runnable(self) -> str:
        """The text with the ontology's prefixes."""
        return with_prefixes(self.text)

    @cached_property
    def pattern(self) -> Select:
        """The text as a tree."""
        return read_select(self.text)

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The parts of the case that triples bind, so that a value can be put in from outside."""
        inside = {name for part in self.pattern.group.triples() for name in (part.subject, part.object)}
        return tuple(n for n in CASE if f"?{n}" in inside and f"?{n}" not in self.pattern.fixed)

    @cached_property
    def needed(self) -> tuple[tuple[ox.NamedNode, ox.NamedNode | None], ...]:
        """Predicates, with their objects where those are named, without which there is no solution."""
        plain = [t for t in self.pattern.group.triples() if t.plain and t.predicates and not self.pattern.aggregates]
        return tuple({(_iri(t.predicates[0]), _iri(t.object) if t.object.startswith("<") else None) for t in plain})

    @cached_property
    def looks_ahead(self) -> bool:
        """Whether its clock is the signing or closing of a deal, which is known before it comes."""
        return any(
            occurrence.triple.object == "?start" and not _PLANNED.isdisjoint(occurrence.triple.predicates)
            for occurrence in self.pattern.occurrences()
        )

    def narrowed(self, clause: str) -> str:
        """The runnable text with a clause put before its first pattern."""
        return with_prefixes(self.pattern.narrowed(clause))


def _iri(written: str) -> ox.NamedNode:
    return node(written[1:-1])


@dataclass(frozen=True)
class Exemption:
    """A query whose solutions lift a rule, from the end of a period on where it has one."""

    iri: str
    query: Query
    period: Period | None


@dataclass(frozen=True)
class ShareTest:
    """The numbers of an ownership test."""

    at_least: Decimal | None
    more_than: Decimal | None
    tracing: str

    def met(self, share: Decimal) -> bool:
        """Whether a share in percent meets the test."""
        return (self.at_least is None or share >= self.at_least) and (self.more_than is None or share > self.more_than)


@dataclass(frozen=True)
class Rule:
    """One norm, definition or ownership test, ready to be applied."""

    iri: str
    modality: str | None
    action: str | None
    concept: str | None
    query: Query
    exceptions: tuple[Exemption, ...]
    #: The norms that prevail over it where both apply.
    yields_to: tuple[str, ...]
    #: The norms whose breach it answers.
    repairs: tuple[str, ...]
    test: ShareTest | None
    period: Period | None
    country: str | None
    made: date | None
    span: Span
    #: The provision, and what it is part of.
    chain: tuple[str, ...]

    @property
    def name(self) -> str:
        """How errors call it."""
        return ontology.slug_of(self.iri)

    @property
    def queries(self) -> list[Query]:
        """Its condition and those of its exceptions."""
        return [self.query, *(exception.query for exception in self.exceptions)]


@dataclass(frozen=True)
class Resource:
    """An instrument or provision with its own dates."""

    iri: str
    parent: str | None
    country: str | None
    made: date | None
    in_force: date | None
    applicable: date | None
    ended: date | None


def read_rules(graph: "KnowledgeGraph") -> list[Rule]:
    """Every rule of the world; `BadData` names a rule whose queries, period or numbers cannot be used."""
    resources = read_resources(graph)
    exceptions: dict[str, list[Exemption]] = {}
    for row in graph.rows("exceptions"):
        rule = str(text(row, "rule"))
        found = Exemption(row["exception"].value, _query(rule, row), _period(rule, row))  # type: ignore[union-attr]
        exceptions.setdefault(rule, []).append(found)
    links: dict[tuple[str, str], list[str]] = {}
    for row in graph.rows("rule-links"):
        link = ontology.slug_of(str(text(row, "link")))
        links.setdefault((str(text(row, "other")), link), []).append(str(text(row, "rule")))
    rules: dict[str, Rule] = {}
    for row in graph.rows("rules"):
        iri = str(text(row, "rule"))
        if iri in rules:
            continue
        chain = chain_of(resources, str(text(row, "statedIn")))
        rules[iri] = Rule(
            iri=iri,
            modality=text(row, "modality"),
            action=text(row, "action"),
            concept=text(row, "concept"),
            query=_query(iri, row),
            exceptions=tuple(exceptions.get(iri, ())),
            yields_to=tuple(links.get((iri, "overrides"), []) + links.get((iri, "specialises"), [])),
            repairs=tuple(links.get((iri, "reparation"), [])),
            test=_share_test(row),
            period=_period(iri, row),
            country=country_of(chain),
            made=_first(r.made or r.in_force for r in chain),
            span=Span(
                date_of(row, "from") or _first(r.applicable or r.in_force or r.made for r in chain),
                min((d for d in (date_of(row, "until"), *(r.ended for r in chain)) if d), default=None),
            ),
            chain=tuple(resource.iri for resource in chain),
        )
    return list(rules.values())


def read_resources(graph: "KnowledgeGraph") -> dict[str, Resource]:
    """Every instrument and provision of the world by IRI."""
    return graph.memo("resources", lambda: _read_resources(graph))


def _read_resources(graph: "KnowledgeGraph") -> dict[str, Resource]:
    return {
        str(text(row, "resource")): Resource(
            iri=str(text(row, "resource")),
            parent=text(row, "parent"),
            country=text(row, "country"),
            made=date_of(row, "made"),
            in_force=date_of(row, "inForce"),
            applicable=date_of(row, "applicable"),
            ended=date_of(row, "ended"),
        )
        for row in graph.rows("resources")
    }


def chain_of(resources: dict[str, Resource], iri: str) -> list[Resource]:
    """The resource and all it is part of, innermost first; a provision's own dates so come before its instrument's."""
    chain: list[Resource] = []
    current: str | None = iri
    while current and current in resources and resources[current] not in chain:
        chain.append(resources[current])
        current = resources[current].parent
    return chain


def country_of(chain: Iterable[Resource]) -> str | None:
    """Whose law it is (ISO 3166-1), as the innermost that says so has it."""
    return _first(ontology.slug_of(r.country)[-2:].upper() if r.country else None for r in chain)


def runnable(select: str) -> str:
    """The text of a declared query with the ontology's prefixes; `BadQuery` where it would leave its scope."""
    return _checked(select).runnable


@cache
def _checked(select: str) -> Query:
    """The query, which the engine has read once, since a rule may be left alone for want of facts."""
    request = inspect(select)
    if request.form != "SELECT" or request.names_dataset or request.names_graph:
        raise BadQuery("A condition is one SELECT without FROM and GRAPH: the engine sets its scope.")
    query = Query(select)
    _ = query.pattern
    EmbeddedStore().select(query.runnable)
    return query


def _query(rule: str, row: Row) -> Query:
    try:
        return _checked(text(row, "select") or "")
    except BadQuery as error:
        raise BadData(f"The condition of {ontology.slug_of(rule)} <{rule}> cannot be used. {error.detail}") from None


def _period(rule: str, row: Row) -> Period | None:
    amount, unit = text(row, "amount"), text(row, "unit")
    if amount is None or unit is None:
        return None
    if unit not in UNITS or not amount.lstrip("-").isdecimal():
        raise BadData(f"The period of the norm {rule} is no whole number of a known unit: {amount} {unit}.")
    return Period(int(amount), UNITS[unit])


def _share_test(row: Row) -> ShareTest | None:
    tracing = text(row, "tracing")
    if tracing is None:
        return None
    return ShareTest(decimal_of(row, "atLeast"), decimal_of(row, "moreThan"), ontology.slug_of(tracing))


def with_prefixes(query: str) -> str:
    """The query behind those of the ontology's prefixes that it may use and does not declare itself.

    They stand on its first line, so that the engine counts lines as its author does.
    """
    missing = (line for name, line in _declarations() if name in query and not _declares(query, name))
    return "".join(missing) + query


def _declares(query: str, name: str) -> bool:
    return "prefix" in query.lower() and re.search(rf"\bPREFIX\s+{name}", query, re.IGNORECASE) is not None


@cache
def _declarations() -> list[tuple[str, str]]:
    return [(f"{name}:", f"PREFIX {name}: <{space}> ") for name, space in ontology.prefixes().items()]


def _first(values: Iterable[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)
