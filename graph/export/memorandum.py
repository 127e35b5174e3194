"""An assessment as a memorandum: one HTML page that needs no network and no script, and prints well on paper.

Nothing in a description can run or load: every text is escaped where it is placed, and the page's
Content-Security-Policy allows its own style, by its hash, and nothing else.
Standards: https://html.spec.whatwg.org/, https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/css-page-3/.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from graph.conflicts.answers import Conflict
from graph.deals.check import norms_by_name
from graph.deals.path import PASSES
from graph.deals.plan import PlannedStep, latest_filings
from graph.deals.wording import (
    DISCLAIMER,
    PASS_NAMES,
    PASSES_EXPLAINED,
    VERDICT_NAMES,
    completion_sentence,
    content,
    days,
    ground,
    headline,
    lasts,
    modality,
    pressing,
    source_line,
    supposed,
    told,
    verdict_sentence,
    way_out,
    who,
)
from graph.export.markup import element as e
from graph.export.timeline import legend, timeline
from graph.read.citations import citations
from graph.read.references import Ref

if TYPE_CHECKING:
    from graph.deals.assess import Assessed, Bound


def memorandum(found: "Assessed") -> bytes:
    """The memorandum on an assessment as a UTF-8 page; the same for the same assessment."""
    page = _Memorandum(found).page()
    return f"<!DOCTYPE html>\n{ElementTree.tostring(page, encoding='unicode', method='html')}\n".encode()


class _Memorandum:
    """Writes the parts of one memorandum."""

    def __init__(self, found: "Assessed") -> None:
        self._assessment, self._deal = found.assessment, found.deal
        steps = found.assessment.plan.steps
        norms = norms_by_name(found.world)
        supposed_of = {event.of: norms[event.of] for event in found.deal.assume if event.of in norms}
        cited = [ref.iri for ref in found.assessment.sources] + [s.ground.iri for s in steps if s.ground]
        self._cited = citations(found.world, [*cited, *supposed_of.values()])
        self._norms = {name: self._cited[iri].label for name, iri in supposed_of.items() if iri in self._cited}
        self._numbers = {source.iri: n for n, source in enumerate(found.assessment.sources, 1)}
        positions = sorted(
            found.assessment.obligations, key=lambda o: (o.bearer.label, o.bearer.iri, o.modality, str(o.due), o.id)
        )
        self._positions = positions
        self._grounds = {position.iri: n for n, position in enumerate(positions, 1)}

    def page(self) -> Element:
        """The whole document."""
        title = f"{self._deal.label} ({self._assessment.as_of})"
        style = files("graph.export").joinpath("memorandum.css").read_text(encoding="utf-8")
        allowed = b64encode(sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
        head = e(
            "head",
            e("meta", charset="utf-8"),
            e("meta", http_equiv="Content-Security-Policy", content=policy),
            e("meta", name="viewport", content="width=device-width, initial-scale=1"),
            e("meta", name="referrer", content="no-referrer"),
            e("title", title),
            e("style", style),
        )
        return e("html", head, e("body", *self._parts()), lang="en")

    def _parts(self) -> Iterator[Element]:
        yield self._header()
        sections = [
            ("Deadlines", self._deadlines()),
            ("The way through", self._way()),
            ("Latest days to file", self._filings()),
            ("Who must lift what", [self._conflict(conflict) for conflict in self._assessment.conflicts]),
            ("Approvals", self._approvals()),
            ("What binds whom", self._bonds()),
            ("What is missing", self._missing()),
            ("The deal as it was described", [_definitions(told(self._deal))]),
            ("What was supposed", self._supposed()),
            ("Why it binds", self._explanations()),
            ("Sources", self._sources()),
        ]
        shown = [(title, parts) for title, content in sections if (parts := list(content))]
        for number, (title, parts) in enumerate(shown, 1):
            yield e("section", e("h2", f"{number}. {title}"), *parts)
        yield e("footer", e("p", DISCLAIMER), class_="muted")

    def _header(self) -> Element:
        found = self._assessment
        verdict = e(
            "div",
            e("strong", VERDICT_NAMES[found.verdict]),
            e("p", verdict_sentence(found), dir="auto"),
            e("p", completion_sentence(found), class_="muted"),
            class_=f"verdict {found.verdict}",
        )
        asked = f"Asked of {found.as_of}. {self._deal.kind.replace('-', ' ').capitalize()}"
        markets = f" in {', '.join(self._deal.markets)}" if self._deal.markets else ""
        return e(
            "header",
            e("p", "Memorandum", class_="kicker"),
            e("h1", self._deal.label, dir="auto"),
            e("p", f"{asked}{markets}.", class_="muted"),
            verdict,
        )

    def _deadlines(self) -> Iterator[Element]:
        found = self._assessment.deadlines
        if not found:
            return
        heads = ["Deadline", "Day", *(f"#Spare, {PASS_NAMES[name]}" for name in PASSES), "Verdict"]
        rows = [
            e(
                "tr",
                _cell(headline(met.label)),
                _date(met.date),
                *(_slack(getattr(met, f"slack_{name}")) for name in PASSES),
                e("td", VERDICT_NAMES[met.verdict], e("small", met.because), class_="word"),
            )
            for met in found
        ]
        yield _table(heads, rows)

    def _way(self) -> Iterator[Element]:
        plan = self._assessment.plan
        yield e("figure", timeline(plan), legend())
        heads = ["Step", "Starts", *(f"Over, {PASS_NAMES[name]}" for name in PASSES), "#Spare days"]
        yield e("h3", "Steps")
        yield _table(heads, [self._step(step) for step in plan.steps])
        yield e("p", PASSES_EXPLAINED, class_="muted")

    def _step(self, step: PlannedStep) -> Element:
        reserve = pressing(step)
        return e(
            "tr",
            _cell(headline(step.label), *self._step_notes(step)),
            _date(step.starts.typical),
            *(_date(getattr(step.finishes, name), step.estimated and name == "typical") for name in PASSES),
            _slack(reserve.slack_typical if reserve else None),
            class_="critical" if step.critical else "step",
        )

    def _step_notes(self, step: PlannedStep) -> Iterator[str]:
        """Who does it in which time, by whose calendar, and on which ground."""
        counted = step.calendar and not step.done and "working" in f"{step.lasts.typical}{step.lasts.by_law}"
        calendar = f" by the calendar of {step.calendar}" if counted else ""
        voluntary = "; nothing bars the deal without it" if step.voluntary else ""
        time = f"{lasts(step)}{calendar}{voluntary}"
        yield f"{actors}: {time}" if (actors := who(step)) else time
        yield ground(step, self._cited)

    def _filings(self) -> Iterator[Element]:
        found = latest_filings(self._assessment.plan)
        if found:
            heads = ["Filing", "Before", "Made", "Latest, usual", "Latest, by law", "Latest, longest"]
            rows = [
                e(
                    "tr",
                    _cell(headline(filing.label)),
                    _cell(headline(filing.deadline)),
                    _date(filing.made),
                    _date(filing.typical),
                    _date(filing.by_law),
                    _date(filing.maximum),
                )
                for filing in found
            ]
            yield _table(heads, rows)

    def _conflict(self, conflict: Conflict) -> Element:
        sides = [
            e(
                "li",
                side.obligation.sentence,
                " ",
                self._reference(side.obligation.iri),
                e("small", f" Can be lifted by: {', '.join(ref.label for ref in side.lifted_by) or 'nobody known'}."),
                dir="auto",
            )
            for side in conflict.sides
        ]
        ways = [e("li", way_out(out), dir="auto") for out in conflict.ways_out]
        kind = e("span", f"{conflict.severity}, {conflict.pattern}", class_="tag")
        closed = "No way out is known." if conflict.severity in ("deadlock", "timing") else None
        return e(
            "div",
            e("p", kind, f" {headline(conflict.because)}.", dir="auto"),
            e("ul", *sides),
            e("p", e("b", "Ways out")) if ways else e("p", closed),
            e("ul", *ways) if ways else None,
            class_=f"conflict {conflict.severity}",
        )

    def _approvals(self) -> Iterator[Element]:
        found = self._assessment.approvals
        if found:
            heads = ["Approval", "Authority", "Clock starts", *(f"Earliest, {PASS_NAMES[name]}" for name in PASSES)]
            rows = [
                e(
                    "tr",
                    _cell(headline(approval.label), approval.norm.label if approval.norm else ""),
                    _cell(approval.authority.label if approval.authority else ""),
                    _date(approval.clock_start.typical),
                    *(
                        _date(getattr(approval.earliest_finish, name), approval.estimated and name == "typical")
                        for name in PASSES
                    ),
                )
                for approval in found
            ]
            yield _table(heads, rows)

    def _bonds(self) -> Iterator[Element]:
        if not self._positions:
            return
        rows = []
        for bearer, group in groupby(self._positions, key=lambda position: position.bearer):
            rows.append(e("tr", e("td", bearer.label, colspan="5", dir="auto"), class_="party"))
            rows += [self._bond(position) for position in group]
        yield _table(["", "What", "Due", "State", "Ground"], rows)

    def _bond(self, position: "Bound") -> Element:
        ground = e("td", position.provision.label, " ", *self._source_marks(position), dir="auto")
        ground.append(e("small", f"{position.instrument.label}; confidence: {position.confidence or 'not stated'}"))
        return e(
            "tr",
            e("td", e("span", modality(position.modality), class_="tag")),
            e("td", headline(content(position)), " ", self._reference(position.iri), dir="auto"),
            _date(position.due),
            e("td", position.state, class_="word"),
            ground,
        )

    def _missing(self) -> Iterator[Element]:
        found = self._assessment.missing
        if found:
            rows = [e("tr", e("td", m.field, class_="word"), _cell(m.question), _cell(m.because)) for m in found]
            yield _table(["Field", "Question", "Because"], rows)

    def _supposed(self) -> Iterator[Element]:
        if self._deal.assume:
            yield e("ul", *(e("li", supposed(event, self._norms), dir="auto") for event in self._deal.assume))

    def _explanations(self) -> Iterator[Element]:
        if self._positions:
            yield e("ol", *(self._explanation(position) for position in self._positions), class_="grounds")

    def _explanation(self, position: "Bound") -> Element:
        paragraph = position.explanation.removesuffix(" Information, not legal advice.")
        return e("li", paragraph, id=f"ground-{self._grounds[position.iri]}", dir="auto")

    def _sources(self) -> Iterator[Element]:
        if self._numbers:
            yield e("p", "Numbers in square brackets stand for these sources.", class_="muted")
            yield e("ol", *(self._source(source) for source in self._assessment.sources), class_="sources")

    def _source(self, source: Ref) -> Element:
        what = source_line(source, self._cited)
        return e("li", e("b", source.label), f". {what}", id=f"source-{self._numbers[source.iri]}", dir="auto")

    def _reference(self, iri: str) -> Element | None:
        """A link from a legal position to why it binds."""
        number = self._grounds.get(iri)
        return e("a", f"(ground {number})", href=f"#ground-{number}") if number else None

    def _source_marks(self, position: "Bound") -> Iterator[Element]:
        for number in sorted(self._numbers[source.iri] for source in position.sources):
            yield e("a", f"[{number}]", href=f"#source-{number}")


def _definitions(rows: Iterable[tuple[str, list[str]]]) -> Element:
    made = e("dl")
    for name, values in rows:
        made.append(e("dt", name.capitalize()))
        made.append(e("dd", *(e("div", value, dir="auto") for value in values)))
    return made


def _table(heads: Iterable[str], rows: Iterable[Element]) -> Element:
    """A table; a head that begins with ``#`` stands over numbers."""
    return e("table", e("thead", e("tr", *map(_head, heads))), e("tbody", *rows))


def _head(name: str) -> Element:
    return e("th", name.removeprefix("#"), scope="col", class_="number" if name.startswith("#") else "text")


def _cell(text: str, *notes: str) -> Element:
    return e("td", text, *(e("small", note) for note in notes if note), dir="auto")


def _date(day: object, estimated: bool = False) -> Element:
    return e("td", f"{'~' if estimated else ''}{day}" if day else "", class_="date")


def _slack(number: int | None) -> Element:
    return e("td", days(number), class_="number late" if number is not None and number < 0 else "number")
