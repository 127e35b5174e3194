"""Case 8: the assessment of a deal beside facts that it does not touch, against the same deal beside none."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import norms
import pyoxigraph as ox
from processes import fresh
from report import Section
from rich.progress import Progress

import ontology
from graph import KnowledgeGraph
from graph.deals.assess import assess, judge
from graph.knowledge import open_graph
from graph.load import DATA

_DEALS = ("s1-us-video-app-2020", "microsoft-bid-2020")
_ROUNDS = 5


def measure(place: Path, sizes: Sequence[int], progress: Progress) -> Section:
    """Assess two shipped deals beside worlds of growing size."""
    section = Section(
        "8. The assessment of a deal",
        "Seconds of `assess` (with explanations and missing facts) and of `judge` (obligations, conflicts, critical "
        "path and verdict alone) for two shipped deals, each asked of a store in memory with all shipped law and so "
        "many other asserted facts. First: nothing is kept from an earlier question; then the median of "
        f"{_ROUNDS}. Reference: the same without other facts. Ratio: `assess` to that.",
        ("deal", "other facts", "first", "`assess`", "`judge`", "**ratio**"),
    )
    task = progress.add_task("deals", total=1 + len(sizes))
    references: dict[str, float] = {}
    for size in (0, *sizes):
        facts = place / f"deals-{size}.nt"
        count = norms.write_facts(facts, place / "deals.lp", size // norms.CASE, 1) if size else 0
        for deal, (first, whole, verdict) in fresh(run, facts if size else None).items():
            section.add(deal, f"{count:,}", first, whole, verdict, whole / references.setdefault(deal, whole))
        progress.advance(task)
    return section


def run(facts: Path | None) -> dict[str, tuple[float, float, float]]:
    """The seconds of the first assessment, of the later ones, and of the verdict alone, by deal."""
    found = {}
    for name in _DEALS:
        with _filled(facts) as graph:
            text = (DATA / "deals" / f"{name}.json").read_text(encoding="utf-8")
            first, *later = [_seconds(assess, graph, text) for _ in range(1 + _ROUNDS)]
            found[name] = first, median(later), median(_seconds(judge, graph, text) for _ in range(_ROUNDS))
    return found


def _filled(facts: Path | None) -> KnowledgeGraph:
    graph = open_graph()
    if facts:
        with facts.open("rb") as data:
            graph.store.load(data, ox.RdfFormat.N_TRIPLES, norms.FACTS_GRAPH)
        kind, dataset = (ox.NamedNode(ontology.iri(name)) for name in ("rdf:type", "dcat:Dataset"))
        graph.store.extend([ox.Quad(ox.NamedNode(norms.FACTS_GRAPH), kind, dataset)])
    return graph


def _seconds(work: Callable[[KnowledgeGraph, str], object], graph: KnowledgeGraph, text: str) -> float:
    began = time.perf_counter()
    work(graph, text)
    return time.perf_counter() - began
