"""Parties and things: their names, ownership, posts, bonds, deals, claims and events on a day."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import ontology
from graph.derive.states import read_acts
from graph.errors import BadRequest
from graph.read.claims import Claim, claims
from graph.read.obligations import Obligation, obligations
from graph.read.references import Answer, Ref, Sourced, country, refs, resolve, sourced
from graph.read.spans import last_covered, spans
from graph.read.timeline import Event, timeline
from graph.terms import Row, date_of, decimal_of, node, text
from graph.terms import day as day_term

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: What an unfiltered list of entities holds: parties and the things they deal in.
PARTIES = ("company", "organization", "authority", "person", "unit", "product", "technology")


class Entity(Ref):
    """A thing with the markets it belongs to."""

    markets: list[Ref]
    names: list[str]


Status = Literal["holds", "unknown"]


class Ownership(Answer):
    """Who owns what share of what, and since when; a missing date or share is unknown.

    `status` is unknown from an open point on, and after the newest source unless its end is on record.
    """

    id: str
    iri: str
    owner: Ref
    object: Ref
    share: Decimal | None
    valid_from: date | None
    valid_until: date | None
    status: Status
    source: Sourced


class Post(Answer):
    """Who holds which post where; `status` as for an ownership."""

    person: Ref
    organisation: Ref
    role: Ref | None
    valid_from: date | None
    valid_until: date | None
    status: Status
    source: Sourced


class Involvement(Answer):
    """A deal or case and the thing's part in it."""

    matter: Ref
    part: str


class EntityDetail(Entity):
    """Everything the graph says of a thing on a day."""

    as_of: date
    properties: dict[str, list[str]]
    owns: list[Ownership]
    owned_by: list[Ownership]
    posts: list[Post]
    obligations: list[Obligation]
    owed_to: list[Obligation]
    involvements: list[Involvement]
    claims: list[Claim]
    events: list[Event]
    source: Sourced


def entities(
    graph: "KnowledgeGraph",
    as_of: date | None = None,
    *,
    kind: str | None = None,
    market: str | None = None,
    q: str | None = None,
) -> list[Entity]:
    """The parties and things (of one kind, in one market, with a word in their name), by label.

    With `as_of`, without what is dated later: instruments, events and claims of later days.
    """
    found = all_entities(graph)
    kinds = {entity.type for entity in found}
    if kind is not None and kind not in kinds:
        raise BadRequest(f"type: {kind!r} is none of {', '.join(sorted(kinds))}.")
    place = country(graph, market)
    dated = spans(graph) if as_of else {}
    return [
        entity
        for entity in found
        if (entity.type == kind if kind else entity.type in PARTIES)
        and (place is None or place in (ref.iri for ref in entity.markets))
        and (as_of is None or (dated.get(entity.iri, (None, None))[0] or as_of) <= as_of)
        and (q is None or any(q.casefold() in name.casefold() for name in (entity.label, entity.id, *entity.names)))
    ]


def all_entities(graph: "KnowledgeGraph") -> list[Entity]:
    """Everything that has a kind and an IRI of its own, by label."""
    return graph.memo("entities", lambda: _read(graph))


def ownerships(
    graph: "KnowledgeGraph", as_of: date, owner: str | None = None, object: str | None = None
) -> list[Ownership]:
    """Who owned what on a day; `owner` and `object` are slugs."""
    return _ownerships(
        graph, as_of, resolve(graph, owner).iri if owner else None, resolve(graph, object).iri if object else None
    )


def entity(graph: "KnowledgeGraph", name: str, as_of: date) -> EntityDetail:
    """One thing by its slug, as of a day; `NotFound` where there is none."""
    ref = resolve(graph, name)
    brief = next((e for e in all_entities(graph) if e.iri == ref.iri), Entity(**ref.model_dump(), markets=[], names=[]))
    return EntityDetail(
        **brief.model_dump(),
        as_of=as_of,
        properties=_properties(graph, ref.iri),
        owns=_ownerships(graph, as_of, owner=ref.iri),
        owned_by=_ownerships(graph, as_of, object=ref.iri),
        posts=_posts(graph, ref.iri, as_of),
        obligations=obligations(graph, as_of, bearer=ref.iri),
        owed_to=obligations(graph, as_of, counterparty=ref.iri),
        involvements=_involvements(graph, ref.iri, as_of),
        claims=claims(graph, as_of, about=ref.iri),
        events=[event for event in timeline(graph, ref.iri) if event.date <= as_of],
        source=sourced(graph, [ref.iri]).get(ref.iri, Sourced()),
    )


