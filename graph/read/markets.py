"""Markets: whose law applies there, by which authorities, and who is bound on a day."""

from datetime import date
from typing import TYPE_CHECKING

import ontology
from graph.errors import NotFound
from graph.read.entities import Entity, entities
from graph.read.instruments import Rule, rules
from graph.read.obligations import Obligation, obligations
from graph.read.references import Ref, refs

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Market(Ref):
    """A market by its ISO 3166-1 code."""

    code: str


class MarketDetail(Market):
    """A market with its instruments made by the day, its authorities, and the legal positions under its law."""

    as_of: date
    rules: list[Rule]
    authorities: list[Entity]
    obligations: list[Obligation]


def markets(graph: "KnowledgeGraph") -> list[Market]:
    """The markets the knowledge covers."""
    return [_market(graph, code) for code in ontology.MARKETS]


def market(graph: "KnowledgeGraph", code: str, as_of: date) -> MarketDetail:
    """One market on a day; `NotFound` for a code that is not covered."""
    known = code.upper().removeprefix("MARKET-")
    if known not in ontology.MARKETS:
        raise NotFound(f"There is no market {code!r}. The markets are {', '.join(ontology.MARKETS)}.", id=code)
    return MarketDetail(
        **_market(graph, known).model_dump(),
        as_of=as_of,
        rules=[rule for rule in rules(graph, as_of, known) if rule.status.made],
        authorities=entities(graph, kind="authority", market=known),
        obligations=obligations(graph, as_of, market=known),
    )


def _market(graph: "KnowledgeGraph", code: str) -> Market:
    iri = ontology.market_iri(code)
    return Market(**{**refs(graph, [iri])[iri].model_dump(), "type": "market"}, code=code)
