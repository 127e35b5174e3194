"""Claims: who said what, how, when and where, what disputes it, and what the primary material says next to it."""

import re
from datetime import date
from typing import TYPE_CHECKING, Literal

from graph.errors import NotFound
from graph.read.references import Answer, Ref, refs, resolve, sourced, term_of
from graph.terms import Row, Term, date_of, day, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: A field of a claim is called `date`, so the type needs another name.
Day = date


class Place(Answer):
    """Where a claim stands in its source: paragraph 0 is the headline; sentences count from 1."""

    source: Ref
    paragraph: int | None
    sentence: int | None


class Check(Answer):
    """What comparing a claim with the primary material showed."""

    id: str
    finding: str | None
    text: str | None
    basis: list[Ref]
    sources: list[Ref]
    confidence: str | None


class Claim(Answer):
    """A claim. `date` is the day it is about, `said_on` the day it was made, `when` the source's own wording."""

    id: str
    iri: str
    label: str
    type: Literal["claim"] = "claim"
    text: str | None
    speaker: list[Ref]
    through: str | None
    stance: str
    date: Day | None
    said_on: Day | None
    when: str | None
    about: list[Ref]
    position: list[Place]
    disputes: list[Ref]
    disputed_by: list[Ref]
    agrees_with: list[Ref]
    checks: list[Check]
    sources: list[Ref]


def claims(
    graph: "KnowledgeGraph", as_of: date, *, speaker: str | None = None, about: str | None = None
) -> list[Claim]:
    """The claims made by `as_of`, oldest first; `speaker` and `about` are slugs."""
    rows = _rows(graph, as_of, speaker=term_of(graph, speaker), about=term_of(graph, about))
    return _claims(graph, rows)


def claim(graph: "KnowledgeGraph", name: str, as_of: date) -> Claim:
    """One claim by its slug; `NotFound` where there is none by then."""
    found = _claims(graph, _rows(graph, as_of, claim=node(resolve(graph, name).iri)))
    if not found:
        raise NotFound(f"There is no claim {name!r} on {as_of}. List them with /claims.", id=name)
    return found[0]


def _rows(graph: "KnowledgeGraph", as_of: date, **given: Term | None) -> list[Row]:
    parameters: dict[str, Term | list[Term] | None] = {n: given.get(n) for n in ("claim", "speaker", "about")}
    return graph.rows("claims", **parameters, asOf=day(as_of))


def _claims(graph: "KnowledgeGraph", rows: list[Row]) -> list[Claim]:
    nodes: list[Term] = [row["claim"] for row in rows]
    if not nodes:
        return []
    links, places = graph.rows("claim-links", claims=nodes), graph.rows("claim-places", claims=nodes)
    others = [text(row, "other") for row in links] + [text(row, "source") for row in places]
    named = refs(graph, [*others, *(text(row, n) for row in rows for n in ("claim", "stance"))])
    checks = _checks(graph, [row["other"] for row in links if text(row, "relation") == "check"])
    backed = sourced(graph, (str(text(row, "claim")) for row in rows))

    def linked(claim: str, relation: str) -> list[str]:
        return [str(text(r, "other")) for r in links if text(r, "claim") == claim and text(r, "relation") == relation]

    found = []
    for row in rows:
        iri = str(text(row, "claim"))
        found.append(
            Claim(
                **named[iri].model_dump(include={"id", "iri", "label"}),
                text=text(row, "text"),
                speaker=[named[other] for other in linked(iri, "speaker")],
                through=text(row, "through"),
                stance=named[str(text(row, "stance"))].label,
                date=date_of(row, "date"),
                said_on=date_of(row, "said"),
                when=text(row, "when"),
                about=[named[other] for other in linked(iri, "about")],
                position=[_place(place, named) for place in places if text(place, "claim") == iri],
                disputes=[named[other] for other in linked(iri, "disputes")],
                disputed_by=[named[other] for other in linked(iri, "disputed_by")],
                agrees_with=[named[other] for other in linked(iri, "agrees_with")],
                checks=[checks[other] for other in linked(iri, "check")],
                sources=backed[iri].sources if iri in backed else [],
            )
        )
    return found


def _place(row: Row, named: dict[str, Ref]) -> Place:
    numbers = dict(re.findall(r"(\w+)=(\d+)", text(row, "place") or ""))
    return Place(
        source=named[str(text(row, "source"))],
        paragraph=int(numbers["paragraph"]) if "paragraph" in numbers else None,
        sentence=int(numbers["sentence"]) if "sentence" in numbers else None,
    )


def _checks(graph: "KnowledgeGraph", nodes: list[Term]) -> dict[str, Check]:
    if not nodes:
        return {}
    rows = graph.rows("checks", checks=nodes)
    named = refs(graph, [iri for row in rows for iri in (text(row, "check"), text(row, "basis"))])
    backed = sourced(graph, (str(text(row, "check")) for row in rows))
    found: dict[str, Check] = {}
    for row in rows:
        iri, basis = str(text(row, "check")), text(row, "basis")
        before = found[iri].basis if iri in found else []
        source = backed.get(iri)
        found[iri] = Check(
            id=named[iri].id,
            finding=text(row, "finding"),
            text=text(row, "text"),
            basis=[*before, named[basis]] if basis else before,
            sources=source.sources if source else [],
            confidence=source.confidence if source else None,
        )
    return found
