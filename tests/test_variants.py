"""Deals side by side, and the single changes that save a deal."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

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
