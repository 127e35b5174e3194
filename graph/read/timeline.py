"""What happened, in the order of days."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal

from graph.read.references import Answer, Ref, refs, resolve, sourced
from graph.terms import Row, date_of, day, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Event(Answer):
    """A dated event; `when` is the source's own wording where the day is not exact."""

    id: str
    iri: str
    label: str
    type: Literal["event"] = "event"
    date: date
    when: str | None
    action: Ref | None
    sources: list[Ref]
    confidence: str | None
    comment: str | None


def timeline(
    graph: "KnowledgeGraph", about: str | None = None, begin: date | None = None, end: date | None = None
) -> list[Event]:
    """The events (about one thing) from `begin` to `end`, both included."""
    things = {resolve(graph, about).iri} if about else None
    return events_of(graph, things, begin, end)


def events_of(
    graph: "KnowledgeGraph", things: Iterable[str] | None, begin: date | None = None, end: date | None = None
) -> list[Event]:
    """The events that name any of the things, by date; all events where there are none given."""
    rows = graph.rows(
        "events",
        things=None if things is None else [node(iri) for iri in sorted(things)],
        **{"from": day(begin or date.min), "to": day(end or date.max)},
    )
    return _events(graph, rows)


def _events(graph: "KnowledgeGraph", rows: list[Row]) -> list[Event]:
    rows = list({str(text(row, "event")): row for row in rows}.values())
    named = refs(graph, [iri for row in rows for iri in (text(row, "event"), text(row, "action"))])
    backed = sourced(graph, (str(text(row, "event")) for row in rows))
    found = []
    for row in rows:
        ref, source = named[str(text(row, "event"))], backed.get(str(text(row, "event")))
        action, when = text(row, "action"), date_of(row, "date")
        assert when is not None
        found.append(
            Event(
                id=ref.id,
                iri=ref.iri,
                label=ref.label,
                date=when,
                when=text(row, "when"),
                action=named[action] if action else None,
                sources=source.sources if source else [],
                confidence=text(row, "confidence"),
                comment=source.comment if source else None,
            )
        )
    return found
