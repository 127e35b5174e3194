"""Filling the store, loading files, checking them: whole or not at all, with the place of every fault."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from conftest import copied

from graph import KnowledgeGraph, open_graph
from graph.change import put_graph, update
from graph.check import check_files, check_store
from graph.derive import derive
from graph.errors import BadData, BadRequest, NotFound, StoreError, UnsupportedMedia, VinculumError
from graph.load import load_files
from graph.read.obligations import obligations
from graph.store import Dataset, EmbeddedStore

NOW = datetime(2026, 3, 31, tzinfo=UTC)
PREFIXES = """
@prefix vin: <https://w3id.org/vinculum/ns#> . @prefix id: <https://w3id.org/vinculum/id/> .
@prefix act: <https://w3id.org/vinculum/def/action/> . @prefix role: <https://w3id.org/vinculum/def/role/> .
@prefix eli: <http://data.europa.eu/eli/ontology#> . @prefix loc: <https://w3id.org/dpv/loc#> .
@prefix rov: <http://www.w3.org/ns/regorg#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix time: <http://www.w3.org/2006/time#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LAW = (
    PREFIXES
    + """
id:testland-act a eli:LegalResource ; rdfs:label "Testland Act" ; eli:jurisdiction loc:US ; eli:date_document "2021-01-01"^^xsd:date ;
  dcterms:source id:source-gk ; vin:confidence vin:HighConfidence .
id:norm-testland a vin:Norm ; rdfs:label "File a report" ; vin:statedIn id:testland-act ; vin:modality vin:Obligation ;
  vin:bearer role:investor ; vin:action act:notify ; dcterms:source id:source-gk ; vin:confidence vin:HighConfidence ;
  vin:period [ time:numericDuration 10 ; time:unitType time:unitDay ] ;
  vin:condition [ a sh:SPARQLSelectExecutable ; sh:prefixes <https://w3id.org/vinculum/ns> ; sh:select
    "SELECT ?bearer ?start WHERE { VALUES ?bearer { id:oracle } id:testland-act eli:date_document ?start }" ] .
"""
)


def content(graph: KnowledgeGraph) -> set[ox.Quad]:
    output = BytesIO()
    graph.store.dump(output, ox.RdfFormat.N_QUADS, whole=True)
    return set(ox.parse(output.getvalue(), format=ox.RdfFormat.N_QUADS))


