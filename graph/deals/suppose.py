"""Events that a description supposes, as acts in the deal's graph."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.deals.description import Assumption
from graph.read.obligations import Obligation
from graph.read.references import Ref
from graph.terms import Term, day, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: What the authority does where the norm names no act of its own.
_APPROVE: Final = ontology.iri("act:approve")
_REFUSE: Final = ontology.iri("act:refuse-approval")
_EXTEND: Final = ontology.iri("act:extend-deadline")
_WAIVE: Final = ontology.iri("act:approve-exception")
_SUPPOSED: Final = "/supposed-"
_SUSPEND: Final = ontology.iri("act:enjoin")


def supposed(
    world: "KnowledgeGraph", deal: str, graph: str, event: Assumption, position: Obligation, number: int
) -> list[ox.Quad]:
    """The act by which an event of a description comes about for one legal position, in the graph of the deal."""
    act = f"{deal}{_SUPPOSED}{number + 1}-{position.id}"
    facts = {
        "file": _done,
        "order": _done,
        "grant": _granted,
        "refuse": _refused,
        "extend": _extended,
        "waive": _waived,
        "suspend": _suspended,
    }[event.event]
    label = ox.Literal(f"Supposed: {event.event} on {event.date}, {position.norm.label}", language="en")
    said: list[tuple[str, str, Term]] = [
        (act, "rdf:type", node(ontology.iri("prov:Activity"))),
        (act, "rdfs:label", label),
        (act, "dcterms:source", node(f"{deal}/description")),
        (act, "dcterms:date", day(event.date)),
        *facts(world, act, event, position),
    ]
    place = node(graph)
    return [ox.Quad(node(s), node(ontology.iri(p)), o, place) for s, p, o in said]


def is_supposed(act: str, deal: str) -> bool:
    """Whether the act is one that the description of the deal supposes."""
    return act.startswith(f"{deal}{_SUPPOSED}")


_Facts = Iterator[tuple[str, str, Term]]


def _done(world: "KnowledgeGraph", act: str, event: Assumption, position: Obligation) -> _Facts:
    """The bearer does what the position is about."""
    yield act, "vin:action", node(position.action.iri)
    yield act, "prov:wasAssociatedWith", node(position.bearer.iri)
    yield from _about(act, position.object)
    if position.counterparty:
        yield act, "vin:counterparty", node(position.counterparty.iri)


def _granted(world: "KnowledgeGraph", act: str, event: Assumption, position: Obligation) -> _Facts:
    """The authority approves, and issues the permit that lifts a ban."""
    authority, holder = _decider(position)
    acts = {str(text(row, "action")) for row in _lifts(world, position) if text(row, "action")}
    for action in sorted(acts or {_APPROVE}):
        yield act, "vin:action", node(action)
    if authority:
        yield act, "prov:wasAssociatedWith", node(authority.iri)
    yield from _about(act, position.object)
    if position.modality == "prohibition":
        permit = f"{act}/permit"
        yield permit, "rdf:type", node(ontology.iri("schema:GovernmentPermit"))
        yield permit, "rdfs:label", ox.Literal(f"Supposed permit: {position.norm.label}", language="en")
        yield permit, "dcterms:source", node(f"{act.rsplit('/', 1)[0]}/description")
        yield permit, "schema:permitAudience", node(holder.iri)
        yield permit, "vin:action", node(position.action.iri)
        yield permit, "vin:validFrom", day(event.date)
        if event.until:
            yield permit, "vin:validUntil", day(event.until)
        if authority:
            yield permit, "schema:issuedBy", node(authority.iri)
        yield from _about(permit, position.object)


def _refused(world: "KnowledgeGraph", act: str, event: Assumption, position: Obligation) -> _Facts:
    authority, _ = _decider(position)
    yield act, "vin:action", node(_REFUSE)
    if authority:
        yield act, "prov:wasAssociatedWith", node(authority.iri)
    yield from _about(act, position.object)


def _extended(world: "KnowledgeGraph", act: str, event: Assumption, position: Obligation) -> _Facts:
    authority, _ = _decider(position)
    yield act, "vin:action", node(_EXTEND)
    yield act, "vin:extends", node(position.iri)
    yield act, "vin:object", node(position.instrument.iri)
    if event.until:
        yield act, "vin:due", day(event.until)
    if authority:
        yield act, "prov:wasAssociatedWith", node(authority.iri)


def _waived(world: "KnowledgeGraph", act: str, event: Assumption, position: Obligation) -> _Facts:
    yield act, "vin:action", node(_WAIVE)
    yield act, "vin:waives", node(position.iri)


def _suspended(world: "KnowledgeGraph", act: str, event: Assumption, position: Obligation) -> _Facts:
    yield act, "vin:action", node(_SUSPEND)
    yield act, "vin:suspends", node(position.iri)
    yield act, "vin:validFrom", day(event.date)
    if event.until:
        yield act, "vin:validUntil", day(event.until)


def _about(act: str, thing: Ref | None) -> _Facts:
    if thing:
        yield act, "vin:object", node(thing.iri)


def _decider(position: Obligation) -> tuple[Ref | None, Ref]:
    """Whose decision it is, and for whom: the authority that the position names, or that has the duty to decide."""
    if position.bearer.type == "authority" and position.counterparty:
        return position.bearer, position.counterparty
    if position.counterparty and position.counterparty.type == "authority":
        return position.counterparty, position.bearer
    return position.enforced_by or position.counterparty, position.bearer


def _lifts(world: "KnowledgeGraph", position: Obligation) -> list[dict[str, Term]]:
    """The exceptions of the norm of the position."""
    lifts = world.memo("lifts", lambda: world.rows("lifts"))
    return [row for row in lifts if text(row, "norm") == position.norm.iri]
