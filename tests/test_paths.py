"""Paths and neighbourhoods: over the shipped knowledge, and their invariants on any network."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ontology
from graph import KnowledgeGraph
from graph.errors import BadRequest, NotFound
from graph.neighbourhood import around
from graph.network import edge_kinds, network
from graph.paths import Path, paths
from graph.store import EmbeddedStore

Find = Callable[..., list[Path]]


@pytest.fixture
def find(graph: KnowledgeGraph) -> Find:
    return lambda start, end, **options: paths(graph, start, end, **options)


def ids(path: Path) -> list[str]:
    return [ref.id for ref in path.nodes]


def test_microsoft_and_the_chinese_ministry_are_connected_by_bonds_deals_and_law(find: Find) -> None:
    found = find("microsoft", "mofcom", k=10, as_of=date(2020, 8, 31))
    assert found
    for path in found:
        kinds = {ref.type for ref in path.nodes}
        assert not kinds & {"country", "source", "list", "entry-kind", "edge-kind"}
        assert not {"cn-government", "us-government"} & set(ids(path))
        assert all(edge.sources for step in path.steps for edge in step.edges)
    assert "bytedance" in ids(found[0])


def test_each_relation_is_told_in_its_true_direction(find: Find) -> None:
    (path,) = find("tiktok-usds-jv", "oracle", as_of=date(2026, 2, 1))
    (step,) = path.steps
    owns = [edge for edge in step.edges if edge.kind == "owns"]
    assert [(edge.source, edge.target, edge.label) for edge in owns] == [("oracle", "tiktok-usds-jv", "owns")]
    assert float(owns[0].share or 0) == 15
    assert owns[0].valid_from == date(2026, 1, 22)
    assert owns[0].sources
    assert not step.forward
    assert path.text.startswith("TikTok US")
    assert "←" in path.text


def test_a_path_of_the_past_uses_nothing_later(find: Find) -> None:
    for path in find("bytedance", "us-attorney-general", k=20, as_of=date(2020, 8, 31)):
        for step in path.steps:
            for edge in step.edges:
                assert edge.valid_from is None or edge.valid_from <= date(2020, 8, 31)
                assert edge.valid_until is None or edge.valid_until > date(2020, 8, 31)
    for day, owns in ((date(2026, 1, 21), False), (date(2026, 1, 22), True)):
        (path,) = find("oracle", "tiktok-usds-jv", max_length=1, as_of=day)
        assert ("owns" in {edge.kind for edge in path.steps[0].edges}) is owns


def test_avoiding_a_thing_or_a_kind_of_edge(find: Find) -> None:
    for path in find("microsoft", "mofcom", k=10, avoid=["bytedance"]):
        assert "bytedance" not in ids(path)
    for path in find("microsoft", "mofcom", k=10, avoid=["bound-towards", "bound-about"]):
        assert not {edge.kind for step in path.steps for edge in step.edges} & {"bound-towards", "bound-about"}


def test_passing_a_thing_on_the_way(find: Find) -> None:
    found = find("microsoft", "mofcom", k=5, via=["recommendation-technology"])
    assert found
    assert all("recommendation-technology" in ids(path) for path in found)
    assert [path.length for path in found] == sorted(path.length for path in found)


def test_directed_paths_only_follow_relations_forwards(find: Find) -> None:
    for path in find("bytedance", "tiktok-inc", k=5, directed=True):
        assert all(step.forward for step in path.steps)
    assert not find("tiktok-inc", "bytedance", directed=True, avoid=["bound-towards", "bound-about"], max_length=1)


def test_all_paths_within_a_length(find: Find) -> None:
    found = find("microsoft", "bytedance", k=100, max_length=2)
    assert found
    assert {path.length for path in found} <= {1, 2}
    assert len({tuple(ids(path)) for path in found}) == len(found)


def test_speech_is_a_step_only_when_asked_for(find: Find) -> None:
    assert not find("cui-fan", "recommendation-technology", max_length=1)
    (path,) = find("cui-fan", "recommendation-technology", max_length=1, include=["spoke-of"])
    assert {edge.kind for edge in path.steps[0].edges} == {"spoke-of"}


def test_unknown_things_and_bad_numbers_are_refused(find: Find) -> None:
    with pytest.raises(NotFound):
        find("microsoft", "no-such-thing")
    for wrong in ({"k": 0}, {"k": 101}, {"max_length": 0}, {"max_length": 13}):
        with pytest.raises(BadRequest):
            find("microsoft", "mofcom", **wrong)
    assert find("microsoft", "market-us") == []
    for wrong in ({"end": "microsoft"}, {"end": "mofcom", "include": ["owned"]}):
        with pytest.raises(BadRequest):
            find("microsoft", **wrong)


def test_a_neighbourhood_grows_with_its_radius(graph: KnowledgeGraph) -> None:
    before: set[str] = set()
    for radius in range(4):
        part = around(graph, "tiktok-canada", radius, date(2025, 1, 1))
        now = {ref.id for ref in part.nodes}
        assert before <= now
        assert all({edge.source, edge.target} <= now for edge in part.edges)
        before = now
    assert around(graph, "tiktok-canada", 0).nodes[0].id == "tiktok-canada"


def test_every_declared_kind_of_edge_occurs(graph: KnowledgeGraph) -> None:
    asked = frozenset(kind.id for kind in edge_kinds(graph))
    assert {kind for *_, kind in network(graph, include=asked).edges(data="kind")} == asked


# ---- any network


def known(owners: list[tuple[int, int]]) -> KnowledgeGraph:
    """A graph in which thing a owns thing b, over the declared edge kinds."""
    graph = KnowledgeGraph(EmbeddedStore())
    for file in ontology.LOADED:
        with file.open("rb") as data:
            graph.store.load(data, ox.RdfFormat.TURTLE, ontology.ONTOLOGY_GRAPH)
    lines = [
        f"<{ontology.ONTOLOGY_GRAPH}> a <{ontology.iri('dcat:Dataset')}> . <urn:facts> a <{ontology.iri('dcat:Dataset')}>"
    ]
    facts = [
        f"<urn:own-{n}> a vin:Ownership ; vin:owner id:t{a} ; vin:object id:t{b} ." for n, (a, b) in enumerate(owners)
    ]
    facts += [f"id:t{n} rdfs:label 't{n}' ." for pair in owners for n in pair]
    prefixes = f"PREFIX rdfs: <{ontology.iri('rdfs:')}> PREFIX vin: <{ontology.iri('vin:')}> PREFIX id: <{ontology.iri('id:')}>"
    graph.store.update(f"{prefixes} INSERT DATA {{ {lines[0]} . GRAPH <urn:facts> {{ {' '.join(facts)} }} }}")
    return graph


edges = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda e: e[0] != e[1]), min_size=1, max_size=18
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edges, st.booleans(), st.integers(1, 5))
def test_paths_are_simple_ordered_and_the_shortest(owners: list[tuple[int, int]], directed: bool, length: int) -> None:
    graph = known(owners)
    plain = nx.DiGraph(owners) if directed else nx.Graph(owners)
    start, end = owners[0][0], owners[-1][1]
    if start == end:
        return
    found = paths(graph, f"t{start}", f"t{end}", k=100, max_length=length, directed=directed)
    expected = sorted(len(p) - 1 for p in nx.all_simple_paths(plain, start, end, cutoff=length)) if end in plain else []
    assert [path.length for path in found] == expected[:100]
    for path in found:
        assert len(set(ids(path))) == path.length + 1
        for (a, b), step in zip(pairwise(ids(path)), path.steps, strict=True):
            pairs = {(edge.source, edge.target) for edge in step.edges}
            assert pairs <= {(a, b), (b, a)}
            assert (a, b) in pairs or not directed
