"""Norms as they are read from the store, and the valid time they have from their provisions."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import ontology
from graph.derive.periods import UNITS, Period
from graph.errors import BadData, BadQuery
from graph.sparql.text import inspect
from graph.terms import date_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_T = TypeVar("_T")


@dataclass(frozen=True)
class Norm:
    """One rule, ready to be applied."""

    iri: str
    modality: str
    action: str
    condition: str
    exceptions: tuple[str, ...]
    period: Period | None
    country: str | None
    made: date | None
    valid_from: date | None
    valid_until: date | None


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


def read_norms(graph: "KnowledgeGraph") -> list[Norm]:
    """Every norm of the world; `BadData` names a norm whose queries or period cannot be used."""
    resources = read_resources(graph)
    exceptions: dict[str, list[str]] = {}
    for row in graph.rows("exceptions"):
        exceptions.setdefault(str(text(row, "norm")), []).append(_checked(str(text(row, "norm")), text(row, "select")))
    norms = []
    for row in graph.rows("norms"):
        iri = str(text(row, "norm"))
        chain = chain_of(resources, str(text(row, "statedIn")))
        norms.append(
            Norm(
                iri=iri,
                modality=str(text(row, "modality")),
                action=str(text(row, "action")),
                condition=_checked(iri, text(row, "select")),
                exceptions=tuple(exceptions.get(iri, ())),
                period=_period(iri, text(row, "amount"), text(row, "unit")),
                country=_first([ontology.slug_of(r.country)[-2:].upper() if r.country else None for r in chain]),
                made=_first([r.made or r.in_force for r in chain]),
                valid_from=date_of(row, "from") or _first([r.applicable or r.in_force or r.made for r in chain]),
                valid_until=_earliest([date_of(row, "until"), *(r.ended for r in chain)]),
            )
        )
    return norms


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


def runnable(select: str) -> str:
    """The text of a condition or exception with the ontology's prefixes.

    `BadQuery` where it is not one SELECT, or would leave the scope that the engine sets.
    """
    request = inspect(select)
    if request.form != "SELECT" or request.names_dataset or request.names_graph:
        raise BadQuery("A condition is one SELECT without FROM and GRAPH: the engine sets its scope.")
    return "".join(f"PREFIX {name}: <{space}>\n" for name, space in ontology.prefixes().items()) + select


def _checked(norm: str, select: str | None) -> str:
    try:
        return runnable(select or "")
    except BadQuery as error:
        raise BadData(f"The condition of the norm {norm} cannot be used. {error.detail}") from None


def _period(norm: str, amount: str | None, unit: str | None) -> Period | None:
    if amount is None or unit is None:
        return None
    if unit not in UNITS or not amount.lstrip("-").isdecimal():
        raise BadData(f"The period of the norm {norm} is no whole number of a known unit: {amount} {unit}.")
    return Period(int(amount), UNITS[unit])


def _first(values: list[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)


def _earliest(days: list[date | None]) -> date | None:
    return min((day for day in days if day), default=None)
