"""Applying the rules: all of them, stratum after stratum, or those that a change of facts touches."""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.derive.law import Law, read_law
from graph.derive.positions import Derived, Key, apply
from graph.derive.rules import Rule, with_prefixes
from graph.derive.shares import apply_test
from graph.derive.spans import Dates, Timetable
from graph.derive.states import Act, Bond, Deeds, acts_on, breached_on, concerning, read_acts, read_open
from graph.derive.strata import Stratum
from graph.derive.touch import Touched, touch
from graph.errors import BadData
from graph.store import EVERYTHING, Dataset, EmbeddedStore
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
        """Take up a later change: what comes and goes was never there, what goes and comes never left."""
        gone, new = set(gone), set(new)
        self.gone, self.new = (self.gone - new) | (gone - self.new), (self.new - gone) | (new - self.gone)


def derive(graph: "KnowledgeGraph") -> None:
    """Bring the derived graph in line with what the rules give now; `BadData` as for `difference`."""
    if graph.scope().union and ontology.DERIVED_GRAPH not in graph.store.graphs():
        _Run(graph, None).everything({})
    else:
        difference(graph)


def difference(graph: "KnowledgeGraph") -> Change:
    """Bring the derived graph in line with what all rules give now, and say what changed in it.

    `BadData` names the rule that cannot be used, or those that cannot be put in an order.
    """
    if graph.scope().union or not isinstance(graph.store, EmbeddedStore):
        change = Change()
        _Run(graph, change).everything(_held(graph))
        return change
    with _merged(graph) as world:
        _Run(world, None).everything({})
        now = _quads(world)
    held = _quads(graph)
    change = Change(held - now, now - held)
    if change.gone or change.new:
        graph.store.amend(change.gone, change.new)
    return change


def rederive(graph: "KnowledgeGraph", facts: Change, make: Callable[[], None], change: Change | None = None) -> Change:
    """Make a change of facts and bring what it touches in line, and say what changed in the derived graph.

    The facts are those of the world, and none belongs to the law (`Law.touched_by`). `make` changes the store. What is
    written is noted in `change` as it happens, so that a caller can take it back.
    """
    change = Change() if change is None else change
    run = _Run(graph, change)
    touched = Touched(run.law)
    touch(graph, run.law, touched, (quad.triple for quad in facts.gone))
    make()
    touch(graph, run.law, touched, (quad.triple for quad in facts.new))
    for stratum in run.law.strata:
        affected = [rule for rule in stratum.rules if rule in touched]
        if not affected:
            continue
        if stratum.recursive:
            affected = list(stratum.rules)
            for rule in affected:
                touched.whole(rule)
        old = run.held((rule, touched.of(rule)) for rule in affected)
        run.apply(Stratum(tuple(affected), stratum.recursive), old, touched)
    return change


