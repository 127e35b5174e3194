"""Checking law in draft: the files together, and how their rules fit with each other and with what is shipped."""

from pathlib import Path

import pytest

import ontology
from graph import KnowledgeGraph
from graph.check import check_files
from graph.validate import Finding

PREFIXES = "".join(f"@prefix {name}: <{space}> .\n" for name, space in ontology.prefixes().items())
BACKED = "dcterms:source id:source-gk ; vin:confidence vin:LowConfidence ."
ACT = f"""
id:my-act a eli:LegalResource ; rdfs:label "Act"@en ; eli:jurisdiction loc:NZ ; eli:date_document "2020-01-01"^^xsd:date ; {BACKED}
"""
QUERY = """
    SELECT ?bearer ?object WHERE {
      ?bearer a rov:RegisteredOrganization ;
        vin:owner ?object .
    }"""


def norm(name: str = "my-ban", identifier: str = "MY-BAN", query: str = QUERY, more: str = "") -> str:
    return f'''
id:norm-{name} a vin:Norm ; rdfs:label "Ban"@en ; dcterms:identifier "{identifier}" ; vin:statedIn id:my-act ;
  vin:modality vin:Prohibition ; vin:bearer role:exporter ; vin:action act:export-item ;{more}
  vin:condition [ a sh:SPARQLSelectExecutable ; sh:prefixes <https://w3id.org/vinculum/ns> ; sh:select """{query}""" ] ; {BACKED}
'''


def definition(name: str, other: str) -> str:
    return f'''
kind:my-{name} a skos:Concept ; skos:prefLabel "{name}"@en .
id:definition-my-{name} a vin:Definition ; rdfs:label "{name}"@en ; vin:statedIn id:my-act ; vin:concept kind:my-{name} ;
  vin:condition [ a sh:SPARQLSelectExecutable ; sh:prefixes <https://w3id.org/vinculum/ns> ; sh:select """
    SELECT ?subject WHERE {{ ?subject a rov:RegisteredOrganization .
      FILTER NOT EXISTS {{ ?is a vin:Qualification ; vin:subject ?subject ; vin:concept kind:my-{other} }} }}""" ] ; {BACKED}
'''


def check(graph: KnowledgeGraph, folder: Path, *texts: str) -> list[Finding]:
    for number, text in enumerate(texts):
        (folder / f"part-{number}.ttl").write_text(PREFIXES + text, encoding="utf-8")
    return check_files(graph, [folder])


def line_of(file: Path, words: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if words in line)


def test_files_may_refer_to_each_other(graph: KnowledgeGraph, tmp_path: Path) -> None:
    assert check(graph, tmp_path, norm(), ACT) == []
    alone = check_files(graph, [tmp_path / "part-0.ttl"])
    assert ["my-act" in finding.message for finding in alone] == [True]


def test_a_draft_of_a_shipped_rule_is_no_second_one(graph: KnowledgeGraph) -> None:
    regimes = Path(__file__).parent.parent / "data" / "regimes"
    assert check_files(graph, [regimes / "nz"]) == []


def test_rules_of_two_files_that_take_back_what_they_rest_on_are_named(graph: KnowledgeGraph, tmp_path: Path) -> None:
    (found,) = check(graph, tmp_path, ACT + definition("small", "large"), definition("large", "small"))
    assert "definition-my-small" in found.message
    assert "definition-my-large" in found.message
    assert "take back what they rest on" in found.message
    assert found.file
    assert found.line == line_of(Path(found.file), f"id:{ontology.slug_of(found.node)} ")


def test_an_identifier_that_another_norm_has_is_found(graph: KnowledgeGraph, tmp_path: Path) -> None:
    found = check(graph, tmp_path, ACT + norm("one", "TWICE"), norm("two", "TWICE") + norm("three", "NZ-PRIV-01"))
    said = {ontology.slug_of(finding.node): finding.message for finding in found}
    assert said.keys() == {"norm-one", "norm-two", "norm-three"}
    assert "norm-two" in said["norm-one"]
    assert "NZ-PRIV-01" in said["norm-three"]
    assert all(finding.file and finding.line for finding in found)


@pytest.mark.parametrize("word", ["vin:ownr", "act:exprot-item", "role:exportr", "kind:contrl", "id:nobody"])
def test_a_word_of_a_query_that_nothing_describes_is_found(graph: KnowledgeGraph, tmp_path: Path, word: str) -> None:
    (found,) = check(
        graph, tmp_path, ACT + norm(query=QUERY.replace("vin:owner ?object", f"vin:owner ?object , {word}"))
    )
    assert (ontology.slug_of(found.node), found.line) == ("norm-my-ban", line_of(tmp_path / "part-0.ttl", word))
    assert ontology.iri(word) in found.message


def test_a_condition_that_does_not_parse_is_placed_in_the_file(graph: KnowledgeGraph, tmp_path: Path) -> None:
    (found,) = check(graph, tmp_path, ACT + norm(query=QUERY.replace("vin:owner ?object", "vin:owner id id ?object")))
    assert found.line == line_of(tmp_path / "part-0.ttl", "vin:owner id id")
    assert "error at 4:" in found.message


@pytest.mark.parametrize("head", ["SELECT ?owner ?object", "SELECT ?object", "SELECT (?object AS ?thing)"])
def test_a_condition_that_binds_no_party_is_found_before_a_case_comes_up(
    graph: KnowledgeGraph, tmp_path: Path, head: str
) -> None:
    query = QUERY.replace("SELECT ?bearer ?object", head).replace("?bearer", "?owner")
    found = check(graph, tmp_path, ACT + norm(query=query))
    assert {ontology.slug_of(finding.node) for finding in found} == {"norm-my-ban"}
    assert any("does not bind ?bearer" in finding.message for finding in found)


@pytest.mark.parametrize("head", ["SELECT *", "SELECT (?owner AS ?bearer) ?object"])
def test_a_party_may_be_computed(graph: KnowledgeGraph, tmp_path: Path, head: str) -> None:
    query = QUERY.replace("SELECT ?bearer ?object", head)
    assert (
        check(graph, tmp_path, ACT + norm(query=query if "*" in head else query.replace("?bearer a", "?owner a"))) == []
    )


def test_a_period_of_an_unknown_unit_is_that_of_its_norm(graph: KnowledgeGraph, tmp_path: Path) -> None:
    period = "\n  vin:period [ a time:Duration ; time:numericDuration 3 ; time:unitType time:unitHour ] ;"
    found = check(graph, tmp_path, ACT + norm(more=period))
    assert [(ontology.slug_of(finding.node), finding.line) for finding in found] == [
        ("norm-my-ban", line_of(tmp_path / "part-0.ttl", "id:norm-my-ban a"))
    ]
    assert "unitDay" in found[0].message
