"""What a change of facts touches: the rules to apply anew, and to which cases.

A triple that matches a pattern of a rule can change only cases of solutions that it is part of, or would be if it were
not forbidden. So each matched pattern is asked for, together with the triples that must hold around it, with the
changed terms put in; the parties and the object of its solutions are the cases to look at again. That is asked before
triples go and after they come. It finds too many cases rather than too few: filters and what is optional are left out.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.derive.law import Law, Pattern
from graph.derive.positions import Key, is_position
from graph.derive.rules import CASE, Rule, with_prefixes
from graph.sparql.pattern import Triple
from graph.terms import node, nodes, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Touched:
    """The cases of each rule that have to be looked at again; all of them where `None` stands for its keys."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._keys: dict[str, set[Key] | None] = {}

    def add(self, rule: Rule, keys: Iterable[Key]) -> None:
        """Take up some cases of a rule. A key without a term that its condition binds stands for all of them."""
        known = self._keys.setdefault(rule.iri, set())
        if known is None:
            return
        for key in keys:
            usable = tuple((name, term) for name, term in key if name in rule.query.free)
            if not usable:
                self._keys[rule.iri] = None
                return
            known.add(usable)

    def whole(self, rule: Rule) -> None:
        """Take up all cases of a rule."""
        self._keys[rule.iri] = None

    def of(self, rule: Rule) -> list[Key] | None:
        """The keys of a rule that is touched, none where all its cases are.

        Keys of different make are cut to the terms they share.
        """
        keys = self._keys[rule.iri]
        if not keys or rule.test:
            return None
        shared = set.intersection(*({name for name, _ in key} for key in keys))
        cut = {tuple((name, term) for name, term in key if name in shared) for key in keys}
        return sorted(cut, key=str) if shared else None

    def __contains__(self, rule: Rule) -> bool:
        return rule.iri in self._keys and self._keys[rule.iri] != set()


def touch(graph: "KnowledgeGraph", law: Law, touched: Touched, triples: Iterable[ox.Triple]) -> None:
    """Add to `touched` what the triples touch in the store as it is now."""
    triples = list(triples)
    if not triples:
        return
    subjects = {triple.subject for triple in triples if isinstance(triple.subject, ox.NamedNode)}
    said: dict[str, set[str]] = defaultdict(set)
    for row in graph.rows("statements", nodes=sorted(subjects, key=str)):
        said[str(row["node"])] |= {str(row["predicate"]), f"{row['predicate']} {row['value']}"}
    _by_pattern(graph, law, touched, triples, said)
    dated = {str(triple.subject) for triple in triples if triple.predicate in _DATES or triple.object in _DATED}
    if dated:
        _by_date(graph, law, touched, {name: said[name] for name in dated if name in said})
    _by_override(graph, law, touched, subjects)
    parts = {triple.subject for triple in triples if triple.predicate in _ACT_PARTS}
    _by_act(graph, law, touched, sorted((act for act in subjects & parts if not is_position(act)), key=str))


def _by_pattern(
    graph: "KnowledgeGraph", law: Law, touched: Touched, triples: list[ox.Triple], said: dict[str, set[str]]
) -> None:
    found: dict[tuple[Pattern, str], set[str]] = defaultdict(set)
    for triple in triples:
        if triple.predicate in _OWNERSHIP or triple.object == _OWNED:
            for rule in law.rules.values():
                if rule.test:
                    touched.whole(rule)
        for pattern in law.patterns(triple, said.get(str(triple.subject))):
            wanted = pattern.occurrence.triple
            if pattern.rule.test or not wanted.plain:
                touched.whole(pattern.rule)
                continue
            pairs = ((wanted.subject, triple.subject), (wanted.object, triple.object))
            variable, term = next(((name, term) for name, term in pairs if name.startswith("?")), ("", None))
            found[pattern, variable].add(str(term))
    asked: dict[tuple[Rule, tuple[Triple, ...], str], set[str]] = defaultdict(set)
    for (pattern, variable), terms in found.items():
        asked[pattern.rule, pattern.occurrence.context, variable] |= terms
    for (rule, context, variable), terms in asked.items():
        _ask(graph, touched, rule, context, variable, sorted(terms))


