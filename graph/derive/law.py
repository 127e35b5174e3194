"""The law of a graph, read once: its rules in order, and which of their patterns a changed fact can match."""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.derive.rules import CASE, CLOCK, Query, Rule, read_rules
from graph.derive.states import coverage
from graph.derive.strata import Stratum, strata
from graph.sparql.pattern import Occurrence, Triple
from graph.terms import nodes

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


@dataclass(frozen=True, eq=False)
class Pattern:
    """One triple pattern of a rule, and what must be said of its subject there."""

    rule: Rule
    occurrence: Occurrence
    needed: frozenset[str]


@dataclass(frozen=True)
class Ground:
    """A variable of a rule whose node a case rests on: what must be said of it, and a pattern to find its cases by."""

    rule: Rule
    variable: str
    needed: frozenset[str]
    occurrence: Occurrence


class Law:
    """The rules of a graph. It changes only with the rules, their provisions and what their sources cover."""

    def __init__(self, rules: Iterable[Rule], covered: dict[str, date]) -> None:
        self.rules = {rule.iri: rule for rule in rules}
        self.strata: list[Stratum] = strata(self.rules.values())
        #: The last day that the sources of each norm cover.
        self.covered = covered
        self._patterns: dict[str, dict[str, list[Pattern]]] = defaultdict(lambda: defaultdict(list))
        for rule in self.rules.values():
            for query in rule.queries:
                for occurrence in query.pattern.occurrences():
                    needed = _needed(occurrence.triple.subject, occurrence.context)
                    # A step of a path can have any subject.
                    key = _rarest(needed) if occurrence.triple.plain else ""
                    for predicate in occurrence.triple.predicates or ("",):
                        self._patterns[predicate][key].append(Pattern(rule, occurrence, needed))
        #: The norms that give way to each norm.
        self.yielding: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.rules.values():
            for other in rule.yields_to:
                self.yielding[other].append(rule)
        #: By whose dates a case can change, although the condition does not speak of them.
        self.grounds = [
            ground for rule in self.rules.values() for query in rule.queries for ground in _grounds(rule, query)
        ]
        self._own = {*self.rules, *(iri for rule in self.rules.values() for iri in rule.chain)}

    def patterns(self, triple: ox.Triple, said: Set[str] | None) -> Iterable[Pattern]:
        """The patterns that the triple can match, or whose paths it can be a step of.

        `said` is what is said of its subject (as in `Pattern.needed`), if that is known.
        """
        for by_need in (self._patterns.get(str(triple.predicate), {}), self._patterns.get("", {})):
            needs = by_need.keys() if said is None else by_need.keys() & {"", *said}
            for pattern in chain.from_iterable(by_need[need] for need in needs):
                wanted = pattern.occurrence.triple
                if not wanted.plain or (
                    (said is None or pattern.needed <= said or not wanted.subject.startswith("?"))
                    and _fits(wanted.subject, str(triple.subject))
                    and _fits(wanted.object, str(triple.object))
                ):
                    yield pattern

    def touched_by(self, triple: ox.Triple) -> bool:
        """Whether the triple belongs to the law itself, so that rules must be read again."""
        return (
            triple.predicate in _LAW
            or (triple.predicate == _TYPE and triple.object in _CLASSES)
            or (isinstance(triple.subject, ox.NamedNode) and triple.subject.value in self._own)
        )


def read_law(graph: "KnowledgeGraph") -> Law:
    """The law of the graph as it stands; `BadData` names rules that cannot be used or ordered."""
    if graph.law is None:
        graph.law = Law(read_rules(graph), coverage(graph))
    return graph.law


def _grounds(rule: Rule, query: Query) -> Iterable[Ground]:
    """The premises of a query; any of its nodes where a premise comes out of BIND."""
    occurrences = query.pattern.occurrences()
    premises = {v for v in query.pattern.variables if v[1:] not in (*CASE, *CLOCK)}
    inside = {term for o in occurrences for term in (o.triple.subject, o.triple.object) if term.startswith("?")}
    for variable in sorted(inside if premises & query.pattern.fixed else premises & inside):
        about = [o for o in occurrences if o.triple.subject == variable]
        anchor = (about or [o for o in occurrences if o.triple.object == variable])[0]
        yield Ground(rule, variable, _needed(variable, anchor.context), anchor)


def _needed(variable: str, context: Iterable[Triple]) -> frozenset[str]:
    """The predicates that a node in the place of the variable must have, with their objects where they are named."""
    own = [(t.predicates[0], t.object) for t in context if t.subject == variable and t.plain and t.predicates]
    return frozenset(f"{said} {thing}" if thing.startswith("<") else said for said, thing in own)


def _rarest(needed: Iterable[str]) -> str:
    """Of what must be said of a node, that which is said of the fewest; nothing where no object is named."""
    named = sorted((said.startswith(str(_TYPE)), said) for said in needed if " " in said)
    return named[0][1] if named else ""


def _fits(wanted: str, given: str) -> bool:
    return wanted.startswith("?") or wanted == given or not wanted.startswith(("<", '"'))


_TYPE: Final = ox.NamedNode(ontology.iri("rdf:type"))
_CLASSES: Final = nodes("vin:Norm", "vin:Definition", "vin:OwnershipTest", "dcat:Dataset")
#: What only rules, provisions, lists of actions and the catalogue say.
_LAW: Final = nodes(
    "vin:condition", "vin:exception", "vin:holders", "vin:overrides", "vin:specialises", "vin:reparation", "vin:period",
    "vin:statedIn", "vin:tracing", "sh:select", "time:numericDuration", "time:unitType", "skos:broader", "dcat:endDate",
    "eli:is_part_of", "eli:has_part",
)  # fmt: skip
