"""In which order rules are applied: a rule comes after those whose results it asks for.

Where a rule asks for what another gives, the other comes first; where more of the one means less of the other (an
exception, something absent, a breach), it must be finished before. Rules that feed each other without that are applied
together until nothing new follows; rules that take back what they rest on are refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import networkx as nx

import ontology
from graph.derive.rules import Query, Rule
from graph.errors import BadData
from graph.sparql.pattern import Triple

_TYPE: Final = "rdf:type"
#: What only derived nodes have.
_MARKS: Final = ("vin:norm", "vin:breached", "vin:arises")
_BREACHED: Final = "vin:breached"


@dataclass(frozen=True)
class Stratum:
    """Rules that are applied together; `recursive` where they feed each other."""

    rules: tuple[Rule, ...]
    recursive: bool


def strata(rules: Iterable[Rule]) -> list[Stratum]:
    """The rules in the order of their application; `BadData` names rules that cannot be ordered."""
    named = {rule.iri: rule for rule in rules}
    needs: nx.DiGraph[str] = nx.DiGraph()
    needs.add_nodes_from(named)
    index = _Index(named.values())
    for rule in named.values():
        for other, adverse in _needed(rule, index, named):
            finished = adverse or needs.get_edge_data(other, rule.iri, {}).get("finished", False)
            needs.add_edge(other, rule.iri, finished=finished)
    order: nx.DiGraph[int] = nx.condensation(needs)
    found: list[Stratum] = []
    for generation in nx.topological_generations(order):
        alone: list[Rule] = []
        for group in sorted(generation, key=lambda n: min(order.nodes[n]["members"])):
            members = sorted(order.nodes[group]["members"])
            inner = [
                needs.edges[a, b]["finished"] for a in members for b in needs[a] if b in order.nodes[group]["members"]
            ]
            if any(inner):
                _refuse(members, named)
            if inner:
                found.append(Stratum(tuple(named[iri] for iri in members), True))
            else:
                alone += [named[iri] for iri in members]
        if alone:
            found.append(Stratum(tuple(alone), False))
    return found


def _refuse(members: list[str], named: dict[str, Rule]) -> None:
    names = ", ".join(f"{named[iri].name} <{iri}>" for iri in members)
    raise BadData(
        f"These rules take back what they rest on: {names}. Each asks whether another one (or itself) does not apply, "
        "is lifted or is breached, so none can be applied first. Let one of them ask for the facts instead, and let "
        "conditions that ask for a qualification name its concept.",
        rules=members,
    )


class _Index:
    """The rules by what they give."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.norms: list[Rule] = []
        self.by_concept: dict[str, list[str]] = {}
        for rule in rules:
            if rule.modality:
                self.norms.append(rule)
            elif rule.concept:
                self.by_concept.setdefault(f"<{rule.concept}>", []).append(rule.iri)

    def concepts(self, constant: str | None) -> Iterator[str]:
        """The definitions of a concept; of all where it is not named."""
        if constant is None:
            for found in self.by_concept.values():
                yield from found
        else:
            yield from self.by_concept.get(constant, ())

    def giving(self, modality: str | None, action: str | None) -> Iterator[str]:
        """The norms of a modality and action, where those are named."""
        for rule in self.norms:
            if modality in (None, f"<{rule.modality}>") and action in (None, f"<{rule.action}>"):
                yield rule.iri


def _needed(rule: Rule, index: _Index, named: dict[str, Rule]) -> Iterator[tuple[str, bool]]:
    """The rules that this one asks for, each with whether it must be finished before."""
    yield from ((other, True) for other in rule.yields_to if other in named)
    for query in rule.queries:
        lifts = query is not rule.query
        for other, adverse in _asked(query, index, named):
            yield other, adverse or lifts
    if rule.test and rule.concept:
        yield from ((other, False) for other in index.concepts(f"<{rule.concept}>") if not named[other].test)


def _asked(query: Query, index: _Index, named: dict[str, Rule]) -> Iterator[tuple[str, bool]]:
    """What the patterns of a query ask of derived nodes."""
    said: dict[str, dict[str, list[str]]] = {}
    adverse: dict[str, bool] = {}
    for occurrence in query.pattern.occurrences():
        triple = occurrence.triple
        for predicate in triple.predicates or ("",):
            said.setdefault(triple.subject, {}).setdefault(predicate, []).append(_constant(triple))
        adverse[triple.subject] = adverse.get(triple.subject, False) or occurrence.adverse
    for subject, properties in said.items():
        kinds = properties.get(_iri(_TYPE), [])
        against = adverse[subject] or _iri(_BREACHED) in properties
        concepts = properties.get(_iri("vin:concept"), [])
        if _iri("vin:Qualification") in kinds or (concepts and not any(kinds) and _iri("vin:subject") in properties):
            for concept in concepts or [""]:
                yield from ((other, against) for other in index.concepts(concept or None))
        norms = [value[1:-1] for value in properties.get(_iri("vin:norm"), []) if value]
        if norms:
            yield from ((other, against) for other in norms if other in named)
        elif _iri("vin:LegalPosition") in kinds or any(_iri(mark) in properties for mark in _MARKS):
            modality = next(iter(properties.get(_iri("vin:modality"), [])), "") or None
            action = next(iter(properties.get(_iri("vin:action"), [])), "") or None
            yield from ((other, against) for other in index.giving(modality, action))


def _constant(triple: Triple) -> str:
    """The object where the pattern names it."""
    return triple.object if triple.plain and triple.object.startswith("<") else ""


def _iri(name: str) -> str:
    return f"<{ontology.iri(name)}>"
