"""Applying all rules: stratum after stratum, each seeing what the earlier ones gave."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.derive.positions import Derived, Key, apply
from graph.derive.rules import Rule, read_rules
from graph.derive.shares import apply_test
from graph.derive.spans import Dates, Timetable
from graph.derive.states import Bond, acts_on, breached_on, coverage, read_acts, read_deeds
from graph.derive.strata import Stratum, strata
from graph.errors import BadData
from graph.store import EVERYTHING, Dataset
from graph.terms import Term, node

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: Rounds after which rules that feed each other are taken to go on for ever.
_ROUNDS: Final = 100
_NORM: Final = node(ontology.iri("vin:norm"))
_OBLIGATION: Final = ontology.iri("vin:Obligation")
_PROHIBITION: Final = ontology.iri("vin:Prohibition")


@dataclass
class Change:
    """Quads that a graph loses and gains."""

    gone: set[ox.Quad] = field(default_factory=set)
    new: set[ox.Quad] = field(default_factory=set)

    def add(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> None:
        """Take up a later change: what comes after it goes was never there."""
        for quad in gone:
            if quad in self.new:
                self.new.discard(quad)
            else:
                self.gone.add(quad)
        for quad in new:
            if quad in self.gone:
                self.gone.discard(quad)
            else:
                self.new.add(quad)


class Derivation:
    """One run over the rules of a graph, whose derived graph it changes as it goes."""

    def __init__(self, graph: "KnowledgeGraph", rules: list[Rule]) -> None:
        self.graph = graph
        self.rules = {rule.iri: rule for rule in rules}
        self.strata = strata(rules)
        self.timetable = Timetable(graph)
        self._acts, self._deeds, self._covered = read_acts(graph), read_deeds(graph), coverage(graph)

    def results(self, rule: Rule, keys: list[Key] | None = None) -> list[Derived]:
        """What the rule gives now, with the day on which each obligation or prohibition was breached."""
        if rule.test:
            return list(apply_test(self.graph, rule, self.timetable).values())
        found = apply(self.graph, rule, self.timetable, keys).values()
        if rule.modality not in (_OBLIGATION, _PROHIBITION):
            return list(found)
        return [replace(one, breached=day) if (day := self._breached(one)) else one for one in found]

    def tell(self, derived: Iterable[Derived]) -> None:
        """Let later rules know when these hold."""
        for one in derived:
            self.timetable.tell(one.name, Dates(one.span, one.arises))

    def _breached(self, derived: Derived) -> date | None:
        case: dict[str, Term] = dict(derived.case)
        rule, bearer = derived.rule, _value(case["bearer"])
        done = self._deeds.of(bearer, rule.action, _value(case.get("object")), _value(case.get("counterparty")) or None)
        if not done and derived.due is None and not self._acts:
            return None
        bond = Bond(
            iri=derived.name.value,
            bearer=bearer,
            obliges=rule.modality == _OBLIGATION,
            forbids=rule.modality == _PROHIBITION,
            begin=derived.span.begin,
            end=derived.span.end,
            due=derived.due,
            start=derived.start,
            acts=acts_on(self._acts, (derived.name.value, rule.iri, *rule.chain), bearer),
            done=done,
            covered=self._covered.get(rule.iri),
        )
        return breached_on(bond)


def derive(graph: "KnowledgeGraph") -> None:
    """Bring the derived graph in line with what the rules give now."""
    difference(graph)


def difference(graph: "KnowledgeGraph") -> Change:
    """Bring the derived graph in line with what the rules give now, and say what changed in it.

    `BadData` names the rule that cannot be used, or those that cannot be put in an order.
    """
    run = Derivation(graph, read_rules(graph))
    before = _before(graph)
    change = Change()
    _settle(graph, change, before.pop(None, set()), set(_description()))
    for stratum in run.strata:
        if stratum.recursive:
            _to_rest(run, stratum, change, before)
        else:
            found = [derived for rule in stratum.rules for derived in run.results(rule)]
            old = set[ox.Quad]().union(*(before.pop(rule.iri, set()) for rule in stratum.rules))
            _settle(graph, change, old, {quad for derived in found for quad in derived.quads()})
            run.tell(found)
    _settle(graph, change, set().union(*before.values()), set())
    return change


def _to_rest(run: Derivation, stratum: Stratum, change: Change, before: dict[str | None, set[ox.Quad]]) -> None:
    """Apply rules that feed each other until nothing new follows."""
    old = set[ox.Quad]().union(*(before.pop(rule.iri, set()) for rule in stratum.rules))
    _settle(run.graph, change, old, set())
    old = set()
    for _ in range(_ROUNDS):
        found = [derived for rule in stratum.rules for derived in run.results(rule)]
        now = {quad for derived in found for quad in derived.quads()}
        if now == old:
            return
        _settle(run.graph, change, old, now)
        run.tell(found)
        old = now
    names = ", ".join(f"{rule.name} <{rule.iri}>" for rule in stratum.rules)
    raise BadData(f"These rules feed each other without end: {names}. Each round of applying them gives new results.")


def _settle(graph: "KnowledgeGraph", change: Change, old: set[ox.Quad], now: set[ox.Quad]) -> None:
    gone, new = old - now, now - old
    if gone or new:
        graph.store.amend(gone, new)
        change.add(gone, new)


def _before(graph: "KnowledgeGraph") -> dict[str | None, set[ox.Quad]]:
    """The quads of the derived graph by the rule that gave them."""
    place = node(ontology.DERIVED_GRAPH)
    triples = graph.store.construct(EVERYTHING, Dataset((place.value,)))
    rules = {triple.subject: _value(triple.object) for triple in triples if triple.predicate == _NORM}
    found: dict[str | None, set[ox.Quad]] = defaultdict(set)
    for triple in triples:
        quad = ox.Quad(triple.subject, triple.predicate, triple.object, place)
        found[rules.get(triple.subject)].add(quad)
    return found


def _description() -> list[ox.Quad]:
    """What the derived graph says of itself."""
    place = node(ontology.DERIVED_GRAPH)
    title = ox.Literal("Legal positions derived from the norms and facts of the asserted graphs", language="en")
    return [
        ox.Quad(place, node(ontology.iri("rdf:type")), node(ontology.iri("prov:Bundle")), place),
        ox.Quad(place, node(ontology.iri("dcterms:title")), title, place),
    ]


def _value(term: Term | None) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""