def write(folder: Path, text: str, name: str = "file.ttl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_data_has_no_fault(graph: KnowledgeGraph) -> None:
    assert check_store(graph) == []


def test_a_filled_store_opens_again_without_filling(filled: Path, tmp_path: Path, fresh: KnowledgeGraph) -> None:
    size = fresh.store.size()
    fresh.close()
    with open_graph(tmp_path / "store") as again:
        assert again.store.size() == size


def test_the_catalogue_says_where_a_loaded_graph_comes_from(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    (name,) = load_files(fresh, [write(tmp_path, LAW)], NOW)
    assert name == "https://w3id.org/vinculum/graph/file/file"
    facts = fresh.store.construct(f"DESCRIBE <{name}> <{name}#file.ttl>", Dataset((None,)))
    said = " ".join(str(triple) for triple in facts)
    assert "2026-03-31T00:00:00Z" in said
    assert "sha256:" in said
    assert "http://www.w3.org/ns/dcat#Dataset" in said


def test_a_loaded_norm_binds_at_once(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    load_files(fresh, [write(tmp_path, LAW)], NOW)
    (found,) = obligations(fresh, date(2021, 1, 5), instrument="testland-act")
    assert (found.bearer.id, str(found.due), found.state) == ("oracle", "2021-01-11", "active")
    (late,) = obligations(fresh, date(2021, 1, 12), instrument="testland-act")
    assert late.state != "active"


def test_loading_a_file_again_replaces_its_graph(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    file = write(tmp_path, "<urn:a> <urn:p> 1 .")
    (name,) = load_files(fresh, [file], NOW)
    write(tmp_path, "<urn:b> <urn:p> 2 .")
    load_files(fresh, [file], NOW)
    subjects = {str(t.subject) for t in fresh.store.construct("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", Dataset((name,)))}
    assert subjects == {"<urn:b>"}


def test_loading_into_a_named_graph_adds_to_it(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    for text in ("<urn:a> <urn:p> 1 .", "<urn:b> <urn:p> 2 ."):
        load_files(fresh, [write(tmp_path, text)], NOW, "urn:mine")
    assert len(fresh.store.construct("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", Dataset(("urn:mine",)))) == 2


FORMATS = {
    "ttl": "turtle",
    "nt": "nt",
    "n3": "n3",
    "rdf": "pretty-xml",
    "jsonld": "json-ld",
    "trig": "trig",
    "nq": "nquads",
    "trix": "trix",
    "hext": "hext",
}


@pytest.fixture(scope="module")
def loaded(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The objects that arrive from a file of each format, as rdflib writes it."""
    folder = tmp_path_factory.mktemp("formats")
    source = rdflib.Dataset()
    plain = source.default_graph
    plain.add((rdflib.URIRef("urn:a"), rdflib.URIRef("urn:p"), rdflib.Literal("ä\n☺", lang="de")))
    plain.add((rdflib.URIRef("urn:a"), rdflib.URIRef("urn:q"), rdflib.Literal(3)))
    paths = []
    for suffix, format in FORMATS.items():
        written = source if suffix in ("trig", "nq", "trix", "hext") else plain
        paths.append(write(folder, written.serialize(format=format), f"{suffix}-file.{suffix}"))
    with copied(filled, folder / "store") as graph:
        names = load_files(graph, paths, NOW)
        query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
        found = [graph.store.construct(query, Dataset((name,))) for name in names]
    return {suffix: sorted(str(t.object) for t in triples) for suffix, triples in zip(FORMATS, found, strict=True)}


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_read(loaded: dict[str, list[str]], suffix: str) -> None:
    """Each file is written by rdflib; the triples that arrive are the triples that left."""
    assert set(loaded[suffix]) == {str(ox.Literal("ä\n☺", language="de")), str(ox.Literal(3))}


def test_quads_go_where_they_say(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    names = load_files(
        fresh, [write(tmp_path, '<urn:a> <urn:p> "1" <urn:g1> .\n<urn:a> <urn:p> "2" <urn:g2> .', "f.nq")], NOW
    )
    assert names == ["urn:g1", "urn:g2"]
    assert {"urn:g1", "urn:g2"} <= set(fresh.world().default)


def test_a_file_that_declares_its_graphs_itself_is_taken_at_its_word(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    text = "@prefix d: <http://www.w3.org/ns/dcat#> . <urn:g1> a d:Dataset . <urn:g1> { <urn:a> <urn:p> 1 } <urn:g2> { <urn:b> <urn:p> 2 }"
    load_files(fresh, [write(tmp_path, text, "f.trig")], NOW)
    assert {"urn:g1", "urn:g2"} & set(fresh.world().default) == {"urn:g1"}


def test_the_content_of_a_claim_is_not_asserted_by_loading_it(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    text = (
        "@prefix s: <http://schema.org/> . @prefix vin: <https://w3id.org/vinculum/ns#> . "
        "@prefix stance: <https://w3id.org/vinculum/def/stance/> . <urn:said> { <urn:a> <urn:p> 1 } <urn:g> { "
        "<urn:said> a s:Claim ; <http://www.w3.org/2000/01/rdf-schema#label> 'x' ; vin:stance stance:fact ; "
        "<http://www.w3.org/ns/prov#wasAttributedTo> <urn:b> ; <http://purl.org/dc/terms/source> <urn:s> }"
    )
    load_files(fresh, [write(tmp_path, text, "f.trig")], NOW)
    assert {"urn:said", "urn:g"} & set(fresh.world().default) == {"urn:g"}


def test_two_files_of_one_name_are_not_mixed_up(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, f"<urn:{folder}> <urn:p> 1 .", "my x.ttl")
    names = load_files(fresh, [tmp_path / "a", tmp_path / "b"], NOW)
    assert names == [f"https://w3id.org/vinculum/graph/file/{folder}/my%20x" for folder in "ab"]
    with pytest.raises(BadRequest, match="would be one graph"):
        load_files(fresh, [tmp_path / "a" / "my x.ttl", tmp_path / "b" / "my x.ttl"], NOW)


def test_nobody_writes_the_derived_graph(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    derived = "https://w3id.org/vinculum/graph/derived/base"
    with pytest.raises(BadRequest, match="what the norms give"):
        load_files(fresh, [write(tmp_path, "<urn:a> <urn:p> 1 .")], NOW, derived)
    before = content(fresh)
    update(fresh, f"INSERT DATA {{ GRAPH <{derived}> {{ <urn:a> <urn:p> 1 }} }} ; # a comment")
    assert content(fresh) == before


def test_a_store_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    foreign = EmbeddedStore(tmp_path / "store")
    foreign.update("INSERT DATA { <urn:a> <urn:p> 1 }")
    foreign.close()
    with pytest.raises(StoreError, match="not Vinculum's ontology"):
        open_graph(tmp_path / "store")
    (tmp_path / "documents").mkdir()
    write(tmp_path / "documents", "hello", "letter.txt")
    with pytest.raises(StoreError, match="other files"):
        open_graph(tmp_path / "documents")
    with pytest.raises(BadRequest, match="ftp"):
        open_graph("ftp://example.org/store")


def test_writers_at_the_same_time_lose_nothing(fresh: KnowledgeGraph) -> None:
    """Five good writers beside one whose norm is refused: all that was accepted is there."""
    bad = b"<urn:n> a <https://w3id.org/vinculum/ns#Norm> ; <https://w3id.org/vinculum/ns#modality> <urn:m> ; " + (
        b"<https://w3id.org/vinculum/ns#action> <urn:a> ; <https://w3id.org/vinculum/ns#statedIn> <urn:l> ; "
        b"<https://w3id.org/vinculum/ns#condition> [ <http://www.w3.org/ns/shacl#select> 'nonsense' ] ."
    )
    case = "https://w3id.org/vinculum/graph/cases/tiktok"

    def write_one(number: int) -> bool:
        data = bad if number == 2 else f"<urn:s{number}> <urn:p> {number} .".encode()
        try:
            put_graph(fresh, case, BytesIO(data), ox.RdfFormat.TURTLE, replace=False)
        except BadData:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        accepted = list(pool.map(write_one, range(6)))
    assert accepted == [number != 2 for number in range(6)]
    found = fresh.store.select("SELECT ?s { ?s <urn:p> ?o }", Dataset((case,)))
    assert len(found) == 5
    assert not fresh.store.ask("ASK { <urn:n> ?p ?o }", Dataset((case,)))
    assert obligations(fresh, date(2020, 8, 31), bearer="bytedance")


MALFORMED = {
    "cut.ttl": ("<urn:a> <urn:p> 1 . <urn:b", "parse"),
    "cut.nt": ("<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p", "parse"),
    "cut.rdf": ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description", "parse"),
    "cut.jsonld": ('{"@id": "urn:a", "urn:p": ', "parse"),
    "cut.trix": ("<TriX>", "parse"),
    "cut.nq": ("<urn:a> <urn:p> <urn:b> <urn:g> .\n<urn:a>", "parse"),
    "remote.jsonld": ('{"@context": "http://127.0.0.1:1/c.jsonld", "@id": "urn:a", "p": 1}', "."),
    "norm.ttl": (LAW.replace("vin:modality vin:Obligation ;", ""), "norm-testland"),
    "action.ttl": (LAW.replace("act:notify", "act:levitate"), "action"),
    "unit.ttl": (LAW.replace("time:unitDay", "time:unitFortnight"), "unit"),
    "query.ttl": (LAW.replace("SELECT ?bearer ?start WHERE {", "SELECT ?bearer WHERE { ?bearer"), "condition"),
    "scope.ttl": (LAW.replace("VALUES ?bearer { id:oracle }", "GRAPH ?g { ?bearer ?p ?o }"), "scope"),
    "service.ttl": (LAW.replace("VALUES ?bearer { id:oracle }", "SERVICE <urn:x> { ?bearer ?p ?o }"), "server"),
    "bearer.ttl": (LAW.replace("VALUES ?bearer { id:oracle }", "VALUES ?bearer { 'oracle' }"), "bearer"),
    "share.ttl": (
        PREFIXES + "id:own-x a vin:Ownership ; rdfs:label 'x' ; vin:owner id:oracle ; vin:object id:tiktok ; "
        "vin:share 120.0 ; dcterms:source id:source-gk ; vin:confidence vin:LowConfidence .",
        "share",
    ),
    "shares.ttl": (
        PREFIXES
        + "".join(
            f"id:own-{n} a vin:Ownership ; rdfs:label 'x' ; vin:owner id:oracle ; vin:object id:tiktok ; vin:share 60.0 ; "
            "vin:validFrom '2020-01-01'^^xsd:date ; dcterms:source id:source-gk ; vin:confidence vin:LowConfidence .\n"
            for n in "ab"
        ),
        "120",
    ),
    "typed-in.ttl": (PREFIXES + "id:p a vin:LegalPosition ; vin:bearer id:oracle .", "derived"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_faulty_file_is_named_and_changes_nothing(fresh: KnowledgeGraph, tmp_path: Path, name: str) -> None:
    text, said = MALFORMED[name]
    before = content(fresh)
    with pytest.raises(BadData) as failure:
        load_files(fresh, [write(tmp_path, text, name)], NOW)
    assert name in failure.value.detail or "norm-testland" in failure.value.detail
    assert said in failure.value.detail
    assert content(fresh) == before


def test_a_fault_is_reported_with_its_file_and_line(graph: KnowledgeGraph, tmp_path: Path) -> None:
    file = write(tmp_path, LAW.replace("vin:modality vin:Obligation ;", ""))
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if text.startswith("id:norm-testland"))
    found = [finding for finding in check_files(graph, [file]) if not finding.warning]
    assert [(finding.file, finding.line) for finding in found] == [(str(file), line)]


def test_a_reference_that_leads_nowhere_is_found(graph: KnowledgeGraph, tmp_path: Path) -> None:
    file = write(tmp_path, LAW.replace("id:source-gk", "id:source-nowhere"))
    assert any("source-nowhere" in finding.message for finding in check_files(graph, [file]))
    assert check_files(graph, [write(tmp_path, LAW)]) == []


def test_data_of_other_publishers_loads_with_warnings_only(fresh: KnowledgeGraph, tmp_path: Path) -> None:
    file = write(tmp_path, PREFIXES + "<urn:their-company> a rov:RegisteredOrganization .")
    load_files(fresh, [file], NOW)
    assert [finding.warning for finding in check_files(fresh, [file])] == [True, True, True]


@pytest.mark.parametrize(("name", "error"), [("no-such-file.ttl", NotFound), ("notes.pdf", UnsupportedMedia)])
def test_what_cannot_be_read_is_said(
    fresh: KnowledgeGraph, tmp_path: Path, name: str, error: type[VinculumError]
) -> None:
    if name == "notes.pdf":
        write(tmp_path, "hello", name)
    with pytest.raises(error, match=name.replace(".", r"\.")):
        load_files(fresh, [tmp_path / name], NOW)


@pytest.fixture
def positions() -> Callable[[KnowledgeGraph], set[ox.Quad]]:
    return lambda graph: {quad for quad in content(graph) if str(quad.graph_name).endswith("derived/base>")}


def test_deriving_twice_changes_nothing(fresh: KnowledgeGraph) -> None:
    before = content(fresh)
    derive(fresh)
    assert content(fresh) == before


def test_an_unrelated_fact_changes_no_position(
    fresh: KnowledgeGraph, positions: Callable[[KnowledgeGraph], set[ox.Quad]]
) -> None:
    before = positions(fresh)
    update(fresh, "INSERT DATA { GRAPH <https://w3id.org/vinculum/graph/cases/tiktok> { <urn:a> <urn:p> <urn:b> } }")
    assert positions(fresh) == before
