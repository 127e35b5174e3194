"""Rules: definitions, ownership tests, exceptions, overriding and repairing norms, their order, and deriving anew."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ontology
from graph import KnowledgeGraph
from graph.change import update
from graph.derive import derive
from graph.errors import BadData
from graph.read.explanations import explain, provenance
from graph.read.obligations import obligations
from graph.read.whynot import why_not
from graph.store import Dataset, EmbeddedStore

WORLD = f"{ontology.BASE}graph/test"
HEAD = "".join(f"@prefix {name}: <{space}> .\n" for name, space in ontology.prefixes().items())
LAW = """
id:act-of-testland a eli:LegalResource ; rdfs:label "Act of Testland" ; eli:jurisdiction loc:US ; eli:date_document "2020-01-01"^^xsd:date .
id:norm-no-sale a vin:Norm ; rdfs:label "No sale to listed persons" ; vin:statedIn id:act-of-testland ; vin:modality vin:Prohibition ;
  vin:bearer role:investor ; vin:action act:sell ; vin:condition [ sh:select \"\"\"
    SELECT ?bearer ?counterparty ?object ?holding ?listing WHERE {
      ?holding a vin:Ownership ; vin:owner ?bearer ; vin:object ?object .
      ?listing a vin:Qualification ; vin:subject ?counterparty ; vin:concept kind:controlled . FILTER(?bearer != ?counterparty) }\"\"\" ] ;
  vin:exception id:exception-licence ; vin:reparation id:norm-unwind .
id:exception-licence vin:action act:grant-licence ; sh:select \"\"\"
  SELECT ?bearer ?object ?licence WHERE { ?licence a schema:GovernmentPermit ; schema:permitAudience ?bearer ; vin:object ?object }\"\"\" .
id:norm-unwind a vin:Norm ; rdfs:label "Unwind a forbidden sale" ; vin:statedIn id:act-of-testland ; vin:modality vin:Obligation ;
  vin:bearer role:investor ; vin:action act:unwind ; vin:period [ time:numericDuration 10 ; time:unitType vin:businessDay ] ;
  vin:condition [ sh:select \"\"\"SELECT ?bearer ?object ?start ?position WHERE {
    ?position vin:norm id:norm-no-sale ; vin:bearer ?bearer ; vin:object ?object ; vin:breached ?start }\"\"\" ] .
id:norm-report a vin:Norm ; rdfs:label "Report a holding" ; vin:statedIn id:act-of-testland ; vin:modality vin:Obligation ;
  vin:bearer role:investor ; vin:action act:notify ; vin:condition [ sh:select \"\"\"
    SELECT ?bearer ?object ?holding WHERE { ?holding a vin:Ownership ; vin:owner ?bearer ; vin:object ?object ; vin:share ?share .
      FILTER(?share > 10) FILTER NOT EXISTS { ?bearer a schema:GovernmentOrganization } }\"\"\" ] .
id:norm-silence a vin:Norm ; rdfs:label "The exempt keep silent" ; vin:statedIn id:act-of-testland ; vin:modality vin:Prohibition ;
  vin:bearer role:investor ; vin:action act:notify ; vin:overrides id:norm-report ; vin:condition [ sh:select \"\"\"
    SELECT ?bearer ?object ?exemption WHERE { ?exemption a vin:Qualification ; vin:subject ?bearer ; vin:concept kind:state-owned .
      ?any vin:owner ?bearer ; vin:object ?object }\"\"\" ] .
id:test-control a vin:OwnershipTest ; rdfs:label "Control" ; vin:statedIn id:act-of-testland ; vin:concept kind:controlled ;
  vin:moreThan 50.0 ; vin:tracing vin:Cascade ; vin:holders [ sh:select \"\"\"
    SELECT ?holder ?listing WHERE { ?listing a vin:Qualification ; vin:subject ?holder ; vin:concept kind:state-owned }\"\"\" ] .
"""


def world(*texts: str) -> KnowledgeGraph:
    """A graph in memory with the ontology and some Turtle, not derived."""
    graph = KnowledgeGraph(EmbeddedStore())
    for file in ontology.LOADED:
        graph.store.load(BytesIO(file.read_bytes()), ox.RdfFormat.TURTLE, ontology.ONTOLOGY_GRAPH)
    for text in texts:
        graph.store.load(BytesIO((HEAD + text).encode()), ox.RdfFormat.TURTLE, WORLD)
    for name in (WORLD, ontology.ONTOLOGY_GRAPH):
        graph.store.extend([ox.Quad(ox.NamedNode(name), ox.NamedNode(ontology.iri("rdf:type")), ox.NamedNode(ontology.iri("dcat:Dataset")))])
    return graph


def derived(graph: KnowledgeGraph) -> set[ox.Triple]:
    return set(graph.store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", Dataset((ontology.DERIVED_GRAPH,))))


def quads(text: str) -> list[ox.Quad]:
    place = ox.NamedNode(WORLD)
    return [ox.Quad(q.subject, q.predicate, q.object, place) for q in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]


OWNERS, THINGS, DAYS = ("a", "b", "c"), ("x", "y", "z"), ("2020-02-01", "2020-03-01", "2021-06-01")
FACTS = [
    *(f'id:own-{o}-{t} a vin:Ownership ; vin:owner id:{o} ; vin:object id:{t} ; vin:share {n}.0 .' for o in OWNERS for t, n in zip(THINGS, (60, 30, 25), strict=True)),
    *(f'id:own-{a}-{b} a vin:Ownership ; vin:owner id:{a} ; vin:object id:{b} ; vin:share 40.0 .' for a, b in (("x", "y"), ("y", "z"), ("x", "z"))),
    *(f'id:own-{o}-x vin:validFrom "{d}"^^xsd:date .' for o, d in zip(OWNERS, DAYS, strict=True)),
    *(f'id:list-{o} a vin:Qualification ; vin:subject id:{o} ; vin:concept kind:state-owned .' for o in OWNERS),
    'id:list-a vin:validFrom "2020-05-01"^^xsd:date .', 'id:list-b vin:validUntil "2021-01-01"^^xsd:date .',
    *(f'id:permit-{o} a schema:GovernmentPermit ; schema:permitAudience id:{o} ; vin:object id:x ; vin:validFrom "{d}"^^xsd:date .' for o, d in zip(OWNERS, DAYS, strict=True)),
    *(f'id:sale-{o} a prov:Activity ; vin:action act:divest ; prov:wasAssociatedWith id:{o} ; vin:object id:x ; dcterms:date "2020-07-01"^^xsd:date .' for o in OWNERS),
    'id:sale-a schema:actionStatus schema:PotentialActionStatus .',
    'id:unwound a prov:Activity ; vin:action act:unwind ; prov:wasAssociatedWith id:b ; vin:object id:x ; dcterms:date "2020-07-05"^^xsd:date .',
    *(f'id:{o} a schema:GovernmentOrganization .' for o in ("b", "c")),
    'id:mercy a prov:Activity ; vin:action act:waive ; vin:waives id:norm-no-sale ; dcterms:date "2020-06-01"^^xsd:date .',
]  # fmt: skip


@pytest.fixture(scope="module")
def law() -> Iterator[KnowledgeGraph]:
    with world(LAW) as graph:
        yield graph


_SOME = st.sets(st.sampled_from(range(len(FACTS))), max_size=12)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.sampled_from(range(len(FACTS))), min_size=6), st.lists(st.tuples(st.booleans(), _SOME), min_size=1, max_size=5))
def test_what_a_change_touches_is_derived_as_if_everything_was(
    begin: set[int], changes: list[tuple[bool, set[int]]]
) -> None:
    held = {quad for number in begin for quad in quads(FACTS[number])}
    with world(LAW) as graph:
        graph.store.extend(held)
        derive(graph)
        for add, chosen in changes:
            stated = {quad for number in chosen for quad in quads(FACTS[number])}
            held = held | stated if add else held - stated
            data = "\n".join(f"{quad.subject} {quad.predicate} {quad.object} ." for quad in sorted(stated, key=str))
            update(graph, f"{'INSERT' if add else 'DELETE'} DATA {{ GRAPH <{WORLD}> {{ {data} }} }}")
            with world(LAW) as other:
                other.store.extend(held)
                derive(other)
                assert derived(graph) == derived(other)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(len(FACTS))))
def test_the_order_of_facts_changes_nothing(order: list[int]) -> None:
    with world(LAW, *(FACTS[n] for n in order)) as one, world(LAW, *FACTS) as other:
        derive(one)
        derive(other)
        assert derived(one) == derived(other)
        before = derived(one)
        derive(one)
        assert derived(one) == before
