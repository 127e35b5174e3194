"""The law of the five countries: every row of the reference is there, and the trial cases come out as expected."""

import re
from datetime import date
from pathlib import Path

import pytest

import ontology
from graph import KnowledgeGraph
from graph.errors import BadData, NotFound
from graph.read.obligations import obligations
from graph.trials import run_trials

LAW = Path(__file__).parent / "law"
FILES = sorted(LAW.rglob("*.toml"))
#: How many rows each regime has, by the first parts of their keys.
ROWS = {
    "CN-FTL": 2, "CN-TIER": 13, "CN-FISR": 4, "CN-ECL": 8, "CN-UEL": 3, "CN-AFSL": 3, "CN-BLK": 2, "CN-834": 2, "CN-835": 1, "CN-DSL": 3, "CN-PI": 7, "CN-CSL": 1, "CN-AML": 1, "US-CFIUS": 14, "US-HSR": 5, "US-IEEPA": 1, "US-OFAC": 5, "US-CMIC": 1, "US-EAR": 8, "US-OUT": 9, "US-ICTS": 2, "US-PAF": 2, "US-PADFA": 1, "US-DSP": 5, "CA-ICA": 14, "CA-COMP": 4, "CA-EIPA": 3, "CA-SEMA": 1, "CA-FEMA": 1, "CA-PIP": 2, "CA-QC": 1, "AU-FATA": 9, "AU-CCA": 9, "AU-DTC": 5, "AU-CUS": 1, "AU-SAN": 1, "AU-SOCI": 2, "AU-PRIV": 3, "AU-SMMA": 2, "NZ-OIA": 9, "NZ-COM": 2, "NZ-EXP": 3, "NZ-RUS": 2, "NZ-PRIV": 4,
}  # fmt: skip


def test_every_row_of_every_regime_is_a_rule(graph: KnowledgeGraph) -> None:
    keys = {row["key"].value for row in graph.rows("rule-keys")}  # type: ignore[union-attr]
    for regime, rows in ROWS.items():
        assert {f"{regime}-{number:02}" for number in range(1, rows + 1)} <= keys


@pytest.mark.parametrize("folder", sorted({file.parent for file in FILES}), ids=lambda folder: folder.name)
def test_trial_cases_come_out_as_expected(folder: Path) -> None:
    outcomes = run_trials([folder])
    assert len(outcomes) > 100
    assert [f"{o.file}: {o.case}: expected {o.expected}, but {o.fault}" for o in outcomes if o.fault] == []


def test_every_rule_of_law_has_a_source_and_a_provision(graph: KnowledgeGraph) -> None:
    missing = graph.store.select(
        """PREFIX vin: <https://w3id.org/vinculum/ns#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?rule WHERE { VALUES ?class { vin:Norm vin:Definition vin:OwnershipTest vin:Threshold } ?rule a ?class
          MINUS { ?rule dcterms:source ?source ; vin:confidence ?confidence } }""",
        graph.world(),
    )
    assert missing == []


def test_a_suspension_that_ended_leaves_the_state_unknown(graph: KnowledgeGraph) -> None:
    assert {o.state for o in obligations(graph, date(2026, 11, 23), market="CN")} <= {
        "unknown", "fulfilled", "violated", "waived", "lapsed",
    }  # fmt: skip


CASES = [
    ('norm = "US-HSR-01"', "nothing of the kind follows"),
    ('norm = "NOPE-1"', "there is no norm"),
    ('norm = "US-HSR-01"\nabsent = true', ""),
    ('norm = "US-HSR-01"\nsate = "lapsed"', "has no sate"),
    (
        'norm = "MY-BAN"\nabsent = true',
        "it is there: active (in effect since 2020-01-01), from 2020-01-01 until 2021-01-01",
    ),
    ('concept = "controlled"\nabsent = true', "it is there: from 2019-01-01 until further notice"),
]
DRAFT = """
id:my-act a eli:LegalResource ; rdfs:label "Act" ; eli:jurisdiction loc:NZ ; eli:date_document "2020-01-01"^^xsd:date ;
  eli:date_no_longer_in_force "2021-01-01"^^xsd:date ; dcterms:source id:source-gk ; vin:confidence vin:LowConfidence .
id:norm-my-ban a vin:Norm ; rdfs:label "Ban" ; dcterms:identifier "MY-BAN" ; vin:statedIn id:my-act ; vin:modality vin:Prohibition ;
  vin:bearer role:exporter ; vin:action act:export-item ; dcterms:source id:source-gk ; vin:confidence vin:LowConfidence ;
  vin:condition [ a sh:SPARQLSelectExecutable ; sh:prefixes <https://w3id.org/vinculum/ns> ; sh:select
    "SELECT ?bearer ?object WHERE { ?bearer a rov:RegisteredOrganization ; vin:owner ?object }" ] .
"""


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("trials")
    prefixes = "".join(f"@prefix {name}: <{space}> .\n" for name, space in ontology.prefixes().items())
    (folder / "draft.ttl").write_text(prefixes + DRAFT)
    facts = (
        "my:b a rov:RegisteredOrganization ; vin:owner my:thing . my:is a vin:Qualification ; "
        "vin:subject my:b ; vin:concept kind:controlled ; vin:validFrom '2019-01-01'^^xsd:date ."
    )
    expects = "".join(f"[[case.expect]]\non = 2020-01-01\n{expect}\n" for expect, _ in CASES)
    (folder / "case.toml").write_text(f'facts = """{facts}"""\n[[case]]\nname = "one"\n{expects}')
    return [outcome.fault for outcome in run_trials([folder])]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_trial_says_what_it_found_instead(faults: list[str], number: int) -> None:
    said = CASES[number][1]
    assert said in faults[number]
    assert bool(faults[number]) == bool(said)


UNREADABLE = {
    "toml.toml": "x = ",
    "placeholder.toml": 'facts = "my:a a $kind ."\n[[case]]\nname = "n"',
    "shared.toml": 'title = "t"\nfacts = """\nmy:a a my:b .\nmy:a my:b\n"""\n[[case]]\nname = "first"\n[[case]]\nfacts = "my:x my:y 1 ."',
    "own.toml": 'facts = "my:a my:b 1 ."\n\n[[case]]\nname = "good"\n[[case]]\nname = "bad"\nfacts = """\nmy:a my:b 2 .\nmy:a nonsense 3 .\n"""',
}


def test_everything_in_trials_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    for name, text in UNREADABLE.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(BadData) as error:
        run_trials([tmp_path])
    detail = error.value.detail
    assert re.search(r"toml\.toml: the TOML does not parse", detail)
    assert re.search(r"placeholder\.toml:2: 'n': the placeholder 'kind' has no value", detail)
    assert re.search(r"shared\.toml:\d+: 'first': the facts do not parse", detail)
    assert re.search(r"own\.toml:9: 'bad': the facts do not parse", detail)
    assert "'good'" not in detail


def test_a_folder_without_trials_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        run_trials([tmp_path])
