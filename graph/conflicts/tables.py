"""Conflicts that tables and tests of law make: numbers that change on the way, shares that only count together."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import ontology
from graph.conflicts.things import Things
from graph.derive.actions import closure
from graph.derive.law import Law
from graph.derive.rules import Rule
from graph.derive.spans import Span
from graph.read.obligations import Obligation
from graph.read.references import refs
from graph.terms import Row, date_of, decimal_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_CONCEPT: Final = re.compile(r"kind:([\w-]+)")


@dataclass(frozen=True)
class Effect:
    """What a table or test of law does to a thing, why, from which day, and the positions it concerns."""

    about: str
    why: str
    begin: date | None
    positions: list[Obligation]


def changed_tables(graph: "KnowledgeGraph", law: Law, positions: list[Obligation], day: date) -> Iterator[Effect]:
    """Deals that a test of law answers otherwise at their closing than at their signing, as its table changed."""
    rows = [row for row in graph.rows("version-changes") if _under_way(row, day)]
    for rule in law.rules.values() if rows else ():
        asked = [row for row in rows if ontology.slug_of(str(text(row, "concept"))) in _named(rule)]
        met = _met_by(graph, rule, {str(text(row, "deal")) for row in asked})
        turned: dict[str, list[Row]] = defaultdict(list)
        for row in asked:
            deal = str(text(row, "deal"))
            if (text(row, "earlier") in met[deal]) != (text(row, "later") in met[deal]):
                turned[deal].append(row)
        for deal, changes in turned.items():
            named = refs(graph, [deal, rule.iri, *(text(row, "concept") for row in changes)])
            numbers = "; ".join(
                f"{named[str(text(row, 'concept'))].label}: {_number(row, 'old')}, from {text(row, 'from')} on "
                f"{_number(row, 'new')}"
                for row in changes
            )
            why = (
                f"the law changes between the signing and the closing of {named[deal].label}, and with it whether this "
                f"applies: {named[rule.iri].label} ({numbers})"
            )
            touched = [p for p in positions if _about(p, deal) and rule.concept and _asks(law, p, rule.concept)]
            begin = date_of(changes[0], "from")
            yield Effect(f"{deal} {rule.iri}", why, begin, touched)


def _number(row: Row, name: str) -> str:
    number = decimal_of(row, name)
    return f"{number:,f}" if number is not None else "not known"


def changed_norms(law: Law, things: Things, positions: list[Obligation], day: date) -> Iterator[Effect]:
    """Deals that a norm binds which begins between their signing and their closing."""
    for position in positions:
        if position.modality not in ("obligation", "prohibition"):
            continue
        rule = law.rules.get(position.norm.iri)
        way = things.ways.get(position.object.iri) if position.object else None
        begin = rule.span.begin if rule else None
        if (
            begin
            and way
            and way.signing
            and way.day
            and way.signing < begin <= way.day
            and way.signing <= day <= way.day
        ):
            why = f"“{position.norm.label}” begins to apply on {begin}, between signing and closing"
            yield Effect(way.iri, why, begin, [position])


def summed_shares(graph: "KnowledgeGraph", law: Law, positions: list[Obligation], day: date) -> Iterator[Effect]:
    """Positions that stand only because the shares of several holders are added up, none of whom meets a test alone."""
    held: dict[str, list[Row]] = {}
    for row in graph.rows("summed-shares"):
        if Span(date_of(row, "from"), date_of(row, "until")).holds(day):
            held.setdefault(f"{text(row, 'subject')} {text(row, 'concept')}", []).append(row)
    for rows in held.values():
        if any(_alone(law, row) for row in rows):
            continue
        subject, concept = (str(text(rows[0], name)) for name in ("subject", "concept"))
        why = (
            f"{ontology.slug_of(subject)} is {ontology.slug_of(concept)} only because the shares of several holders "
            "are added up; a test that looks at each holder is not met"
        )
        for position in positions:
            if _concerns(position, subject) and _asks(law, position, concept):
                yield Effect(f"{subject}{concept}", why, None, [position])


def _alone(law: Law, row: Row) -> bool:
    """Whether the one holding meets the test."""
    rule, share = law.rules.get(str(text(row, "rule"))), decimal_of(row, "share")
    return rule is not None and rule.test is not None and share is not None and rule.test.met(share)


def _under_way(row: Row, day: date) -> bool:
    signing, closing = date_of(row, "signing"), date_of(row, "closing")
    return signing is not None and closing is not None and signing <= day <= closing


def _met_by(graph: "KnowledgeGraph", rule: Rule, deals: set[str]) -> dict[str, set[str]]:
    """The nodes by which the condition of the rule holds for each deal; rows of tables whatever their time."""
    found: dict[str, set[str]] = defaultdict(set)
    part = next((name for name in ("subject", "object") if name in rule.query.free), None)
    if part is None or not deals:
        return found
    asked = rule.query.narrowed(f"VALUES ?{part} {{ {' '.join(str(node(deal)) for deal in sorted(deals))} }}")
    for row in graph.store.select(asked, graph.scope()):
        found[str(text(row, part))].update(value for name in row if (value := text(row, name)))
    return found


def _asks(law: Law, position: Obligation, concept: str) -> bool:
    """Whether the norm of the position asks for the concept, itself or through a definition."""
    asking: dict[str, set[str]] = defaultdict(set)
    for rule in law.rules.values():
        for name in _named(rule) if rule.concept else ():
            asking[name].add(ontology.slug_of(rule.concept or ""))
    own = law.rules.get(position.norm.iri)
    return own is not None and not _named(own).isdisjoint(closure([ontology.slug_of(concept)], asking))


def _named(rule: Rule) -> set[str]:
    """The concepts that the condition names."""
    return set(_CONCEPT.findall(rule.query.text))


def _about(position: Obligation, deal: str) -> bool:
    return position.object is not None and position.object.iri == deal


def _concerns(position: Obligation, thing: str) -> bool:
    return any(
        part is not None and part.iri == thing for part in (position.bearer, position.counterparty, position.object)
    )
