"""Case 6: from norms and facts to legal positions, against clingo with the same norms and facts.

Both get the same world (see `norms`), each in a new process. What they find must be the same, to the day: the
positions with their first and last days and due dates, the breaches, and the conflicts.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median

import clingo
import norms
import pyoxigraph as ox
from processes import fresh
from report import Section
from rich.progress import Progress

import ontology
from graph import KnowledgeGraph
from graph.change import update
from graph.derive import derive
from graph.read.obligations import obligations
from graph.store import Dataset, EmbeddedStore
from graph.terms import Term, text

#: The copies of the norms in the worlds of growing size, and in the size of the published corpus.
COPIES = 5
CORPUS = (30, 1_500)
#: How often the one fact is added and taken away.
CHANGES = 6
_VERDICTS = """
PREFIX vin: <https://w3id.org/vinculum/ns#>
SELECT ?norm ?bearer ?object ?from ?until ?due ?breached WHERE {
  ?position a vin:LegalPosition ; vin:norm ?norm ; vin:bearer ?bearer ; vin:object ?object ; vin:validFrom ?from .
  OPTIONAL { ?position vin:validUntil ?until }
  OPTIONAL { ?position vin:due ?due }
  OPTIONAL { ?position vin:breached ?breached }
}"""


@dataclass(frozen=True)
class Run:
    """What one engine did with a world: its seconds by part, its memory in MiB, and what it found."""

    seconds: dict[str, float]
    peak: float
    positions: int
    conflicts: int
    written: int = 0

    @property
    def total(self) -> float:
        """All its parts together."""
        return sum(self.seconds.values())


@dataclass(frozen=True)
class World:
    """The files of a generated world."""

    facts: int
    copies: int
    triples: Path
    program: Path


def with_norms(copies: int, folder: Path | None = None) -> KnowledgeGraph:
    """A store with the ontology, the norms, and no facts yet."""
    graph = KnowledgeGraph(EmbeddedStore(folder))
    for file in ontology.LOADED:
        with file.open("rb") as data:
            graph.store.load(data, ox.RdfFormat.TURTLE, ontology.ONTOLOGY_GRAPH)
    graph.store.load(BytesIO(norms.norms(copies).encode()), ox.RdfFormat.TURTLE, norms.NORMS_GRAPH)
    kind, dataset = ox.NamedNode(ontology.iri("rdf:type")), ox.NamedNode(ontology.iri("dcat:Dataset"))
    asserted = (ontology.ONTOLOGY_GRAPH, norms.NORMS_GRAPH, norms.FACTS_GRAPH)
    graph.store.extend(ox.Quad(ox.NamedNode(name), kind, dataset, ox.DefaultGraph()) for name in asserted)
    return graph


def run_vinculum(triples: Path, copies: int, verdicts: Path) -> Run:
    """Load the facts and derive, with the records of what each position rests on; then write the verdicts."""
    graph, seconds = with_norms(copies), {}
    before = graph.store.size()
    began = time.perf_counter()
    with triples.open("rb") as data:
        graph.store.load(data, ox.RdfFormat.N_TRIPLES, norms.FACTS_GRAPH)
    seconds["load"] = time.perf_counter() - began
    facts = graph.store.size() - before
    began = time.perf_counter()
    derive(graph)
    seconds["derive"] = time.perf_counter() - began
    began = time.perf_counter()
    conflicts = len(graph.store.select(norms.CONFLICTS, Dataset((ontology.DERIVED_GRAPH,))))
    seconds["conflicts"] = time.perf_counter() - began
    peak, written = _peak(), graph.store.size() - before - facts
    lines = sorted(_of_vinculum(graph))
    verdicts.write_text("\n".join(lines), encoding="utf-8")
    return Run(seconds, peak, len(lines), conflicts, written)


def run_clingo(program: Path, copies: int, verdicts: Path) -> Run:
    """Load the facts and the norms, ground and solve; then write the verdicts."""
    seconds: dict[str, float] = {}
    symbols: list[clingo.Symbol] = []
    began = time.perf_counter()
    control = clingo.Control(["--warn=none"])
    control.add("base", [], norms.program(copies))
    control.load(str(program))
    seconds["load"] = time.perf_counter() - began
    began = time.perf_counter()
    control.ground([("base", [])])
    seconds["ground"] = time.perf_counter() - began
    began = time.perf_counter()
    control.solve(on_model=lambda model: symbols.extend(model.symbols(shown=True)))
    seconds["solve"] = time.perf_counter() - began
    peak = _peak()
    lines = sorted(_of_clingo(symbols))
    verdicts.write_text("\n".join(lines), encoding="utf-8")
    return Run(seconds, peak, len(lines), sum(symbol.name == "conflict" for symbol in symbols))


def one_change(triples: Path, copies: int, folder: Path | None) -> dict[str, float]:
    """Add an approval to a derived world and take it away again, in memory or in a folder; the seconds of each.

    Timed is the change, and then the question what binds the author now. The first change of all is told apart: caches
    are cold then, and a store in a folder makes the copy on which changes are tried. After each change, what is derived
    must be what a derivation from nothing gives.
    """
    graph, seconds = with_norms(copies, folder), defaultdict[str, list[float]](list)
    with triples.open("rb") as data:
        graph.store.load(data, ox.RdfFormat.N_TRIPLES, norms.FACTS_GRAPH)
    derive(graph)
    begin = _derived(graph)
    rows = graph.store.select(_FORBIDDEN, graph.world())
    with_approval = None
    for verb in ("INSERT", "DELETE") * CHANGES:
        began = time.perf_counter()
        update(graph, f"{verb} DATA {{ GRAPH <{norms.FACTS_GRAPH}> {{ {_approval(rows[0]['result'])} }} }}")
        obligations(graph, norms.LATER, bearer=str(text(rows[0], "bearer")))
        seconds[verb].append(time.perf_counter() - began)
        if verb == "INSERT":
            with_approval = with_approval or _anew(graph)
        if _derived(graph) != (begin if verb == "DELETE" else with_approval) or begin == with_approval:
            raise RuntimeError(f"What is derived after {verb} DATA is not what a derivation from nothing gives.")
    graph.close()
    first, *later = seconds["INSERT"]
    return {"first": first, "INSERT": median(later), "DELETE": median(seconds["DELETE"])}


def _approval(result: Term) -> str:
    return (
        f"<urn:approval> a <{ontology.iri('schema:GovernmentPermit')}> ; <{ontology.iri('vin:object')}> {result} ; "
        f"<{ontology.iri('schema:issuedBy')}> <urn:licensor> ; "
        f'<{ontology.iri("vin:validFrom")}> "2021-01-01"^^<{ontology.iri("xsd:date")}>'
    )


_FORBIDDEN = """
PREFIX vin: <https://w3id.org/vinculum/ns#>
PREFIX id: <https://w3id.org/vinculum/id/>
SELECT ?result ?bearer WHERE {
  ?position vin:norm id:norm-publish-0 ; vin:object ?result ; vin:bearer ?bearer ; vin:breached ?day .
  MINUS { ?position vin:validUntil ?until }
} ORDER BY ?result LIMIT 1"""


def _anew(graph: KnowledgeGraph) -> set[str]:
    """What follows from the same facts in a new store."""
    fresh_graph = KnowledgeGraph(EmbeddedStore())
    store = graph.store
    if not isinstance(store, EmbeddedStore):
        raise TypeError("The store is not embedded.")
    place = ox.NamedNode(ontology.DERIVED_GRAPH)
    fresh_graph.store.extend(quad for quad in store.quads() if quad.graph_name != place)
    derive(fresh_graph)
    return _derived(fresh_graph)


def _derived(graph: KnowledgeGraph) -> set[str]:
    buffer = BytesIO()
    graph.store.dump(buffer, ox.RdfFormat.N_TRIPLES, ontology.DERIVED_GRAPH)
    return set(buffer.getvalue().decode().splitlines())


def measure(place: Path, sizes: Sequence[int], rounds: int, progress: Progress) -> Section:
    """Run the case; in every round the engines take turns, and the best round counts."""
    worlds = [_world(place, size // norms.CASE, COPIES) for size in sizes]
    corpus = _world(place, CORPUS[1], CORPUS[0])
    task = progress.add_task("rules", total=(len(worlds) + 1) * rounds)
    section = Section(
        "6. From norms and facts to legal positions",
        "Seconds (best of the rounds) from a file to the positions, breaches and conflicts, each in a new process, in "
        "memory. Reference: clingo with the same facts as a program, load + ground + solve through its Python API. "
        "What both find is the same to the day. Vinculum also writes what each position rests on and can be asked "
        "afterwards. Ratio: Vinculum's total to clingo's. Aim: at most 0.6.",
        ("facts", "rules", "positions", "load", "derive", "total", "MiB", "clingo: total", "MiB", "**ratio**"),
    )
    for world in (corpus, *worlds):
        ours, reference = compare(world, place, rounds if world.facts < 5_000_000 else 1)
        progress.advance(task, rounds)
        section.add(
            f"{world.facts:,}", world.copies * norms.RULES, f"{ours.positions:,}", ours.seconds["load"],
            ours.seconds["derive"] + ours.seconds["conflicts"], ours.total, ours.peak, reference.total, reference.peak,
            ours.total / reference.total,
        )  # fmt: skip
        section.notes.append(
            f"{world.facts:,} facts: {ours.written:,} triples derived, {ours.conflicts:,} conflicts; Vinculum "
            f"{_parts(ours)}; clingo {_parts(reference)}."
        )
    section.notes.append(
        f"Rules: {norms.RULES} a copy of the norms (9 norms, 3 exceptions, 1 norm that prevails). The "
        "first row has the size of the published corpus: 1,500 cases, 390 rules."
    )
    return section


def measure_change(place: Path, size: int, progress: Progress) -> Section:
    """How long one changed fact takes, in memory and in a folder."""
    world = _world(place, size // norms.CASE, COPIES)
    task = progress.add_task("one change", total=2)
    section = Section(
        f"7. One changed fact among {world.facts:,}",
        "Seconds until the obligations of the party are right again: `graph.change.update` with one approval added "
        "(or taken away), and `obligations(bearer=)`; the first change, and the median of the later ones. What is "
        "derived then equals a derivation from nothing. Aim: 0.05 s.",
        ("store", "first change", "INSERT DATA", "DELETE DATA"),
    )
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for name, store in (("in memory", None), ("in a folder", Path(folder) / "store")):
            seconds = fresh(one_change, world.triples, world.copies, store)
            section.add(name, seconds["first"], seconds["INSERT"], seconds["DELETE"])
            progress.advance(task)
    return section


def compare(world: World, place: Path, rounds: int) -> tuple[Run, Run]:
    """The best runs of both engines over a world; `RuntimeError` where they do not find the same."""
    ours, reference = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            one, other = Path(folder) / "vinculum", Path(folder) / "clingo"
            ours.append(fresh(run_vinculum, world.triples, world.copies, one))
            reference.append(fresh(run_clingo, world.program, world.copies, other))
            _refuse_difference(one, other, ours[-1].conflicts, reference[-1].conflicts)
    return min(ours, key=_total), min(reference, key=_total)


def _total(run: Run) -> float:
    return run.total


def _refuse_difference(one: Path, other: Path, conflicts: int, others: int) -> None:
    if one.read_bytes() != other.read_bytes():
        ours, theirs = set(one.read_text().splitlines()), set(other.read_text().splitlines())
        raise RuntimeError(
            f"Vinculum and clingo differ. Only Vinculum, {len(ours - theirs)}: {sorted(ours - theirs)[:5]}. "
            f"Only clingo, {len(theirs - ours)}: {sorted(theirs - ours)[:5]}."
        )
    if conflicts != others or not conflicts:
        raise RuntimeError(f"Vinculum finds {conflicts} conflicts, clingo {others}.")


def _world(place: Path, cases: int, copies: int) -> World:
    triples, program = place / f"{cases}-{copies}.nt", place / f"{cases}-{copies}.lp"
    return World(norms.write_facts(triples, program, cases, copies), copies, triples, program)


def _of_vinculum(graph: KnowledgeGraph) -> Iterator[str]:
    """A line for each position: norm, bearer, object, first day, first day after, due, breached."""
    for row in graph.store.select(_VERDICTS, Dataset((ontology.DERIVED_GRAPH,))):
        names = [ontology.slug_of(str(text(row, part))) for part in ("norm", "bearer", "object")]
        days = [text(row, day) or "-" for day in ("from", "until", "due", "breached")]
        yield " ".join((names[0].removeprefix("norm-"), *names[1:], *days))


def _of_clingo(symbols: Sequence[clingo.Symbol]) -> Iterator[str]:
    """The same lines."""
    said: dict[str, list[list[clingo.Symbol]]] = {}
    for symbol in symbols:
        said.setdefault(symbol.name, []).append(symbol.arguments)
    force = norms.IN_FORCE.toordinal()
    violated = {tuple(map(str, case)): _day(on) for *case, on in said.get("violated", [])}
    missed = {tuple(map(str, case)): _day(on) for *case, on in said.get("missed", [])}
    for norm, bearer, thing, begin in said.get("permission", []):
        yield _line(norm, bearer, thing, _day(begin), "-", "-", "-")
    for norm, bearer, thing, end in said.get("prohibition", []):
        breached = violated.get((str(norm), str(bearer), str(thing)), "-")
        yield _line(norm, bearer, thing, _day(force), _day(end), "-", breached)
    for norm, _, bearer, thing, start, due in said.get("obligation", []):
        breached = missed.get((str(norm), str(bearer), str(thing), str(start)), "-")
        yield _line(norm, bearer, thing, _day(max(start.number, force)), "-", _day(due), breached)


def _line(*parts: clingo.Symbol | str) -> str:
    return " ".join(str(part).replace("_", "-") for part in parts)


def _day(value: clingo.Symbol | int) -> str:
    if isinstance(value, clingo.Symbol):
        if value.type is clingo.SymbolType.Supremum:
            return "-"
        value = value.number
    return date.fromordinal(value).isoformat()


def _parts(run: Run) -> str:
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in run.seconds.items())


def _peak() -> float:
    """The most memory the process ever had, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
