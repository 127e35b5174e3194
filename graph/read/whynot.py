"""Why a norm does, or does not, bind a party: which part of its condition is met, and which fails first."""

from datetime import date
from typing import TYPE_CHECKING

import pyoxigraph as ox

import ontology
from graph.derive.law import read_law
from graph.derive.rules import Rule, with_prefixes
from graph.errors import NotFound
from graph.read.obligations import Obligation, obligations
from graph.read.references import Answer, Ref, refs, resolve
from graph.sparql.pattern import Part
from graph.terms import Row, node

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class WhyNot(Answer):
    """Whether a norm binds a party on a day; if not, the first part of its condition that no facts meet.

    `met` are the parts before it in the author's words, `found` what they matched (one example), `fails` the part.
    """

    norm: Ref
    party: Ref
    as_of: date
    applies: bool
    because: str
    obligations: list[Obligation]
    met: list[str]
    fails: str | None
    found: dict[str, Ref]


def why_not(graph: "KnowledgeGraph", norm: str, party: str, as_of: date) -> WhyNot:
    """Try the norm on the party, part by part. `NotFound` for an unknown norm or party."""
    rule = _rule(graph, norm)
    who = resolve(graph, party)
    held = obligations(graph, as_of, norm=rule.iri, bearer=who.iri)
    binding = [position for position in held if position.state in ("active", "pending", "violated", "unknown")]
    met, fails, row = _progress(graph, rule, who.iri)
    names = {name: term.value for name, term in row.items() if isinstance(term, ox.NamedNode)}
    named = refs(graph, [rule.iri, *names.values()])
    return WhyNot(
        norm=named[rule.iri],
        party=who,
        as_of=as_of,
        applies=bool(binding),
        because=_because(rule, who, as_of, held, binding, fails),
        obligations=held,
        met=met,
        fails=fails,
        found={name: named[iri] for name, iri in names.items()},
    )


def _rule(graph: "KnowledgeGraph", name: str) -> Rule:
    rules = read_law(graph).rules
    slug = name.removeprefix("norm-")
    for iri in (name, f"{ontology.BASE}id/{name}", f"{ontology.BASE}id/norm-{slug.lower()}"):
        if iri in rules and rules[iri].modality:
            return rules[iri]
    raise NotFound(f"There is no norm {name!r}. The norms of an instrument are listed by /rules/{{slug}}.", id=name)


def _progress(graph: "KnowledgeGraph", rule: Rule, party: str) -> tuple[list[str], str | None, Row]:
    """The parts that can be met together, the first that cannot, and one match of the met ones."""
    pattern = rule.query.pattern
    late = "?bearer" in pattern.fixed
    begin = "" if late else f"VALUES ?bearer {{ {node(party)} }}"
    parts = [(_written(part), part.text) for part in pattern.group.parts if part.text != "()"]
    if late:
        parts.append((f"FILTER(?bearer = {node(party)})", "the bearer that the condition finds is the party"))
    met: list[str] = []
    match: Row = {}
    text = begin
    for written, said in parts:
        text = f"{text}\n{written}"
        query = with_prefixes(f"SELECT * WHERE {{ {text} }} LIMIT 1")
        rows = graph.store.select(query, graph.scope())
        if not rows:
            return met, said, match
        met.append(said)
        match = {name: term for name, term in rows[0].items() if not name.startswith("__")}
    return met, None, match


def _written(part: Part) -> str:
    return str(part.content) if part.content else part.text


def _because(
    rule: Rule, who: Ref, as_of: date, held: list[Obligation], binding: list[Obligation], fails: str | None
) -> str:
    if binding:
        return f"it binds {who.label}: {binding[0].because}"
    if held:
        return f"it concerned {who.label}, but it is {held[0].state}: {held[0].because}"
    if fails:
        return f"no facts about {who.label} meet: {fails}"
    if not rule.span.holds(as_of):
        since, until = rule.span
        return f"its condition is met, but the norm is in force only from {since or 'ever'} until {until or 'now'}"
    return "its condition is met, but not on that day, or an exception or a prevailing norm lifts it"
