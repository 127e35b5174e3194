"""The seam to storage: one set of expectations, held by memory, disk and a real remote SPARQL server."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import BadData, BadQuery, StoreError, StoreUnavailable
from graph.store import Dataset, EmbeddedStore, Store
from graph.store.remote import RemoteStore

PEOPLE = b"<urn:ann> <urn:knows> <urn:bob> ; <urn:age> 7 . <urn:bob> <urn:name> 'Bob \xe2\x98\xba'@en ."
EVERYTHING = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


@pytest.fixture(params=["memory", "disk", "remote"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store
    if request.param == "remote":
        opened = RemoteStore(request.getfixturevalue("oxigraph"))
        opened.update("CLEAR ALL")
    else:
        opened = EmbeddedStore(tmp_path / "store" if request.param == "disk" else None)
    yield opened
    opened.close()


def subjects(found: Store, *graphs: str | None) -> set[str]:
    return {str(row["s"].value) for row in found.select(EVERYTHING, Dataset(graphs))}  # type: ignore[union-attr]


def test_what_is_loaded_is_found_with_its_terms_intact(store: Store) -> None:
    store.load(BytesIO(PEOPLE), ox.RdfFormat.TURTLE, "urn:g")
    rows = store.select(
        "SELECT ?name ?age { ?b <urn:name> ?name . ?a <urn:knows> ?b ; <urn:age> ?age }", Dataset(("urn:g",))
    )
    assert rows == [{"name": ox.Literal("Bob ☺", language="en"), "age": ox.Literal(7)}]
    assert store.graphs() == ["urn:g"]
    assert store.size() == 3


def test_a_query_sees_the_graphs_of_its_dataset_only(store: Store) -> None:
    store.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:p> 1 } GRAPH <urn:h> { <urn:b> <urn:p> 2 } }")
    assert subjects(store, "urn:g") == {"urn:a"}
    assert subjects(store, "urn:g", "urn:h") == {"urn:a", "urn:b"}
    named = "ASK { GRAPH <urn:h> { ?s ?p ?o } }"
    assert store.ask(named, Dataset(("urn:g",), ("urn:h",)))
    assert not store.ask(named, Dataset(("urn:g",), ("urn:g",)))


def test_the_default_graph_is_a_graph_of_its_own(store: Store) -> None:
    store.extend(
        [
            ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal(1), ox.DefaultGraph()),
            ox.Quad(ox.NamedNode("urn:b"), ox.NamedNode("urn:p"), ox.Literal(1), ox.NamedNode("urn:g")),
        ]
    )
    assert subjects(store, None) == {"urn:a"}
    assert subjects(store, None, "urn:g") == {"urn:a", "urn:b"}


def test_quads_survive_a_dump(store: Store) -> None:
    quads = b'<urn:a> <urn:p> "x" <urn:g> .\n<urn:b> <urn:p> "y"@de <urn:h> .\n<urn:c> <urn:p> "1"^^<urn:t> .\n'
    store.load(BytesIO(quads), ox.RdfFormat.N_QUADS, None)
    output = BytesIO()
    store.dump(output, ox.RdfFormat.N_QUADS, whole=True)
    expected = set(ox.parse(quads, format=ox.RdfFormat.N_QUADS))
    assert set(ox.parse(output.getvalue(), format=ox.RdfFormat.N_QUADS)) == expected


def test_a_graph_can_be_dropped(store: Store) -> None:
    store.load(BytesIO(PEOPLE), ox.RdfFormat.TURTLE, "urn:g")
    store.drop("urn:g")
    assert store.graphs() == []


def test_a_document_that_does_not_parse_leaves_nothing(store: Store) -> None:
    for graph in ("urn:g", None):
        with pytest.raises(BadData, match="parse"):
            store.load(BytesIO(PEOPLE + b" <urn:c> <urn:p"), ox.RdfFormat.TURTLE, graph)
    assert store.size() == 0


@pytest.mark.parametrize("query", ["SELECT", "SELECT * { ?s ?p }", "nonsense"])
def test_a_query_that_does_not_parse_is_a_bad_query(store: Store, query: str) -> None:
    with pytest.raises(BadQuery):
        store.select(query)


def test_a_snapshot_is_a_store_of_its_own(store: Store, tmp_path: Path) -> None:
    store.load(BytesIO(PEOPLE), ox.RdfFormat.TURTLE, "urn:g")
    store.snapshot(tmp_path / "copy")
    store.drop("urn:g")
    copy = EmbeddedStore(tmp_path / "copy")
    assert subjects(copy, "urn:g") == {"urn:ann", "urn:bob"}
    copy.close()


def test_every_change_is_a_new_version(store: Store) -> None:
    seen = {store.version}
    store.load(BytesIO(PEOPLE), ox.RdfFormat.TURTLE, "urn:g")
    seen.add(store.version)
    store.update("CLEAR ALL")
    seen.add(store.version)
    assert len(seen) == 3


def test_a_folder_in_use_is_refused_with_advice(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path / "store")
    with pytest.raises(StoreError, match="in use by another process"):
        EmbeddedStore(tmp_path / "store")
    first.close()


def test_an_endpoint_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="does not answer"):
        RemoteStore("http://127.0.0.1:1/query").ask("ASK {}")
