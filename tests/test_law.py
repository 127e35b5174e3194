"""The law of the five countries: every row of the reference is there, and the trial cases come out as expected."""

from datetime import date
from pathlib import Path

import pytest

from graph import KnowledgeGraph
from graph.errors import BadData
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


CASE = """
facts = "my:b a rov:RegisteredOrganization ."
[[case]]
name = "one"
[[case.expect]]
norm = "{norm}"
on = 2020-01-01
{more}
"""


@pytest.mark.parametrize(
    ("norm", "more", "said"),
    [
        ("US-HSR-01", "", "nothing of the kind follows"),
        ("NOPE-1", "", "there is no norm"),
        ("US-HSR-01", "absent = true", ""),
        ("US-HSR-01", 'sate = "lapsed"', "has no sate"),
    ],
)
def test_a_trial_says_what_it_found_instead(tmp_path: Path, norm: str, more: str, said: str) -> None:
    (tmp_path / "case.toml").write_text(CASE.format(norm=norm, more=more))
    (outcome,) = run_trials([tmp_path])
    assert said in outcome.fault
    assert bool(outcome.fault) == bool(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "TOML"),
        ('facts = "my:a a $kind ."\n[[case]]\nname = "n"', "kind"),
        ('[[case]]\nname = "n"\nfacts = "my:a a"', "'n'"),
    ],
)
def test_a_trial_that_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "case.toml").write_text(text)
    with pytest.raises(BadData, match=rf"case\.toml.*{said}"):
        run_trials([tmp_path])
