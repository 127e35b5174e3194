"""Legal positions of every modality, with their state on a day, how their deadline was reached, and why they exist."""

from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import computed_field

import ontology
from graph.derive.periods import UNITS, Period
from graph.derive.rules import Resource, chain_of, read_resources
from graph.derive.states import (
    Act,
    Bond,
    Deeds,
    Judgement,
    State,
    acts_on,
    concerning,
    coverage,
    read_open,
    state_on,
)
from graph.errors import BadRequest, NotFound
from graph.read.references import Answer, Ref, Sourced, country, refs, resolve, sourced, term_of
from graph.terms import Row, Term, date_of, day, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

Modality = Literal["obligation", "prohibition", "permission", "power"]
MODALITIES: tuple[str, ...] = get_args(Modality)
STATES: tuple[str, ...] = get_args(State)
_VERBS = {"obligation": "must", "prohibition": "must not", "permission": "may", "power": "has the power to"}


class DeadlineStep(Answer):
    """One step in reaching a deadline: the counted date, or an act that moved it."""

    due: date
    reason: str
    on: date | None = None
    by: Ref | None = None


class Enforcement(Answer):
    """An act that holds back enforcement on the as-of date, though the position still binds."""

    delayed_by: Ref
    since: date | None
    until: date | None


class Obligation(Answer):
    """A legal position as of a day. `valid_until` is the first day it no longer holds; `due` the last day to act."""

    id: str
    iri: str
    label: str
    type: Literal["legal-position"] = "legal-position"
    modality: Modality
    state: State
    because: str
    acts: list[Ref]
    bearer: Ref
    counterparty: Ref | None
    action: Ref
    object: Ref | None
    market: Ref | None
    due: date | None
    deadline: list[DeadlineStep]
    arises: date | None
    valid_from: date | None
    valid_until: date | None
    enforcement: list[Enforcement]
    penalty: str | None
    enforced_by: Ref | None
    norm: Ref
    provision: Ref
    instrument: Ref
    sources: list[Ref]
    confidence: str | None
    as_of: date

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """Who must, must not, may or can do what to what, towards whom."""
        about = f": {self.object.label}" if self.object else ""
        towards = f", towards {self.counterparty.label}" if self.counterparty else ""
        return f"{self.bearer.label} {_VERBS[self.modality]} {self.action.label}{about}{towards}"


def obligations(
    graph: "KnowledgeGraph",
    as_of: date,
    *,
    norm: str | None = None,
    bearer: str | None = None,
    counterparty: str | None = None,
    market: str | None = None,
    modality: str | None = None,
    state: str | None = None,
    instrument: str | None = None,
    due_before: date | None = None,
) -> list[Obligation]:
    """The legal positions that can be seen on `as_of`, by due date; `NotFound` or `BadRequest` for unknown filters."""
    if modality is not None and modality not in MODALITIES:
        raise BadRequest(f"modality: {modality!r} is none of {', '.join(MODALITIES)}.")
    if state is not None and state not in STATES:
        raise BadRequest(f"state: {state!r} is none of {', '.join(STATES)}.")
    rows = _rows(
        graph,
        as_of,
        norm=term_of(graph, norm),
        bearer=term_of(graph, bearer),
        counterparty=term_of(graph, counterparty),
        market=node(place) if (place := country(graph, market)) else None,
        modality=node(ontology.iri(f"vin:{modality.capitalize()}")) if modality else None,
    )
    within = resolve(graph, instrument).iri if instrument else None
    found = _answers(graph, rows, as_of, within)
    return [
        o
        for o in found
        if (state is None or o.state == state) and (due_before is None or (o.due is not None and o.due < due_before))
    ]


def obligation(graph: "KnowledgeGraph", name: str, as_of: date) -> Obligation:
    """One legal position by its slug; `NotFound` where there is none or it cannot be seen yet."""
    iri = name if "://" in name else f"{ontology.BASE}position/{name}"
    found = _answers(graph, _rows(graph, as_of, position=node(iri)), as_of)
    if not found:
        raise NotFound(f"There is no obligation {name!r} on {as_of}. List them with /obligations.", id=name)
    return found[0]


def _rows(graph: "KnowledgeGraph", as_of: date, **given: Term | None) -> list[Row]:
    names = ("position", "norm", "bearer", "counterparty", "market", "modality")
    parameters: dict[str, Term | list[Term] | None] = {name: given.get(name) for name in names}
    return graph.rows("positions", **parameters, asOf=day(as_of))