class _Run:
    """One run over the rules of a graph, whose derived graph it changes as it goes, noting what in `change`, if any."""

    def __init__(self, graph: "KnowledgeGraph", change: Change | None) -> None:
        self.law: Law = read_law(graph)
        self._change = change
        self._graph = graph
        self._timetable = Timetable(graph)
        self._known: tuple[dict[str, list[Act]], Deeds] | None = None

    def everything(self, held: dict[str | None, set[ox.Quad]]) -> None:
        """Apply all rules; `held` is what they gave before."""
        with _uncollected():
            self.settle(held.pop(None, set()), _description())
            for stratum in self.law.strata:
                old = set[ox.Quad]().union(*(held.pop(rule.iri, set()) for rule in stratum.rules))
                self.apply(stratum, old)
            self.settle(set().union(*held.values()), ())

    def apply(self, stratum: Stratum, old: set[ox.Quad], touched: Touched | None = None) -> None:
        """Replace what the rules of a stratum gave by what they give now, for all cases or the touched ones."""
        if not stratum.recursive:
            scope = [(rule, touched.of(rule) if touched else None) for rule in stratum.rules]
            found = [derived for rule, keys in scope for derived in self.results(rule, keys)]
            self.settle(old, (quad for derived in found for quad in derived.quads()), touched)
            self.tell(found)
            return
        self.settle(old, set(), touched)
        old = set()
        for _ in range(_ROUNDS):
            found = [derived for rule in stratum.rules for derived in self.results(rule)]
            now = {quad for derived in found for quad in derived.quads()}
            if now == old:
                return
            self.settle(old, now, touched)
            self.tell(found)
            old = now
        names = ", ".join(f"{rule.name} <{rule.iri}>" for rule in stratum.rules)
        raise BadData(
            f"These rules feed each other without end: {names}. Each round of applying them gives new results."
        )

    def results(self, rule: Rule, keys: list[Key] | None = None) -> list[Derived]:
        """What the rule gives now, with the day on which each obligation or prohibition was breached."""
        if rule.test:
            return list(apply_test(self._graph, rule, self._timetable).values())
        found = list(apply(self._graph, rule, self._timetable, keys).values())
        if rule.modality not in (_OBLIGATION, _PROHIBITION) or not found:
            return found
        acts, deeds = self._deeds() if keys is None else self._concerning(rule, found)
        return [replace(one, breached=day) if (day := self._breached(one, acts, deeds)) else one for one in found]

    def held(self, scope: Iterable[tuple[Rule, list[Key] | None]]) -> set[ox.Quad]:
        """What rules gave so far, for all cases or those with some keys."""
        place = node(ontology.DERIVED_GRAPH)
        found: set[ox.Quad] = set()
        for rule, keys in scope:
            query = f"CONSTRUCT {{ ?node ?p ?o }} WHERE {{ {_given(keys)} ?node vin:norm {node(rule.iri)} ; ?p ?o }}"
            triples = self._graph.store.construct(with_prefixes(query), Dataset((place.value,)))
            found.update(ox.Quad(t.subject, t.predicate, t.object, place) for t in triples)
        return found

    def settle(self, old: set[ox.Quad], quads: Iterable[ox.Quad], touched: Touched | None = None) -> None:
        """Replace quads of the derived graph; `touched` takes up the cases that this touches in its turn.

        Where there were none and nobody asks, the quads need not be held in order to be compared.
        """
        if not old and touched is None and self._change is None:
            self._graph.store.extend(quads)
            return
        now = set(quads)
        gone, new = old - now, now - old
        if not gone and not new:
            return
        if touched is not None:
            touch(self._graph, self.law, touched, (quad.triple for quad in gone))
        self._graph.store.amend(gone, new)
        if touched is not None:
            touch(self._graph, self.law, touched, (quad.triple for quad in new))
        if self._change is not None:
            self._change.add(gone, new)

    def tell(self, derived: Iterable[Derived]) -> None:
        """Let later rules know when these hold."""
        for one in derived:
            self._timetable.tell(one.name, Dates(one.span, one.arises))

    def _deeds(self) -> tuple[dict[str, list[Act]], Deeds]:
        """All acts, which deriving does not change."""
        if self._known is None:
            self._known = read_acts(self._graph), Deeds(self._graph)
        return self._known

    def _concerning(self, rule: Rule, found: list[Derived]) -> tuple[dict[str, list[Act]], Deeds]:
        """The acts that can fulfil or breach some positions."""
        bearers = (_value(term) for one in found for name, term in one.case if name == "bearer")
        return concerning(self._graph, bearers, (*(one.name.value for one in found), rule.iri, *rule.chain))

    def _breached(self, derived: Derived, acts: dict[str, list[Act]], deeds: Deeds) -> date | None:
        case: dict[str, Term] = dict(derived.case)
        rule, bearer = derived.rule, _value(case["bearer"])
        done = deeds.of(bearer, rule.action, _value(case.get("object")), _value(case.get("counterparty")) or None)
        if not done and derived.due is None and not acts:
            return None
        rests_on = read_open(self._graph)
        open_ = [point for term in derived.premises for point in rests_on.get(_value(term), ())]
        bond = Bond(
            iri=derived.name.value,
            bearer=bearer,
            obliges=rule.modality == _OBLIGATION,
            forbids=rule.modality == _PROHIBITION,
            begin=derived.span.begin,
            end=derived.span.end,
            due=derived.due,
            arises=derived.arises,
            acts=acts_on(acts, (derived.name.value, rule.iri, *rule.chain), bearer, open_),
            done=done,
            covered=self.law.covered.get(rule.iri),
        )
        return breached_on(bond)


def _given(keys: list[Key] | None) -> str:
    """The pattern of the cases with some keys, which all have the same terms."""
    if keys is None:
        return ""
    names = [name for name, _ in keys[0]]
    rows = " ".join(f"({' '.join(str(term) for _, term in key)})" for key in keys)
    values = f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {rows} }}"
    return f"{values} ?node {' ; '.join(f'vin:{name} ?{name}' for name in names)} ."


def _merged(graph: "KnowledgeGraph") -> "KnowledgeGraph":
    """The asserted world in one graph of a store in memory: rules run there several times faster than over many."""
    store = EmbeddedStore()
    triples = graph.store.construct(EVERYTHING, graph.world(derived=False))
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    merged = type(graph)(store)
    merged.law = read_law(graph)
    return merged


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles: a run makes many objects and no cycles, and each look goes over all of them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _held(graph: "KnowledgeGraph") -> dict[str | None, set[ox.Quad]]:
    """The quads of the derived graph by the rule that gave them."""
    quads = _quads(graph)
    rules = {quad.subject: _value(quad.object) for quad in quads if quad.predicate == _NORM}
    found: dict[str | None, set[ox.Quad]] = defaultdict(set)
    for quad in quads:
        found[rules.get(quad.subject)].add(quad)
    return found


def _quads(graph: "KnowledgeGraph") -> set[ox.Quad]:
    """The quads of the derived graph."""
    place = node(ontology.DERIVED_GRAPH)
    triples = graph.store.construct(EVERYTHING, Dataset((place.value,)))
    return {ox.Quad(triple.subject, triple.predicate, triple.object, place) for triple in triples}


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
