"""An assessment as RDF: the deal's facts, its legal positions with their grounds as PROV-O, the plan and its steps.

The plan is a `prov:Plan` that has the steps as its parts. A step is a `schema:Action` with its agents and its
`vin:action`; it requires the steps before it, has for each pass an interval of OWL-Time (`dcterms:temporal`, named by
its `dcterms:identifier`), and is due (`vin:due`) on the last day on which it can usually be over and the tightest
deadline be met. The verdict and its reason have the terms of the JSON (``https://w3id.org/vinculum/api#``).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pyoxigraph as ox

import ontology
from graph.deals.path import PASSES
from graph.deals.plan import PlannedStep
from graph.read.citations import citations
from graph.read.explanations import provenance
from graph.read.obligations import Obligation
from graph.read.references import Ref
from graph.terms import Term, day, node

if TYPE_CHECKING:
    from graph.deals.assess import Assessed

_API: Final = f"{ontology.BASE}api#"


def statements(found: "Assessed") -> list[ox.Triple]:
    """The triples of an assessment, each once, in the order of their text."""
    triples = [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in found.facts.quads]
    for position in found.assessment.obligations:
        triples += provenance(found.world, position.iri, found.assessment.as_of)
        triples += _position(position)
    triples += _plan(found)
    triples += _sources(found)
    return sorted(set(triples), key=str)


def _position(position: Obligation) -> Iterator[ox.Triple]:
    here = position.iri
    yield _said(here, "rdfs:label", _text(position.sentence))
    yield _said(here, "vin:modality", node(ontology.iri(f"vin:{position.modality.capitalize()}")))
    yield _said(here, "vin:state", node(ontology.iri(f"vin:{position.state.capitalize()}")))
    yield from _linked(here, "vin:bearer", position.bearer)
    yield from _linked(here, "vin:counterparty", position.counterparty)
    yield from _linked(here, "vin:action", position.action)
    yield from _linked(here, "vin:object", position.object)
    yield from _linked(here, "vin:norm", position.norm)
    if position.due:
        yield _said(here, "vin:due", day(position.due))
    for source in position.sources:
        yield _said(here, "dcterms:source", node(source.iri))


def _plan(found: "Assessed") -> Iterator[ox.Triple]:
    assessment, here = found.assessment, f"{found.facts.deal}/plan"
    yield _said(here, "rdf:type", node(ontology.iri("prov:Plan")))
    yield _said(here, "rdfs:label", _text(f"The way through, as of {assessment.as_of}: {found.deal.label}"))
    yield _said(here, "prov:wasDerivedFrom", node(found.facts.deal))
    yield _said(here, "dcterms:created", day(assessment.as_of))
    yield ox.Triple(node(here), node(f"{_API}verdict"), ox.Literal(assessment.verdict))
    yield ox.Triple(node(here), node(f"{_API}because"), ox.Literal(assessment.because))
    for deadline in assessment.deadlines:
        yield _said(here, "vin:due", day(deadline.date))
    for step in assessment.plan.steps:
        yield _said(here, "dcterms:hasPart", node(_step_of(here, step.id)))
        yield from _step(here, step)


def _step(plan: str, step: PlannedStep) -> Iterator[ox.Triple]:
    here = _step_of(plan, step.id)
    yield _said(here, "rdf:type", node(ontology.iri("schema:Action")))
    yield _said(here, "rdfs:label", _text(step.label))
    status = "Completed" if step.done else "Potential"
    yield _said(here, "schema:actionStatus", node(ontology.iri(f"schema:{status}ActionStatus")))
    yield from _linked(here, "vin:action", step.action)
    yield from _linked(here, "schema:object", step.about)
    yield from _linked(here, "prov:wasDerivedFrom", step.ground)
    for agent in step.by:
        yield from _linked(here, "schema:agent", agent)
    for before in step.after:
        yield _said(here, "dcterms:requires", node(_step_of(plan, before)))
    if last := min((r.latest.typical for r in step.reserves if r.latest.typical), default=None):
        yield _said(here, "vin:due", day(last))
    for name in PASSES:
        yield from _interval(here, step, name)


def _interval(step_iri: str, step: PlannedStep, name: str) -> Iterator[ox.Triple]:
    ends = {"time:hasBeginning": getattr(step.starts, name), "time:hasEnd": getattr(step.finishes, name)}
    if not any(ends.values()):
        return
    here = f"{step_iri}/{name}"
    yield _said(step_iri, "dcterms:temporal", node(here))
    yield _said(here, "rdf:type", node(ontology.iri("time:Interval")))
    yield _said(here, "dcterms:identifier", ox.Literal(name))
    for predicate, on in ends.items():
        if on:
            instant = f"{here}/{'begin' if predicate == 'time:hasBeginning' else 'end'}"
            yield _said(here, predicate, node(instant))
            yield _said(instant, "rdf:type", node(ontology.iri("time:Instant")))
            yield _said(instant, "time:inXSDDate", day(on))


def _sources(found: "Assessed") -> Iterator[ox.Triple]:
    cited = citations(found.world, (source.iri for source in found.assessment.sources))
    for iri, source in cited.items():
        yield _said(iri, "rdfs:label", _text(source.label))
        if source.description:
            yield _said(iri, "dcterms:description", _text(source.description))


def _linked(here: str, predicate: str, ref: Ref | None) -> Iterator[ox.Triple]:
    """The link to a thing, where there is one, and its label."""
    if ref:
        yield _said(here, predicate, node(ref.iri))
        yield _said(ref.iri, "rdfs:label", _text(ref.label))


def _step_of(plan: str, name: str) -> str:
    return f"{plan}/{quote(name, safe='/-._~')}"


def _said(here: str, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(node(here), node(ontology.iri(predicate)), value)


def _text(value: str) -> ox.Literal:
    return ox.Literal(value, language="en")
