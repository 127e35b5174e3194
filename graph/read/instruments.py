"""Instruments of law: their provisions and norms, their dates, and in which state they were on a day.

Made, published, in force, applicable, enforced, enjoined and repealed are kept apart: most errors about law come from
merging them.
"""

from datetime import date
from typing import TYPE_CHECKING, Literal

import ontology
from graph.derive.states import Act, read_acts
from graph.errors import NotFound
from graph.read.references import Answer, Ref, country, refs, resolve, sourced
from graph.read.spans import last_covered
from graph.read.timeline import Event, events_of
from graph.terms import Row, date_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

Headline = Literal[
    "not yet made", "proposed", "made, not in force", "in force, not yet applicable", "in force", "partly suspended",
    "suspended", "enforcement delayed", "ended", "unknown",
]  # fmt: skip


class Status(Answer):
    """The state of an instrument on a day: a headline, and every aspect by itself with what brought it about."""

    as_of: date
    headline: Headline
    made: bool
    in_force: bool
    applicable: bool
    ended: bool
    suspended: list[Ref]
    enforcement_delayed: list[Ref]
    unknown: list[Ref]
    because: str


class NormRef(Ref):
    """A norm with its modality."""

    modality: str


class Provision(Answer):
    """A part of an instrument with the norms it states and the acts that hold it without effect."""

    provision: Ref
    number: str | None
    text: str | None
    norms: list[NormRef]
    suspended: list[Ref]


class Rule(Answer):
    """An instrument in brief, with its status."""

    id: str
    iri: str
    label: str
    type: Literal["instrument"] = "instrument"
    title: str | None
    market: Ref | None
    citation: str | None
    made: date | None
    published: date | None
    in_force_from: date | None
    applicable_from: date | None
    ended_on: date | None
    status: Status


class RuleDetail(Rule):
    """An instrument with its links, provisions, norms, history and sources."""

    issuers: list[Ref]
    links: dict[str, list[Ref]]
    provisions: list[Provision]
    history: list[Event]
    sources: list[Ref]
    confidence: str | None
    comment: str | None


def rules(graph: "KnowledgeGraph", as_of: date, market: str | None = None) -> list[Rule]:
    """The instruments of the graph (of one market) with their status on `as_of`, oldest first."""
    place = country(graph, market)
    rows = graph.rows("instruments", instrument=None, market=node(place) if place else None)
    rows = list({str(text(row, "instrument")): row for row in rows}.values())
    refs(graph, [iri for row in rows for iri in (text(row, "instrument"), text(row, "country"))])
    return [Rule(**_brief(graph, row, as_of)) for row in rows]


def rule(graph: "KnowledgeGraph", name: str, as_of: date) -> RuleDetail:
    """One instrument by its slug; `NotFound` where there is none."""
    iri = resolve(graph, name).iri
    rows = graph.rows("instruments", instrument=node(iri), market=None)
    if not rows:
        raise NotFound(f"{name!r} is not an instrument. List the instruments with /rules.", id=name)
    links: dict[str, list[Ref]] = {}
    linked = graph.rows("instrument-links", instrument=node(iri))
    named = refs(graph, (text(row, "other") for row in linked))
    for row in linked:
        links.setdefault(str(text(row, "relation")), []).append(named[str(text(row, "other"))])
    parts = graph.rows("provisions", instrument=node(iri))
    touched = {iri, *(value for row in parts for name in ("provision", "norm") if (value := text(row, name)))}
    backed = sourced(graph, [iri]).get(iri)
    return RuleDetail(
        **_brief(graph, rows[0], as_of),
        issuers=links.pop("issuer", []),
        links=links,
        provisions=_provisions(graph, iri, parts, as_of),
        history=events_of(graph, touched),
        sources=backed.sources if backed else [],
        confidence=backed.confidence if backed else None,
        comment=backed.comment if backed else None,
    )


def _brief(graph: "KnowledgeGraph", row: Row, as_of: date) -> dict[str, object]:
    iri, country = str(text(row, "instrument")), text(row, "country")
    named = refs(graph, [iri, country])
    return {
        "id": named[iri].id,
        "iri": iri,
        "label": named[iri].label,
        "title": text(row, "title"),
        "market": named[country] if country else None,
        "citation": text(row, "citation"),
        "made": date_of(row, "made"),
        "published": date_of(row, "published"),
        "in_force_from": date_of(row, "inForce"),
        "applicable_from": date_of(row, "applicable"),
        "ended_on": date_of(row, "ended"),
        "status": _status(graph, row, as_of),
    }


