"""Deals side by side, and the single changes that save a deal."""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import VINCULUM, Served

from graph.deals.assess import judge
from graph.deals.plan import latest_filings
from graph.deals.rescue import Search, rescues
from graph.deals.variants import Variant, compare
from graph.errors import BadDeal
from graph.knowledge import KnowledgeGraph
from graph.load import DATA

LATER = [{"event": "file", "of": "CN-TIER-04", "date": "2020-09-07"}]


def deal(name: str, **changes: Any) -> dict[str, Any]:
    (file,) = (DATA / "deals").glob(f"{name}*.json")
    return {**json.loads(file.read_text(encoding="utf-8")), **changes}


def of(variant: Variant, field: str) -> str:
    return next(change.label for change in variant.changes if change.field == field)


@pytest.fixture(scope="module")
def saved(graph: KnowledgeGraph) -> Search:
    return rescues(graph, deal("s1-", assume=LATER))


def test_a_week_later_is_four_days_too_late(graph: KnowledgeGraph) -> None:
    comparison = compare(graph, [deal("s1-"), deal("s1-", assume=LATER)])
    (later,) = comparison.variants
    assert (comparison.base.verdict, comparison.base.slack_days) == ("feasible", 3)
    assert (later.verdict, later.slack_days, later.earliest) == ("at_risk", -4, date(2020, 11, 16))
    assert of(later, "assume") == "assume: file CN-TIER-04 2020-09-07 instead of file CN-TIER-04 2020-08-31"


def test_the_latest_day_of_a_filing_is_the_latest(graph: KnowledgeGraph) -> None:
    planned = judge(graph, deal("s1-")).plan
    (filing,) = [one for one in latest_filings(planned) if one.made]
    assert filing.typical == filing.by_law == date(2020, 9, 1)
    slack = []
    for day in (filing.by_law, filing.by_law + timedelta(days=1)):
        found = judge(graph, deal("s1-", assume=[{**LATER[0], "date": day.isoformat()}]))
        assert found.tightest
        assert found.tightest.slack_days is not None
        slack.append(found.tightest.slack_days)
    assert slack[0] >= 0 > slack[1]


def test_single_changes_that_save_the_deal(saved: Search) -> None:
    assert saved.base.verdict == "at_risk"
    assert {(one.field, one.change.partition(":")[0]) for one in saved.rescues} == {
        ("technologies", "leave out Recommender"),
        ("assume[0].date", "file by 2020-09-01, 6 days earlier"),
        ("deadlines[0].date", "Order of 2020-08-14"),
        ("assume", "Ministry of Commerce of the People's Republic of China decides by 2020-10-19, 4 days before its usual time is over"),
    }  # fmt: skip
    assert all(one.verdict == "feasible" for one in saved.rescues)
    assert any("is moved to 2020-11-16, 4 days later" in one.change for one in saved.rescues)


def test_each_change_says_which_conflict_it_removes(graph: KnowledgeGraph) -> None:
    bid = deal("microsoft")
    without = deal("microsoft", technologies=[], excludes=["recommendation-technology"], markets=["US"])
    (variant,) = compare(graph, [bid, without]).variants
    assert of(variant, "markets") == "markets: without CA, AU, NZ, CN"
    chinese = {"negotiate", "sign a binding agreement", "export technology"}
    assert len(variant.conflicts_gone) == len(chinese)
    assert all(any(word in clash.label for word in chinese) for clash in variant.conflicts_gone)
    assert not variant.conflicts_new
    removed = {effect.change.field: len(effect.removes) for effect in variant.effects}
    assert removed == {"markets": 0, "technologies": 0, "excludes": len(chinese)}


def test_another_buyer_meets_the_same_law(graph: KnowledgeGraph) -> None:
    (oracle,) = compare(graph, [deal("microsoft"), deal("microsoft", buyer=["oracle"])]).variants
    assert of(oracle, "buyer") == "buyer: oracle instead of microsoft"
    assert not oracle.conflicts_gone
    assert not oracle.conflicts_new
    assert not oracle.steps_gone


def test_the_day_before_the_catalogue_changed(graph: KnowledgeGraph) -> None:
    (before,) = compare(graph, [deal("microsoft"), deal("microsoft", date="2020-08-27")]).variants
    gone = {duty.norm.id for duty in before.duties_gone}
    assert any("cn-technology-regulations" in norm for norm in gone)
    assert any("register a contract" in duty.sentence for duty in before.duties_new)
    assert len(before.conflicts_gone) == 3


def test_what_no_longer_fits_is_left_out_of_a_variant(graph: KnowledgeGraph) -> None:
    """A supposed filing for a technology that the variant leaves out; told by a user, it is a fault."""
    with pytest.raises(BadDeal, match=r"assume\[0\].of"):
        judge(graph, deal("s1-", technologies=[]))
    (variant,) = compare(graph, [deal("s1-"), deal("s1-", technologies=[], assume=[])]).variants
    assert {effect.change.field: effect.verdict for effect in variant.effects} == {
        "technologies": "feasible",
        "assume": "feasible",
    }


def test_faults_of_all_deals_are_told_at_once(graph: KnowledgeGraph) -> None:
    with pytest.raises(BadDeal) as caught:
        compare(graph, [deal("s1-", markets=["XX"]), deal("s1-"), deal("s1-", buyer=["nobody-knows"])])
    assert {error["field"].partition(".")[0] for error in caught.value.fields["errors"]} == {"deals[0]", "deals[2]"}


def test_deals_are_compared_and_saved_over_http(served: Served) -> None:
    later = deal("s1-", assume=LATER)
    compared = served.http.post("/deals/compare", json={"deals": [deal("s1-"), later]}).json()
    assert [compared["base"]["verdict"], *(one["slack_days"] for one in compared["variants"])] == ["feasible", -4]
    found = served.http.post("/deals/search", json=later).json()
    assert {one["verdict"] for one in found["rescues"]} == {"feasible"}
    assert found["tried"] > len(found["rescues"]) > 0
    alone = served.http.post("/deals/compare", json={"deals": [later]})
    assert (alone.status_code, alone.json()["errors"][0]["field"]) == (422, "deals")


def test_the_command_compares_and_searches(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "later.json"
    file.write_text(json.dumps(deal("s1-", assume=LATER, label="Filed a week later")), encoding="utf-8")
    (first,) = (DATA / "deals").glob("s1-*.json")
    for arguments, said in (
        ([first, file], ["At risk", "file CN-TIER-04 2020-09-07 instead of file CN-TIER-04 2020-08-31"]),
        (["--search", file], ["leave out Recommender", "file by 2020-09-01, 6 days earlier"]),
    ):
        command = [VINCULUM, "deal", *map(str, arguments), "--store", str(filled)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert all(words in done.stdout for words in said)


def test_what_differs_in_a_party_is_said_and_order_is_no_difference(graph: KnowledgeGraph) -> None:
    other = {"label": "US buyer", "country": "US", "headquarters": "NZ"}
    (variant,) = compare(graph, [deal("s1-"), deal("s1-", buyer=other, markets=["CN", "US"])]).variants
    assert [change.label for change in variant.changes] == ["buyer: US buyer: headquarters: NZ instead of nothing"]
