"""Does the law hold together? What no single rule shows: loops between rules, one identifier for two of them, and words
in their queries that nothing describes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import ontology
from graph.derive.rules import Query, Rule, read_rules
from graph.derive.strata import strata
from graph.errors import BadData
from graph.sparql.text import terminals
from graph.terms import node, text
from graph.validate import Finding

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def unsound(graph: "KnowledgeGraph", draft: "KnowledgeGraph | None" = None) -> list[Finding]:
    """What is wrong with how the rules of the graph fit together; with a draft, the faults that its rules have part in.

    A rule of the draft takes the place of one of the graph with the same name. Rules that cannot be read at all are no
    matter of this: `validate` finds them.
    """
    worlds = [graph] if draft is None else [draft, graph]
    try:
        known = [{rule.iri: rule for rule in read_rules(world)} for world in worlds]
    except BadData:
        return []
    rules, own = {**known[-1], **known[0]}, known[0]
    found = [*_loops(rules, own), *_twins(worlds, own), *_unknown_words(worlds, own.values())]
    return sorted(found, key=lambda finding: (finding.node, finding.message))


def _loops(rules: Mapping[str, Rule], own: Mapping[str, Rule]) -> Iterator[Finding]:
    try:
        strata(rules.values())
    except BadData as error:
        members: list[str] = error.fields["rules"]
        if concerned := [iri for iri in members if iri in own]:
            yield Finding(concerned[0], error.detail)


def _twins(worlds: Sequence["KnowledgeGraph"], own: Mapping[str, Rule]) -> Iterator[Finding]:
    """Rules with the identifier of another one."""
    named: dict[str, set[str]] = {}
    for world in worlds:
        for row in world.rows("rule-keys"):
            named.setdefault(str(text(row, "key")), set()).add(str(text(row, "rule")))
    for key, rules in named.items():
        for rule in sorted(rules & own.keys()) if len(rules) > 1 else ():
            others = ", ".join(f"{ontology.slug_of(iri)} <{iri}>" for iri in sorted(rules - {rule}))
            yield Finding(rule, f"Its identifier {key} is that of {others} too. Give each its own.")


def _unknown_words(worlds: Sequence["KnowledgeGraph"], rules: Iterable[Rule]) -> Iterator[Finding]:
    """Names of our namespaces in queries that stand for nothing."""
    used = [(rule, query, *word) for rule in rules for query in rule.queries for word in _words(query)]
    left = {iri for _, _, iri, _ in used}
    for world in worlds:
        wanted = [node(iri) for iri in sorted(left)]
        left -= {str(text(row, "node")) for row in world.rows("described-of", nodes=wanted)} if wanted else set()
    for rule, query, iri, line in used:
        if iri in left:
            yield Finding(rule.iri, f"A query of it names {iri}, which nothing describes.", within=(query.text, line))


def _words(query: Query) -> Iterator[tuple[str, int]]:
    """The IRIs of our namespaces in the query, each with its line."""
    line = 1
    for kind, token in terminals(query.text):
        iri = token[1:-1] if kind == "iri" else _full(token) if kind == "name" else ""
        if iri.startswith(ontology.BASE):
            yield iri, line
        line += token.count("\n")


def _full(name: str) -> str:
    try:
        return ontology.iri(name)
    except KeyError:
        return ""