def _answers(graph: "KnowledgeGraph", rows: list[Row], as_of: date, within: str | None = None) -> list[Obligation]:
    resources = read_resources(graph)
    stated = [(row, chain_of(resources, str(text(row, "statedIn")))) for row in rows]
    if within is not None:
        stated = [(row, chain) for row, chain in stated if within in (resource.iri for resource in chain)]
    bearers = [str(text(row, "bearer")) for row, _ in stated]
    acts, deeds = concerning(graph, bearers, (target for row, chain in stated for target in _targets(row, chain)))
    covered, open_ = coverage(graph), read_open(graph)
    cases = []
    for row, chain in stated:
        bond = _bond(row, chain, acts, deeds, covered, open_)
        cases.append((row, chain, bond, state_on(bond, as_of)))
    columns = ("bearer", "counterparty", "action", "object", "market", "norm", "statedIn", "enforcer")
    named = refs(
        graph,
        [
            *(text(row, name) for row, *_ in cases for name in columns),
            *(resource.iri for _, chain, *_ in cases for resource in chain),
            *(act.iri for _, _, bond, _ in cases for group in bond.acts.values() for act in group),
            *(act for *_, judgement in cases for act in judgement.acts),
        ],
    )
    backed = sourced(graph, {str(text(row, "norm")) for row, *_ in cases}) if cases else {}
    return [_answer(row, chain, bond, judged, as_of, named, backed) for row, chain, bond, judged in cases]


def _bond(
    row: Row,
    chain: list[Resource],
    acts: dict[str, list[Act]],
    deeds: Deeds,
    covered: dict[str, date],
    open_: dict[str, list[Act]],
) -> Bond:
    position, norm, bearer = (str(text(row, name)) for name in ("position", "norm", "bearer"))
    return Bond(
        iri=position,
        bearer=bearer,
        obliges=text(row, "modality") == ontology.iri("vin:Obligation"),
        forbids=text(row, "modality") == ontology.iri("vin:Prohibition"),
        begin=date_of(row, "from"),
        end=date_of(row, "until"),
        due=date_of(row, "due"),
        arises=date_of(row, "arises"),
        acts=acts_on(acts, _targets(row, chain), bearer, open_.get(position, ())),
        done=deeds.of(bearer, text(row, "action"), text(row, "object"), text(row, "counterparty")),
        covered=covered.get(norm),
    )


def _targets(row: Row, chain: list[Resource]) -> list[str]:
    """What an act can be aimed at to concern a position: itself, its norm, and where that is stated."""
    return [str(text(row, "position")), str(text(row, "norm")), *(resource.iri for resource in chain)]


def _answer(
    row: Row,
    chain: list[Resource],
    bond: Bond,
    judged: Judgement,
    as_of: date,
    named: dict[str, Ref],
    backed: dict[str, Sourced],
) -> Obligation:
    def ref(name: str) -> Ref | None:
        iri = text(row, name)
        return named[iri] if iri else None

    modality = ontology.slug_of(str(text(row, "modality"))).lower()
    source = backed.get(str(text(row, "norm")), Sourced())
    provision = named[str(text(row, "statedIn"))]
    return Obligation(
        id=ontology.slug_of(bond.iri),
        iri=bond.iri,
        label=text(row, "label") or ontology.slug_of(bond.iri),
        modality=modality,
        state=judged.state,
        because=judged.because,
        acts=[named[act] for act in judged.acts],
        bearer=named[bond.bearer],
        counterparty=ref("counterparty"),
        action=named[str(text(row, "action"))],
        object=ref("object"),
        market=ref("market"),
        due=bond.due_on(as_of),
        deadline=_deadline(row, bond, as_of, named),
        arises=date_of(row, "arises"),
        valid_from=bond.begin,
        valid_until=bond.end,
        enforcement=[
            Enforcement(delayed_by=named[act.iri], since=act.begin or act.on, until=act.end)
            for act in bond.acts.get("delaysEnforcement", [])
            if act.holds(as_of) and judged.state in ("active", "violated", "unknown")
        ],
        penalty=text(row, "penalty"),
        enforced_by=ref("enforcer"),
        norm=named[str(text(row, "norm"))],
        provision=provision,
        instrument=named[chain[-1].iri] if chain else provision,
        sources=source.sources,
        confidence=text(row, "confidence"),
        as_of=as_of,
    )


def _deadline(row: Row, bond: Bond, as_of: date, named: dict[str, Ref]) -> list[DeadlineStep]:
    """The counted date, then each extension made by `as_of`."""
    steps = []
    start, unit = date_of(row, "start"), text(row, "unit")
    if bond.due and start and unit:
        counted = Period(int(str(text(row, "amount"))), UNITS[unit])
        steps.append(DeadlineStep(due=bond.due, reason=counted.counted_from(start), on=start))
    steps += [
        DeadlineStep(due=act.due, reason=f"extended on {act.on}", on=act.on, by=named[act.iri])
        for act in bond.acts.get("extends", [])
        if act.on and act.on <= as_of and act.due
    ]
    return steps
