"""What entries of control lists test: the figures of a technology that decide whether it falls under them."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import ontology
from graph.derive.law import read_law
from graph.derive.rules import Rule

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: The entry under which a definition puts what meets it.
_ENTRY: Final = re.compile(r"BIND\(\s*id:([\w-]+)\s+AS\s+\?object\s*\)")


def tested_by_entries(graph: "KnowledgeGraph") -> Mapping[str, frozenset[str]]:
    """The measures that the law compares for each entry with control points: IRIs of concepts by that of the entry.

    All of them must be known: the definition asks for each.
    """
    return graph.memo("measures of entries", lambda: _tested(graph))


def _tested(graph: "KnowledgeGraph") -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for rule in read_law(graph).rules.values():
        entry = _ENTRY.search(rule.query.text)
        if rule.concept and entry:
            found[f"{ontology.BASE}id/{entry[1]}"] |= _measures(rule)
    return {entry: frozenset(measures) for entry, measures in found.items() if measures}


def _measures(rule: Rule) -> set[str]:
    """The concepts of the figures about the subject that the condition asks for one by one."""
    figures = {f"<{ontology.iri('vin:Figure')}>"}
    concept, kind = ontology.iri("vin:concept"), ontology.iri("rdf:type")
    triples = [occurrence.triple for occurrence in rule.query.pattern.occurrences()]
    measured = {t.subject for t in triples if f"<{kind}>" in t.predicates and t.object in figures}
    return {
        t.object.strip("<>")
        for t in triples
        if t.subject in measured and f"<{concept}>" in t.predicates and t.object.startswith("<")
    }