def _read(graph: "KnowledgeGraph") -> list[Entity]:
    rows = graph.rows("entities")
    named = refs(graph, [iri for row in rows for iri in (text(row, "entity"), text(row, "market"))])
    markets: dict[str, dict[str, Ref]] = {}
    names: dict[str, dict[str, None]] = {}
    for row in rows:
        iri, place, other = str(text(row, "entity")), text(row, "market"), text(row, "other")
        markets.setdefault(iri, {}).update({place: named[place]} if place else {})
        names.setdefault(iri, {}).update({other: None} if other else {})
    found = [
        Entity(**named[iri].model_dump(), markets=list(places.values()), names=list(names[iri]))
        for iri, places in markets.items()
    ]
    return sorted(found, key=lambda entity: (entity.label.casefold(), entity.iri))


def _ownerships(
    graph: "KnowledgeGraph", as_of: date, owner: str | None = None, object: str | None = None
) -> list[Ownership]:
    rows = graph.rows(
        "ownerships",
        owner=node(owner) if owner else None,
        object=node(object) if object else None,
        asOf=day_term(as_of),
    )
    named = refs(graph, [text(row, name) for row in rows for name in ("ownership", "owner", "object")])
    backed = sourced(graph, (str(text(row, "ownership")) for row in rows))
    return [
        Ownership(
            id=named[str(text(row, "ownership"))].id,
            iri=str(text(row, "ownership")),
            owner=named[str(text(row, "owner"))],
            object=named[str(text(row, "object"))],
            share=decimal_of(row, "share"),
            valid_from=date_of(row, "from"),
            valid_until=date_of(row, "until"),
            status=_status(graph, row, "ownership", as_of),
            source=backed.get(str(text(row, "ownership")), Sourced()),
        )
        for row in rows
    ]


def _status(graph: "KnowledgeGraph", row: Row, record: str, as_of: date) -> Status:
    covered = last_covered(graph, str(text(row, record)))
    acts = read_acts(graph)
    if any(act.effect == "unsettles" and act.holds(as_of) for act in acts.get(str(text(row, record)), [])):
        return "unknown"
    return "unknown" if covered and as_of > covered and date_of(row, "until") is None else "holds"


def _posts(graph: "KnowledgeGraph", iri: str, as_of: date) -> list[Post]:
    rows = graph.rows("posts", thing=node(iri), asOf=day_term(as_of))
    named = refs(graph, [text(row, name) for row in rows for name in ("person", "organisation", "role")])
    backed = sourced(graph, (str(text(row, "post")) for row in rows))

    def role(row: Row) -> Ref | None:
        value = text(row, "role")
        return named[value] if value else None

    return [
        Post(
            person=named[str(text(row, "person"))],
            organisation=named[str(text(row, "organisation"))],
            role=role(row),
            valid_from=date_of(row, "from"),
            valid_until=date_of(row, "until"),
            status=_status(graph, row, "post", as_of),
            source=backed.get(str(text(row, "post")), Sourced()),
        )
        for row in rows
    ]


def _involvements(graph: "KnowledgeGraph", iri: str, as_of: date) -> list[Involvement]:
    rows = graph.rows("involvements", thing=node(iri), asOf=day_term(as_of))
    named = refs(graph, (text(row, "matter") for row in rows))
    return [Involvement(matter=named[str(text(row, "matter"))], part=str(text(row, "part"))) for row in rows]


def _properties(graph: "KnowledgeGraph", iri: str) -> dict[str, list[str]]:
    """The plain statements about a thing, by the local name of the property."""
    found: dict[str, list[str]] = {}
    for row in graph.rows("facts", thing=node(iri)):
        value = str(text(row, "value"))
        found.setdefault(ontology.slug_of(str(text(row, "property"))), []).append(value)
    return found
