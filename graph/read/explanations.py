"""Why a legal position exists and how it stands: its rule, its facts and their sources, its exceptions, its clock."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import pyoxigraph as ox

import ontology
from graph.derive.law import read_law
from graph.derive.periods import Period, skipped
from graph.derive.positions import Key, lifts_of, premises_of
from graph.derive.rules import CASE, Exemption, Rule
from graph.derive.spans import Span
from graph.derive.states import State
from graph.read.obligations import DeadlineStep, Obligation, obligation
from graph.read.references import Answer, Ref, Sourced, refs, sourced
from graph.terms import Row, Term, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: How far the grounds of grounds are followed.
_DEEP = 6
#: The blank nodes of a provenance, which are named by its position so that several can stand in one graph.
_PARTS = ("derivation", "association")


class Premise(Answer):
    """A fact a legal position rests on, with where it is stated; what follows from a definition has grounds itself."""

    fact: Ref
    text: str | None = None
    source: Sourced
    rule: Ref | None = None
    grounds: "tuple[Premise, ...]" = ()


class Lift(Answer):
    """Something that lifts the norm for this case, from a day until before another."""

    since: date | None
    until: date | None
    facts: list[Premise]


class Tried(Answer):
    """An exception of the norm: what lifts it, and whether it did so in this case."""

    exception: str
    held: bool
    lifts: list[Lift]


class DayPassedOver(Answer):
    """A day that does not count as a working day, and why; or a weekend day that was worked and counts."""

    day: date
    reason: str
    counts: bool


class Clock(Answer):
    """The arithmetic of a deadline: from which day, how much, by whose calendar, to which day, past which days."""

    start: date
    amount: int
    unit: str
    calendar: str | None
    end: date
    days: list[DayPassedOver]


class Explanation(Answer):
    """Why a legal position exists and how it stands, as one object and as a paragraph."""

    obligation: Obligation
    rule: Premise
    premises: list[Premise]
    exceptions: list[Tried]
    clock: Clock | None
    deadline: list[DeadlineStep]
    state: State
    because: str
    acts: list[Premise]
    paragraph: str


def explain(graph: "KnowledgeGraph", name: str, as_of: date) -> Explanation:
    """Why the legal position exists, down to the sources. `NotFound` where there is none on that day."""
    found = obligation(graph, name, as_of)
    grounds = _grounds(graph, found.iri)
    law = read_law(graph).rules[found.norm.iri]
    case: Key = tuple((part, node(ref.iri)) for part in CASE if isinstance(ref := getattr(found, part, None), Ref))
    lifts = lifts_of(graph, law, case, [node(iri) for iri in grounds])
    lifting = {iri for _, rows in lifts for row, _ in rows for iri in _named(row)}
    book = _Book(graph, [*grounds, *lifting, found.provision.iri, found.norm.iri, *(act.iri for act in found.acts)])
    rule = Premise(fact=found.provision, text=book.texts.get(found.provision.iri), source=book.source(found.norm.iri))
    tried = _tried(graph, law, lifts, book)
    premises = [book.premise(iri) for iri in grounds if iri not in lifting]
    return Explanation(
        obligation=found,
        rule=rule,
        premises=premises,
        exceptions=tried,
        clock=_clock(found, law),
        deadline=found.deadline,
        state=found.state,
        because=found.because,
        acts=[book.premise(act.iri) for act in found.acts],
        paragraph=_paragraph(found, rule, premises, tried, _clock(found, law)),
    )


def provenance(graph: "KnowledgeGraph", name: str, as_of: date) -> list[ox.Triple]:
    """The explanation as PROV-O: the derivation as an activity that used the facts under the plan of the norm."""
    found = explain(graph, name, as_of)
    position = node(found.obligation.iri)
    activity, association = (ox.BlankNode(f"{part}-{position.value.rsplit('/', 1)[-1]}") for part in _PARTS)
    triples = [
        _triple(position, "rdf:type", node(ontology.iri("vin:LegalPosition"))),
        _triple(position, "prov:wasGeneratedBy", activity),
        _triple(activity, "rdf:type", node(ontology.iri("prov:Activity"))),
        _triple(activity, "prov:qualifiedAssociation", association),
        _triple(association, "rdf:type", node(ontology.iri("prov:Association"))),
        _triple(association, "prov:hadPlan", node(found.obligation.norm.iri)),
        _triple(node(found.obligation.norm.iri), "prov:wasDerivedFrom", node(found.rule.fact.iri)),
        _triple(position, "rdfs:comment", ox.Literal(found.paragraph, language="en")),
    ]
    lifting = [fact for tried in found.exceptions for lift in tried.lifts for fact in lift.facts]
    left = [(position, premise) for premise in (*found.premises, *found.acts, *lifting)]
    while left:
        thing, premise = left.pop()
        fact = node(premise.fact.iri)
        triples.append(_triple(thing, "prov:wasDerivedFrom", fact))
        if thing == position:
            triples.append(_triple(activity, "prov:used", fact))
        triples.append(_triple(fact, "rdfs:label", ox.Literal(premise.fact.label, language="en")))
        triples += [_triple(fact, "prov:hadPrimarySource", node(source.iri)) for source in premise.source.sources]
        left += [(fact, ground) for ground in premise.grounds]
    return list(dict.fromkeys(triples))


class _Book:
    """What is told of the facts: labels, texts, sources, and for derived ones what they follow from."""

    def __init__(self, graph: "KnowledgeGraph", iris: Iterable[str]) -> None:
        self._graph = graph
        self._below: dict[str, tuple[str | None, list[str]]] = {}
        left = list(iris)
        for _ in range(_DEEP):
            left = [iri for iri in left if iri not in self._below]
            for row in graph.rows("grounds-of", nodes=[node(iri) for iri in left]) if left else ():
                _, known = self._below.setdefault(str(text(row, "node")), (text(row, "rule"), []))
                known.append(str(text(row, "premise")))
            fresh = [premise for iri in left for premise in self._below.setdefault(iri, (None, []))[1]]
            left = list(dict.fromkeys(fresh))
        rules = [rule for rule, _ in self._below.values() if rule]
        everything = [*self._below, *rules]
        self._refs = refs(graph, everything)
        self._sources = sourced(graph, everything)
        self.texts = {
            str(text(row, "node")): text(row, "text")
            for row in graph.rows("abstracts", nodes=[node(iri) for iri in everything if not iri.startswith("_:")])
        }

    def source(self, iri: str) -> Sourced:
        """Where a record comes from."""
        return self._sources.get(iri, Sourced())

    def premise(self, iri: str) -> Premise:
        """A fact with its grounds."""
        rule, below = self._below.get(iri, (None, []))
        return Premise(
            fact=self._refs[iri] if iri in self._refs else refs(self._graph, [iri])[iri],
            text=self.texts.get(rule or iri),
            source=self.source(rule or iri),
            rule=self._refs.get(rule) if rule else None,
            grounds=tuple(self.premise(ground) for ground in below),
        )


def _grounds(graph: "KnowledgeGraph", iri: str) -> list[str]:
    return [premise for row in graph.rows("grounds", position=node(iri)) if (premise := text(row, "premise"))]


def _tried(
    graph: "KnowledgeGraph", rule: Rule, lifts: list[tuple[Exemption, list[tuple[Row, Span]]]], book: _Book
) -> list[Tried]:
    names = {str(text(row, "exception")): text(row, "label") for row in graph.rows("lifts")}
    found = []
    for exception, rows in lifts:
        iri = exception.iri
        found.append(
            Tried(
                exception=names.get(iri) or ontology.slug_of(iri),
                held=bool(rows),
                lifts=[
                    Lift(
                        since=span.begin,
                        until=span.end,
                        facts=[book.premise(iri) for iri in _named(row)],
                    )
                    for row, span in rows
                ],
            )
        )
    return found


def _clock(found: Obligation, rule: Rule) -> Clock | None:
    step = found.deadline[0] if found.deadline else None
    if rule.period is None or step is None or step.on is None or step.by is not None:
        return None
    period: Period = rule.period
    country = rule.country or ""
    days = [DayPassedOver(day=d.day, reason=d.reason, counts=d.counts) for d in skipped(step.on, period, country)]
    calendar = rule.country if period.unit == "working day" else None
    return Clock(start=step.on, amount=period.amount, unit=period.unit, calendar=calendar, end=step.due, days=days)


def _paragraph(
    found: Obligation, rule: Premise, premises: Iterable[Premise], tried: list[Tried], clock: Clock | None
) -> str:
    """The explanation in sentences a lawyer can paste."""
    said = f" {rule.text}" if rule.text else ""
    facts = "; ".join(_fact(premise) for premise in premises)
    deadlines = " ".join(f"Due {step.due} ({step.reason})." for step in found.deadline)
    sources = ", ".join(source.label for source in found.sources)
    failed = [one.exception for one in tried if not one.held]
    held = [f"{one.exception} ({_span(lift)})" for one in tried for lift in one.lifts]
    return " ".join(
        part
        for part in (
            f"As of {found.as_of}, {found.sentence}.",
            f"Ground: {found.provision.label} ({found.label}).{said}",
            f"Facts: {facts}." if facts else "",
            deadlines,
            _calendar(clock) if clock else "",
            f"Lifted by: {'; '.join(held)}." if held else "",
            f"Exceptions that do not hold here: {'; '.join(failed)}." if failed else "",
            f"State: {found.state}, because {found.because}.",
            f"Penalty: {found.penalty}." if found.penalty else "",
            f"Sources: {sources} (confidence: {found.confidence or 'not stated'})." if sources else "",
            "Information, not legal advice.",
        )
        if part
    )


def _fact(premise: Premise) -> str:
    if not premise.rule:
        return premise.fact.label
    because = ", ".join(_fact(ground) for ground in premise.grounds)
    return f"{premise.rule.label}{f' (because of {because})' if because else ''}"


def _span(lift: Lift) -> str:
    since = f"from {lift.since}" if lift.since else "from the beginning"
    return f"{since} until {lift.until}" if lift.until else since


def _calendar(clock: Clock) -> str:
    holidays = [f"{day.day} ({day.reason})" for day in clock.days if not day.counts and day.reason != "weekend"]
    worked = [str(day.day) for day in clock.days if day.counts]
    parts = []
    if holidays:
        parts.append(f"Not counted: {', '.join(holidays)}.")
    if worked:
        parts.append(f"Counted although on a weekend, because worked: {', '.join(worked)}.")
    return " ".join(parts)


def _named(row: Row) -> list[str]:
    return [term.value for term in premises_of(row) if isinstance(term, ox.NamedNode)]


def _triple(subject: ox.NamedNode | ox.BlankNode, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, node(ontology.iri(predicate)), value)