def _by_date(graph: "KnowledgeGraph", law: Law, touched: Touched, said: dict[str, set[str]]) -> None:
    """Cases that rest on nodes whose dates change: the condition does not speak of those."""
    for ground in law.grounds:
        fitting = [name for name, predicates in said.items() if ground.needed <= predicates]
        if fitting and ground.rule.test:
            touched.whole(ground.rule)
        elif fitting:
            _ask(graph, touched, ground.rule, ground.occurrence.context, ground.variable, fitting)
    for rule in law.rules.values():
        if any(n in query.text or _short(n) in query.text for query in rule.queries for n in said):
            touched.whole(rule)


def _by_override(graph: "KnowledgeGraph", law: Law, touched: Touched, subjects: set[ox.NamedNode]) -> None:
    """Cases of norms that give way to norms whose positions change."""
    positions = sorted((name for name in subjects if is_position(name)), key=str) if law.yielding else []
    for row in graph.rows("cases-of", positions=positions) if positions else ():
        for rule in law.yielding.get(text(row, "norm") or "", ()):
            touched.add(rule, [tuple((name, row[name]) for name in CASE if name in row)])


def _by_act(graph: "KnowledgeGraph", law: Law, touched: Touched, acts: list[ox.NamedNode]) -> None:
    """Positions whose fulfilment or breach depends on the acts."""
    for row in graph.rows("acted-on", acts=acts) if acts else ():
        rule = law.rules.get(text(row, "norm") or "")
        if rule and rule.modality:
            touched.add(rule, [tuple((name, row[name]) for name in CASE if name in row)])
        target = text(row, "target")
        for rule in law.rules.values() if target else ():
            if target in (rule.iri, *rule.chain):
                touched.whole(rule)


def _ask(
    graph: "KnowledgeGraph",
    touched: Touched,
    rule: Rule,
    context: tuple[Triple, ...],
    variable: str,
    terms: list[str],
) -> None:
    """Find the cases of the solutions of a pattern that have one of the terms in the place of the variable."""
    bound = {term for triple in context for term in (triple.subject, triple.object)}
    names = [name for name in rule.query.free if f"?{name}" in bound]
    if not names:
        touched.whole(rule)
        return
    if rule in touched and touched.of(rule) is None:
        return
    clause = f"VALUES {variable} {{ {' '.join(terms)} }}" if variable else ""
    wanted = " ".join(f"?{name}" for name in names)
    pattern = " ".join(str(triple) for triple in context)
    rows = graph.store.select(with_prefixes(f"SELECT DISTINCT {wanted} WHERE {{ {clause} {pattern} }}"), graph.scope())
    touched.add(rule, [tuple((name, row[name]) for name in names if name in row) for row in rows])


def _short(name: str) -> str:
    """How an author writes the node."""
    return f"id:{name[1:-1].rpartition('/')[2]}" if name.startswith(f"<{ontology.BASE}id/") else name


_OWNED: Final = node(ontology.iri("vin:Ownership"))
_OWNERSHIP: Final = nodes("vin:owner", "vin:share")
_DATES: Final = nodes(
    "vin:validFrom", "vin:validUntil", "dcterms:date", "dcterms:issued", "vin:signing", "eli:date_document",
    "eli:date_no_longer_in_force", "schema:actionStatus",
)  # fmt: skip
#: The classes whose things have other dates than others.
_DATED: Final = nodes("prov:Activity", "vin:Threshold")
_ACT_PARTS: Final = nodes(
    "vin:action", "prov:wasAssociatedWith", "vin:object", "dcterms:date", "vin:counterparty", "schema:actionStatus",
    "vin:fulfils", "vin:violates", "vin:waives", "vin:suspends", "vin:extends", "vin:delaysEnforcement",
    "vin:unsettles", "vin:due", "vin:validFrom", "vin:validUntil",
)  # fmt: skip