def _status(graph: "KnowledgeGraph", row: Row, as_of: date) -> Status:
    iri = str(text(row, "instrument"))
    acts = read_acts(graph)
    whole = _holding(acts, iri, as_of)
    parts = graph.memo("parts", lambda: _parts(graph)).get(iri, [])
    partly = {act.iri for part in parts for act in _holding(acts, part, as_of).get("suspends", [])}
    delays = {act.iri for part in (iri, *parts) for act in _holding(acts, part, as_of).get("delaysEnforcement", [])}
    unknown = [act.iri for act in whole.get("unsettles", [])]
    suspends = [act.iri for act in whole.get("suspends", [])]
    made, published, applies, ends = (date_of(row, name) for name in ("made", "published", "applicable", "ended"))
    begins = date_of(row, "inForce") or applies or made or published
    is_made = begins is None or min(day for day in (made, published, begins) if day) <= as_of
    in_force = begins is not None and begins <= as_of and not (ends and ends <= as_of)
    applicable = in_force and (applies is None or applies <= as_of)
    covered = last_covered(graph, iri)
    headline, because = _headline(
        [
            (not is_made, "not yet made", f"made on {made or published or begins}"),
            (bool(ends and ends <= as_of), "ended", f"ended on {ends}"),
            (bool(covered and as_of > covered), "unknown", f"the sources reach to {covered}"),
            (text(row, "type") == ontology.iri("id:bill"), "proposed", "a bill; no source says that it became law"),
            (begins is None, "unknown", "no source here dates it"),
            (bool(unknown), "unknown", "an open point leaves its state unknown"),
            (not in_force, "made, not in force", f"in force from {begins}"),
            (bool(suspends), "suspended", "a decision holds it without effect"),
            (not applicable, "in force, not yet applicable", f"applicable from {applies}"),
            (bool(partly), "partly suspended", "a decision holds a part without effect"),
            (bool(delays), "enforcement delayed", "enforcement is held back; it stays in force"),
        ],
        f"in force since {begins}",
    )
    named = refs(graph, [*suspends, *partly, *delays, *unknown])
    return Status(
        as_of=as_of,
        headline=headline,
        made=is_made,
        in_force=in_force,
        applicable=applicable,
        ended=bool(ends and ends <= as_of),
        suspended=[named[act] for act in sorted({*suspends, *partly})],
        enforcement_delayed=[named[act] for act in sorted(delays)],
        unknown=[named[act] for act in unknown],
        because=because,
    )


def _headline(tests: list[tuple[bool, Headline, str]], otherwise: str) -> tuple[Headline, str]:
    return next(((name, because) for holds, name, because in tests if holds), ("in force", otherwise))


def _holding(acts: dict[str, list[Act]], target: str, day: date) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = {}
    for act in acts.get(target, []):
        if act.holds(day):
            found.setdefault(act.effect, []).append(act)
    return found


def _provisions(graph: "KnowledgeGraph", instrument: str, rows: list[Row], as_of: date) -> list[Provision]:
    acts = read_acts(graph)
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(str(text(row, "provision")), []).append(row)
    suspended = {iri: [act.iri for act in _holding(acts, iri, as_of).get("suspends", [])] for iri in grouped}
    named = refs(
        graph, [*grouped, *(act for group in suspended.values() for act in group), *(text(row, "norm") for row in rows)]
    )
    found = []
    for iri, parts in grouped.items():
        norms = [
            NormRef(**named[norm].model_dump(), modality=ontology.slug_of(str(text(row, "modality"))).lower())
            for row in parts
            if (norm := text(row, "norm"))
        ]
        if iri != instrument or norms:
            number, said = text(parts[0], "number"), text(parts[0], "text")
            holds = [named[act] for act in suspended[iri]]
            found.append(Provision(provision=named[iri], number=number, text=said, norms=norms, suspended=holds))
    return found


def _parts(graph: "KnowledgeGraph") -> dict[str, list[str]]:
    """All provisions and norms within each instrument."""
    found: dict[str, list[str]] = {}
    for row in graph.rows("parts"):
        found.setdefault(str(text(row, "instrument")), []).append(str(text(row, "part")))
    return found
