"""Trying cases of law: what follows from the facts of each, held against what it expects."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import pyoxigraph as ox

import ontology
from graph.derive import derive
from graph.derive.law import Law, read_law
from graph.derive.spans import Span
from graph.errors import NotFound
from graph.knowledge import KnowledgeGraph
from graph.load import files_of, stage
from graph.read.obligations import Obligation, obligation
from graph.store import EmbeddedStore
from graph.terms import Row, date_of, day, node, text
from graph.trials.cases import GRAPH, Case, read_cases

_SUFFIXES: Final = (".toml", ".ttl", ".trig")
T = TypeVar("T")
_KEYS: Final = frozenset(
    ("norm", "concept", "on", "absent", "state", "due", "from", "until", "bearer", "counterparty", "object", "subject")
)
_PARTIES: Final = ("bearer", "counterparty", "object", "subject")


@dataclass(frozen=True)
class Outcome:
    """How one expectation came out; `fault` says what was found instead, and is empty where it holds."""

    file: str
    case: str
    expected: str
    fault: str


def run_trials(paths: Iterable[Path]) -> list[Outcome]:
    """Try the cases of the TOML files against the shipped law and the given RDF files, which may be drafts.

    Folders stand for all files in them. `BadData` or `NotFound` where a file cannot be used.
    """
    files = [file for path in paths for file in files_of(path, _SUFFIXES)]
    trials = read_cases(file for file in files if file.suffix == ".toml")
    with stage(KnowledgeGraph, datetime.now(UTC), [file for file in files if file.suffix != ".toml"]) as shipped:
        law, quads = read_law(shipped), list(cast("EmbeddedStore", shipped.store).quads())
        return [outcome for cases in trials for outcome in _tried(law, quads, cases)]


def _tried(law: Law, shipped: Iterable[ox.Quad], cases: Sequence[Case]) -> list[Outcome]:
    """How the cases of one file come out, in a world of their own: many small ones are derived sooner than a large."""
    facts = [fact for case in cases for fact in case.facts]
    store = EmbeddedStore()
    store.extend(shipped)
    store.extend(facts)
    store.extend([ox.Quad(node(GRAPH), node(ontology.iri("rdf:type")), node(ontology.iri("dcat:Dataset")))])
    with KnowledgeGraph(store) as graph:
        graph.law = None if any(law.touched_by(fact.triple) for fact in facts) else law
        derive(graph)
        keys = {str(text(row, "key")): str(text(row, "rule")) for row in graph.rows("rule-keys")}
        positions = _positions(graph, {case.base for case in cases})
        return [
            Outcome(case.file, case.name, _said(expect), _fault(graph, case, expect, keys, positions))
            for case in cases
            for expect in case.expects
        ]


def _positions(graph: KnowledgeGraph, bases: set[str]) -> dict[tuple[str, str], list[str]]:
    """The legal positions of each case and norm: those with a party or thing of the case."""
    parameters = dict.fromkeys(("position", "norm", "bearer", "counterparty", "market", "modality"))
    found: dict[tuple[str, str], list[str]] = {}
    for row in graph.rows("positions", **parameters, asOf=day(date.max)):
        parts = [part for name in _PARTIES if (part := text(row, name))]
        for base in {part[: n + 1] for part in parts for n, sign in enumerate(part) if sign == "-"} & bases:
            found.setdefault((base, str(text(row, "norm"))), []).append(str(text(row, "position")))
    return found


def _fault(
    graph: KnowledgeGraph,
    case: Case,
    expect: Mapping[str, Any],
    keys: Mapping[str, str],
    known: Mapping[tuple[str, str], list[str]],
) -> str:
    if unknown := expect.keys() - _KEYS:
        return f"an expectation has no {', '.join(sorted(unknown))}; it may have {', '.join(sorted(_KEYS))}"
    on = expect.get("on")
    if not isinstance(on, date):
        return "it does not say `on` which day"
    given = {name: _iri(str(expect[name]), case) for name in _PARTIES if name in expect}
    if "concept" in expect:
        found = list(_qualified(graph, str(expect["concept"]), given, case, on))
        return _verdict(expect, found, lambda _: [], lambda row: _stretch(date_of(row, "from"), date_of(row, "until")))
    key = str(expect.get("norm"))
    rule = keys.get(key, f"{ontology.BASE}id/{key}")
    if not graph.store.ask(f"ASK {{ {node(rule)} ?p ?o }}", graph.world()):
        return f"there is no norm {key}"
    positions = [
        position
        for position in _seen(graph, known.get((case.base, rule), []), on)
        if all(_parts(position).get(name) == iri for name, iri in given.items())
    ]
    return _verdict(expect, positions, lambda position: _differences(expect, position), _standing)


def _seen(graph: KnowledgeGraph, positions: Iterable[str], on: date) -> Iterator[Obligation]:
    """Those of the positions that can be seen on the day."""
    for iri in positions:
        with suppress(NotFound):
            yield obligation(graph, iri, on)


def _verdict(
    expect: Mapping[str, Any], found: list[T], compare: Callable[[T], list[str]], describe: Callable[[T], str]
) -> str:
    if expect.get("absent"):
        return f"it is there: {'; '.join(describe(one) for one in found)}" if found else ""
    if not found:
        return "nothing of the kind follows"
    faults = [compare(one) for one in found]
    return "" if [] in faults else min(("; ".join(fault) for fault in faults), key=len)


def _differences(expect: Mapping[str, Any], position: Obligation) -> list[str]:
    has = {"state": position.state, "due": position.due, "from": position.valid_from, "until": position.valid_until}
    found = [f"{name} is {has[name]}" for name in has if name in expect and expect[name] != has[name]]
    return [*found, position.because] if found and "state" in expect else found


def _standing(position: Obligation) -> str:
    return f"{position.state} ({position.because}), {_stretch(position.valid_from, position.valid_until)}"


def _stretch(begin: date | None, end: date | None) -> str:
    return f"from {begin or 'the beginning'} until {end or 'further notice'}"


def _parts(position: Obligation) -> dict[str, str]:
    parts = {"bearer": position.bearer, "counterparty": position.counterparty, "object": position.object}
    return {name: part.iri for name, part in parts.items() if part}


def _qualified(graph: KnowledgeGraph, concept: str, given: Mapping[str, str], case: Case, on: date) -> Iterator[Row]:
    kind = concept if "://" in concept else ontology.iri(f"kind:{concept.removeprefix('kind:')}")
    subject = node(given["subject"]) if "subject" in given else None
    for row in graph.rows("qualifications", subject=subject, concept=node(kind)):
        arises, span = date_of(row, "arises"), Span(date_of(row, "from"), date_of(row, "until"))
        ours = any((text(row, name) or "").startswith(case.base) for name in ("subject", "object"))
        fits = "object" not in given or text(row, "object") == given["object"]
        if ours and fits and span.holds(on) and (arises is None or arises <= on):
            yield row


def _iri(name: str, case: Case) -> str:
    prefix, _, local = name.partition(":")
    if prefix == "my":
        return case.base + local
    if "://" in name:
        return name
    return ontology.iri(name) if local and prefix in ontology.prefixes() else f"{ontology.BASE}id/{name}"


def _said(expect: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in expect.items())
