"""Trial cases: facts, and the legal positions and qualifications that must, or must not, follow from them.

A trial file is TOML (`tests/law/README.md` shows one): facts as Turtle with ``$name`` placeholders, and cases that fill
them in and say what they expect on which day. All cases of all files are put into one graph and derived at once; each
has a namespace of its own (``my:``), so that none meets another.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any, Final, TypeVar

import pyoxigraph as ox

import ontology
from graph.derive import derive
from graph.derive.spans import Span
from graph.errors import BadData, NotFound
from graph.knowledge import KnowledgeGraph
from graph.load import format_of, stage
from graph.read.obligations import Obligation, obligation
from graph.terms import Term, date_of, day, node, text

_GRAPH: Final = f"{ontology.BASE}graph/trial"
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


@dataclass(frozen=True)
class _Case:
    """One case with its facts filled in."""

    file: str
    name: str
    base: str
    facts: str
    expects: Sequence[Mapping[str, Any]]


def run_trials(paths: Iterable[Path]) -> list[Outcome]:
    """Try the cases of the TOML files against the shipped law and the given RDF files, which may be drafts.

    Folders stand for all files in them. `BadData` or `NotFound` where a file cannot be used.
    """
    files = [file for path in paths for file in _files(path)]
    cases = [case for file in files if file.suffix == ".toml" for case in _cases(file)]
    with stage(KnowledgeGraph, datetime.now(UTC), [file for file in files if file.suffix != ".toml"]) as graph:
        for case in cases:
            _put(graph, case)
        derive(graph)
        keys = {str(text(row, "key")): str(text(row, "rule")) for row in graph.rows("rule-keys")}
        positions = _positions(graph, {case.base for case in cases})
        return [
            Outcome(case.file, case.name, _said(expect), _fault(graph, case, expect, keys, positions))
            for case in cases
            for expect in case.expects
        ]


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise NotFound(f"{path}: there is no such file or folder.")
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix in (".toml", ".ttl", ".trig"))


def _cases(file: Path) -> Iterator[_Case]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadData(f"{file}: the TOML does not parse: {error}.") from None
    for number, case in enumerate(content.get("case", []), 1):
        given = {**content.get("give", {}), **case.get("give", {})}
        try:
            facts = Template(f"{content.get('facts', '')}\n{case.get('facts', '')}").substitute(given)
        except (KeyError, ValueError) as error:
            raise BadData(f"{file}, case {number}: the placeholder {error} has no value in `give`.") from None
        base = f"{ontology.BASE}id/trial-{file.parent.name}-{file.stem}-{number}-"
        yield _Case(str(file), str(case.get("name", number)), base, facts, case.get("expect", []))


def _put(graph: KnowledgeGraph, case: _Case) -> None:
    prefixes = {**ontology.prefixes(), "my": case.base}
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in prefixes.items())
    try:
        graph.store.load(BytesIO((head + case.facts).encode()), format_of("facts.ttl"), _GRAPH)
    except BadData as error:
        raise BadData(f"{case.file}, case {case.name!r}: {error.detail}") from None
    declared = ox.Quad(node(_GRAPH), node(ontology.iri("rdf:type")), node(ontology.iri("dcat:Dataset")))
    graph.store.extend([declared])


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
    case: _Case,
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
        return _verdict(expect, found, lambda _: [])
    key = str(expect.get("norm"))
    rule = keys.get(key, f"{ontology.BASE}id/{key}")
    if not graph.store.ask(f"ASK {{ {node(rule)} ?p ?o }}", graph.world()):
        return f"there is no norm {key}"
    positions = [
        position
        for position in _seen(graph, known.get((case.base, rule), []), on)
        if all(_parts(position).get(name) == iri for name, iri in given.items())
    ]
    return _verdict(expect, positions, lambda position: _differences(expect, position))


def _seen(graph: KnowledgeGraph, positions: Iterable[str], on: date) -> Iterator[Obligation]:
    """Those of the positions that can be seen on the day."""
    for iri in positions:
        with suppress(NotFound):
            yield obligation(graph, iri, on)


def _verdict(expect: Mapping[str, Any], found: list[T], compare: Callable[[T], list[str]]) -> str:
    if expect.get("absent"):
        return "it is there" if found else ""
    if not found:
        return "nothing of the kind follows"
    faults = [compare(one) for one in found]
    return "" if [] in faults else min(("; ".join(fault) for fault in faults), key=len)


def _differences(expect: Mapping[str, Any], position: Obligation) -> list[str]:
    has = {"state": position.state, "due": position.due, "from": position.valid_from, "until": position.valid_until}
    found = [f"{name} is {has[name]}" for name in has if name in expect and expect[name] != has[name]]
    return [*found, position.because] if found and "state" in expect else found


def _parts(position: Obligation) -> dict[str, str]:
    parts = {"bearer": position.bearer, "counterparty": position.counterparty, "object": position.object}
    return {name: part.iri for name, part in parts.items() if part}


def _qualified(
    graph: KnowledgeGraph, concept: str, given: Mapping[str, str], case: _Case, on: date
) -> Iterator[Mapping[str, Term]]:
    kind = concept if "://" in concept else ontology.iri(f"kind:{concept.removeprefix('kind:')}")
    subject = node(given["subject"]) if "subject" in given else None
    for row in graph.rows("qualifications", subject=subject, concept=node(kind)):
        arises, span = date_of(row, "arises"), Span(date_of(row, "from"), date_of(row, "until"))
        ours = any((text(row, name) or "").startswith(case.base) for name in ("subject", "object"))
        fits = "object" not in given or text(row, "object") == given["object"]
        if ours and fits and span.holds(on) and (arises is None or arises <= on):
            yield row


def _iri(name: str, case: _Case) -> str:
    prefix, _, local = name.partition(":")
    if prefix == "my":
        return case.base + local
    if "://" in name:
        return name
    return ontology.iri(name) if local and prefix in ontology.prefixes() else f"{ontology.BASE}id/{name}"


def _said(expect: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in expect.items())
