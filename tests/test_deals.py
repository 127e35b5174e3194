"""Deals as described: what binds their parties, what is asked, what is refused, and that the store is only read."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pyoxigraph as ox
import pytest

import ontology
from graph.deals.assess import Assessment, accepted, assess, world_of
from graph.deals.concern import concerning
from graph.deals.documents import described as from_rdf
from graph.deals.facts import Facts
from graph.deals.reading import read_deal
from graph.deals.wording import verdict_sentence
from graph.derive import derive
from graph.errors import BadDeal
from graph.knowledge import KnowledgeGraph
from graph.load import DATA, stage
from graph.read.obligations import obligations
from graph.store import EVERYTHING, Dataset

DEALS = DATA / "deals"


@pytest.fixture(scope="module")
def assessed(graph: KnowledgeGraph) -> "Assessed":
    return Assessed(graph)


class Assessed:
    """Assessments of the shipped deals, with changes, each made once."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._known: dict[str, Assessment] = {}

    def __call__(self, name: str, **changes: Any) -> Assessment:
        key = json.dumps([name, changes], default=str)
        if key not in self._known:
            self._known[key] = assess(self._graph, {**described(name), **changes})
        return self._known[key]


def described(name: str) -> dict[str, Any]:
    (file,) = DEALS.glob(f"{name}-*.json")
    return dict(json.loads(file.read_text(encoding="utf-8")))


def binding(found: Assessment) -> set[tuple[str, str, str]]:
    """Who is bound by which norm, and how it stands."""
    return {(p.norm.id.removeprefix("norm-"), p.bearer.label, p.state) for p in found.obligations}


def norms(found: Assessment) -> set[str]:
    return {p.norm.id.removeprefix("norm-") for p in found.obligations}


def asked(found: Assessment) -> set[str]:
    return {missing.field for missing in found.missing}


# ---- the scenarios of the reference ---------------------------------------------------------------------------------


def test_s1_the_true_calendar_leaves_three_days(assessed: Assessed) -> None:
    found = assessed("s1")
    assert found.deadline == date(2020, 11, 12)
    assert found.slack_days == 3
    assert [approval.earliest_finish.by_law for approval in found.approvals] == [date(2020, 10, 16), date(2020, 11, 9)]
    assert {approval.authority.label for approval in found.approvals if approval.authority} == {
        "Ministry of Commerce of the People's Republic of China"
    }
    assert ("cn-technology-regulations-31", "Chinese parent", "active") in binding(found)
    assert ("cn-technology-regulations-32", "Chinese parent", "fulfilled") in binding(found)
    assert found.verdict in ("feasible", "at_risk")


def test_s1_filed_a_week_later_is_late(assessed: Assessed) -> None:
    found = assessed("s1", date="2020-09-07", assume=[{"event": "file", "of": "CN-TIER-04", "date": "2020-09-07"}])
    assert found.slack_days is not None
    assert found.slack_days < 0
    assert found.verdict != "feasible"


def test_s1_without_the_recommender_needs_nobodys_leave(assessed: Assessed) -> None:
    found = assessed("s1", technologies=[], assume=[])
    assert not any(norm.startswith("cn-technology") for norm in norms(found))
    assert found.verdict == "feasible"


def test_s3_every_stake_above_a_quarter_is_notified(assessed: Assessed) -> None:
    found = assessed("s3")
    assert {
        ("nz-oia-03", "Canadian fund", "active"),
        ("nz-oia-03b", "Canadian fund", "active"),
        ("nz-oia-03c", "Canadian fund", "active"),
    } <= binding(found)
    assert "nz-oia-01" not in norms(found)
    (decision,) = found.approvals
    assert decision.authority
    assert decision.authority.id == "nz-oio"
    assert decision.earliest_finish.typical == date(2020, 8, 3)
    assert decision.earliest_finish.by_law == date(2020, 9, 14)


def test_s3_a_year_later_only_the_call_in_regime_is_left(assessed: Assessed) -> None:
    found = assessed("s3", date="2021-06-08", signing="2021-06-08", closing="2021-12-01")
    assert not any(norm.startswith("nz-oia-03") for norm in norms(found))


def test_s5_the_customer_file_waits_for_the_security_assessment(assessed: Assessed) -> None:
    found = assessed("s5")
    assert {
        ("cn-pi-01", "Chinese retailer", "fulfilled"),
        ("cn-pi-01c", "Chinese retailer", "active"),
        ("cn-pi-06", "Chinese retailer", "active"),
    } <= binding(found)
    finishes = [approval.earliest_finish.by_law for approval in found.approvals]
    assert finishes == [date(2023, 6, 25), date(2023, 7, 4), date(2023, 9, 5)]


def test_s7_an_excepted_investor_files_with_the_merger_authorities_only(assessed: Assessed) -> None:
    found = assessed("s7")
    filing = {p.counterparty.id for p in found.obligations if p.norm.id == "norm-us-hsr-01" and p.counterparty}
    assert filing == {"us-ftc", "us-doj-antitrust"}
    assert not any(norm.startswith("us-cfius-05") for norm in norms(found))
    assert "us-cfius-01" in norms(found)
    assert found.plan.closing.by_law == date(2023, 9, 21)


def test_s7_without_the_excepted_tests_a_declaration_is_due(assessed: Assessed) -> None:
    buyer = {**described("s7")["buyer"], "qualifies_as": []}
    found = assessed("s7", buyer=buyer)
    due = {p.due for p in found.obligations if p.norm.id == "norm-us-cfius-05"}
    assert due == {date(2023, 9, 16)}


def test_s9_three_control_points_met_need_two_decisions(assessed: Assessed) -> None:
    found = assessed("s9")
    finishes = [approval.earliest_finish.by_law for approval in found.approvals]
    assert finishes == [date(2025, 9, 15), date(2025, 10, 27)]


def test_s9_a_lighter_process_is_free_and_registered(assessed: Assessed) -> None:
    (process,) = described("s9")["technologies"]
    light = {**process, "parameters": {"density": 2.50, "capacity": 161, "efficiency": 97.5}}
    found = assessed("s9", technologies=[light], assume=[], signing="2025-08-18")
    assert "cn-technology-regulations-31" not in norms(found)
    assert "cn-technology-regulations-free" in norms(found)


def test_s12_what_closed_must_be_unwound(assessed: Assessed) -> None:
    found = assessed("s12")
    assert {
        ("cn-fisr-04", "US group", "active"),
        ("cn-fisr-04", "Founders", "active"),
        ("cn-fisr-01", "US group", "violated"),
    } <= binding(found)
    assert {conflict.severity for conflict in found.conflicts if conflict.pattern == "undoing"} == {"deadlock"}
    assert found.verdict == "infeasible"


# ---- the founding case ----------------------------------------------------------------------------------------------


def test_microsoft_on_2020_08_31_meets_two_states(assessed: Assessed) -> None:
    found = assessed("microsoft")
    assert {
        ("order-2020-08-14-2b-i", "ByteDance", "active"),
        ("cn-technology-regulations-31", "ByteDance", "active"),
        ("cn-technology-regulations-32", "ByteDance", "active"),
        ("cn-technology-regulations-34", "ByteDance", "active"),
        ("eo-13942-1a", "Microsoft", "pending"),
    } <= binding(found)
    lifters = {by.id for conflict in found.conflicts for side in conflict.sides for by in side.lifted_by}
    assert {"beijing-commerce", "cfius"} <= lifters
    assert found.deadline == date(2020, 11, 12)
    assert all("ByteDance" in p.explanation or "Microsoft" in p.explanation for p in found.obligations)
    assert "Oracle" not in {p.bearer.label for p in found.obligations}


def test_microsoft_the_day_before_the_catalogue_changed(assessed: Assessed) -> None:
    before, after = norms(assessed("microsoft", date="2020-08-27")), norms(assessed("microsoft"))
    assert {
        "cn-technology-regulations-31",
        "cn-technology-regulations-32",
        "cn-technology-regulations-34",
    } <= after - before
    assert before - after == {"cn-technology-regulations-free"}


def test_microsoft_on_2020_09_15_the_licence_comes_too_late(assessed: Assessed) -> None:
    found = assessed("microsoft", date="2020-09-15")
    late = [conflict for conflict in found.conflicts if conflict.severity == "timing"]
    assert late
    assert found.verdict == "infeasible"


def test_the_algorithm_that_stays_behind_needs_no_licence(assessed: Assessed) -> None:
    found = assessed("oracle")
    assert not any(norm.startswith("cn-technology") for norm in norms(found))
    with_it = assessed("oracle", excludes=[], technologies=["recommendation-technology"], stake=None)
    assert "cn-technology-regulations-31" in norms(with_it)


def test_the_joint_venture_is_asked_who_stands_behind_a_buyer(assessed: Assessed) -> None:
    found = assessed("tiktok-joint-venture")
    assert {"stake", "value", "buyer[2].owners"} <= asked(found)
    assert found.deadline == date(2026, 1, 22)
    assert any(p.state == "unknown" for p in found.obligations)


# ---- what is asked --------------------------------------------------------------------------------------------------


def test_what_is_not_told_is_asked_for_by_field(assessed: Assessed) -> None:
    fields = {missing.field: missing for missing in assessed("microsoft").missing}
    assert {"signing", "closing", "value", "target[1].enterprise_value"} <= fields.keys()
    assert "us-hsr-01" in {norm.id.removeprefix("norm-") for norm in fields["value"].norms}


def test_what_is_told_is_not_asked_again(assessed: Assessed) -> None:
    assert asked(assessed("s7")).isdisjoint({"signing", "closing", "value", "stake", "data"})
    assert asked(assessed("s3")) == set()


def test_a_price_that_no_rate_converts_is_asked_for(assessed: Assessed) -> None:
    found = assessed("s7", value={"amount": 240_000_000, "currency": "CAD"})
    (rate,) = [missing for missing in found.missing if missing.field == "rates"]
    assert rate.question == "What is one CAD in USD?"
    assert "us-hsr-01" not in norms(found)


def test_a_rate_of_the_deal_converts_its_price(assessed: Assessed) -> None:
    rates = [{"from": "CAD", "to": "USD", "rate": 0.75}]
    found = assessed("s7", value={"amount": 240_000_000, "currency": "CAD"}, rates=rates)
    assert "us-hsr-01" in norms(found)
    small = assessed("s7", value={"amount": 140_000_000, "currency": "CAD"}, rates=rates)
    assert "us-hsr-01" not in norms(small)


def test_four_markets_count_one_price_in_four_currencies(assessed: Assessed) -> None:
    rates = [{"from": "USD", "to": code, "rate": rate} for code, rate in (("AUD", 1.4), ("NZD", 1.5), ("CAD", 1.3))]
    rates.append({"from": "USD", "to": "CNY", "rate": 6.9})
    price = {"amount": 30_000_000_000, "currency": "USD"}
    found = assessed("microsoft", value=price, rates=rates, signing="2020-09-10", closing="2020-11-01")
    assert {"us-hsr-01", "nz-oia-01"} <= norms(found)


# ---- what is supposed -----------------------------------------------------------------------------------------------


def test_a_granted_licence_lifts_the_ban(assessed: Assessed) -> None:
    events = [
        {"event": "file", "of": "CN-TIER-04", "date": "2020-08-31"},
        {"event": "grant", "of": "CN-TIER-07", "date": "2020-09-14"},
        {"event": "grant", "of": "CN-TIER-03", "date": "2020-10-12"},
    ]
    found = assessed("s1", date="2020-10-12", assume=events)
    assert ("cn-technology-regulations-31", "Chinese parent", "active") not in binding(found)


def test_an_extension_moves_the_deadline(assessed: Assessed) -> None:
    events = [{"event": "extend", "of": "norm-order-2020-08-14-2b-i", "date": "2020-08-31", "until": "2020-12-04"}]
    assert assessed("microsoft", assume=events).deadline == date(2020, 12, 4)


def test_an_event_that_fits_nothing_is_refused(graph: KnowledgeGraph) -> None:
    with pytest.raises(BadDeal, match=r"assume\[0\].of: US-HSR-01 binds nobody in this deal"):
        assess(graph, {**described("s1"), "assume": [{"event": "file", "of": "US-HSR-01", "date": "2020-09-01"}]})


def test_a_refusal_that_is_supposed_for_later_stops_the_deal(assessed: Assessed) -> None:
    events = [
        {"event": "file", "of": "CN-TIER-04", "date": "2020-08-31"},
        {"event": "refuse", "of": "CN-TIER-05", "date": "2020-09-20"},
    ]
    found = assessed("s1", assume=events)
    assert found.verdict == "infeasible"
    assert "refused" in found.because


# ---- dates on both sides of a change --------------------------------------------------------------------------------


def merger(closing: str) -> dict[str, Any]:
    """A deal for USD 130 million, signed while that was above the American threshold."""
    large = {"world": {"amount": 300_000_000, "currency": "USD"}}
    return {
        "label": "Purchase",
        "kind": "acquisition",
        "date": "2026-01-05",
        "signing": "2026-01-05",
        "closing": closing,
        "buyer": {"label": "Buyer", "country": "US", "assets": large, "turnover": large},
        "seller": {"label": "Seller", "country": "US"},
        "target": {"label": "Target", "country": "US", "assets": large, "turnover": large, "markets": ["US"]},
        "stake": 1,
        "control": True,
        "value": {"amount": 130_000_000, "currency": "USD"},
        "markets": ["US"],
    }


def test_a_threshold_that_rises_before_the_closing_frees_the_deal_and_is_told(graph: KnowledgeGraph) -> None:
    before, after = (assess(graph, merger(day)) for day in ("2026-02-16", "2026-02-17"))
    assert "us-hsr-01" in norms(before)
    assert "us-hsr-01" not in norms(after)
    assert (before.verdict, after.verdict) == ("feasible", "at_risk")
    assert "133,900,000" in after.because


def australian(signing: str, closing: str) -> dict[str, Any]:
    """A purchase in Australia above the thresholds of the merger regime of 2026."""

    def sales(amount: int) -> dict[str, Any]:
        return {"AU": {"amount": amount, "currency": "AUD"}}

    return {
        **merger(closing),
        "date": signing,
        "signing": signing,
        "buyer": {"label": "Buyer", "country": "AU", "turnover": sales(400_000_000)},
        "seller": {"label": "Seller", "country": "AU"},
        "target": {"label": "Target", "country": "AU", "markets": ["AU"], "turnover": sales(60_000_000)},
        "value": {"amount": 80_000_000, "currency": "AUD"},
        "markets": ["AU"],
    }


def test_an_approval_that_is_late_in_the_usual_time_alone_is_a_risk(graph: KnowledgeGraph) -> None:
    found = assess(graph, australian("2025-11-03", "2026-01-02"))
    assert [met.verdict for met in found.deadlines] == ["at_risk"]
    assert found.verdict == "at_risk"


def test_what_begins_only_after_the_closing_is_no_choice_of_the_parties(graph: KnowledgeGraph) -> None:
    choices = [
        p for p in assess(graph, australian("2020-03-30", "2020-12-15")).obligations if p.modality == "permission"
    ]
    assert choices
    assert "pending" not in {p.state for p in choices}


def test_without_a_market_nothing_is_said_and_the_markets_are_asked_for(graph: KnowledgeGraph) -> None:
    found = assess(graph, {**merger("2026-02-16"), "markets": []})
    assert found.verdict == "unknown"
    assert "markets" in asked(found)


def test_the_country_of_the_seller_is_asked_about_where_no_market_names_it(assessed: Assessed) -> None:
    assert "markets" in asked(assessed("s1", markets=["US"]))
    assert "markets" not in asked(assessed("s1"))


def test_land_is_asked_for_its_kind(graph: KnowledgeGraph) -> None:
    deal = {
        "kind": "acquisition",
        "date": "2022-04-04",
        "signing": "2022-04-04",
        "buyer": {"label": "Investor", "kind": "person", "country": "CN"},
        "seller": {"label": "Farmer", "kind": "person", "country": "NZ"},
        "target": {"label": "Station", "kind": "land", "country": "NZ"},
        "markets": ["NZ"],
    }
    assert "target[0].qualifies_as" in asked(assess(graph, deal))
    told = assess(graph, {**deal, "target": {**deal["target"], "qualifies_as": ["nz-sensitive-land"]}})  # type: ignore[dict-item]
    assert "nz-oia-02" in norms(told)
    assert "target[0].qualifies_as" not in asked(told)


def test_of_a_closed_deal_it_is_said_how_it_stands(graph: KnowledgeGraph) -> None:
    worth = {"amount": 50_000_000, "currency": "CAD"}
    deal = {
        "kind": "acquisition",
        "date": "2024-06-03",
        "signing": "2023-01-09",
        "closing": "2023-05-01",
        "buyer": {"label": "Buyer", "country": "US"},
        "seller": {"label": "Seller", "country": "CA"},
        "target": {"label": "Target", "country": "CA", "markets": ["CA"], "enterprise_value": {"world": worth}},
        "stake": 1,
        "control": True,
        "value": worth,
        "markets": ["CA"],
    }
    said = verdict_sentence(assess(graph, deal))
    assert said == "The deal closed on 2023-05-01; not all that was owed was done in time (1 violated)."


# ---- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"buyer": {"label": "A", "owners": [{"owner": {"label": "A"}, "share": 1}]}}, "A is told to own itself"),
        ({"buyer": {"label": "A", "government_share": 0.5}}, r"government_share: it is not told whose government"),
        ({"target": {"label": "Buyer"}}, r"target\[0\]: Buyer is also a buyer"),
        ({"value": 5}, "value: 5 is no object; give one with amount, currency"),
        ({"excludes": ["zzzz"]}, r"there is no 'zzzz' in the graph\.$"),
    ],
)
def test_what_cannot_be_is_named(graph: KnowledgeGraph, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadDeal, match=message):
        assess(graph, {**merger("2026-02-16"), **changes})


def test_a_deal_without_a_buyer_is_told_just_that(graph: KnowledgeGraph) -> None:
    with pytest.raises(BadDeal) as caught:
        assess(graph, {**merger("2026-02-16"), "buyer": []})
    assert [fault["field"] for fault in caught.value.fields["errors"]] == ["buyer"]


def test_every_fault_is_named_at_once(graph: KnowledgeGraph) -> None:
    deal = {
        "kind": "acquisition",
        "date": "2025-08-04",
        "signing": "2025-10-01",
        "closing": "2025-09-01",
        "buyer": [
            "micrsoft",
            {
                "label": "Fund",
                "kind": "fnd",
                "owners": [{"owner": "oracle", "share": 0.7}, {"owner": "walmart", "share": 0.6}],
            },
        ],
        "target": {"label": "Target", "country": "Austria", "sectors": ["energi"]},
        "stake": 30,
        "value": {"amount": 1, "currency": "XYZ"},
        "technologies": [{"label": "LFP", "entries": ["cn-catalogue-252604x-lfp"], "parameters": {"density": 2.6}}],
        "markets": ["AU", "AUT", "DE"],
        "assume": [{"event": "file", "of": "CN-TIER-4", "date": "2025-08-04"}],
    }
    with pytest.raises(BadDeal) as caught:
        assess(graph, deal)
    faults = {fault["field"]: fault["detail"] for fault in caught.value.fields["errors"]}
    assert faults.keys() == {
        "closing", "buyer[0].id", "buyer[1].kind", "buyer[1].owners", "target[0].country", "target[0].sectors[0]", "stake",
        "value.currency", "technologies[0].parameters", "markets[1]", "markets[2]", "assume[0].of",
    }  # fmt: skip
    assert "microsoft" in faults["buyer[0].id"]
    assert "0.3 for 30 %" in faults["stake"]
    assert "130" in faults["buyer[1].owners"]
    assert "cn-lfp-capacity" in faults["technologies[0].parameters"]
    assert "energy" in faults["target[0].sectors[0]"]
    assert "CN-TIER-04" in faults["assume[0].of"]
    assert all(f"{field}: " in caught.value.detail for field in faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "does not parse"),
        ("[]", "a JSON object"),
        ('{"kind": "acquisition", "date": "31.8.2020", "buyer": "microsoft", "target": "tiktok-us"}', "YYYY-MM-DD"),
        ('{"kind": "acquisition", "date": "2020-08-31", "buyer": [], "target": "tiktok-us"}', "buyer: there is none"),
        ('{"kind": "acquisition", "date": "2020-08-31", "buyer": "microsoft"}', "about nothing"),
        ('{"kind": "acquisition", "date": "2020-08-31", "buyer": "microsoft", "targt": "x"}', "did you mean target"),
    ],
)
def test_a_description_that_cannot_be_read_says_why(text: str, said: str) -> None:
    with pytest.raises(BadDeal, match=said):
        read_deal(text)


# ---- the world of a deal --------------------------------------------------------------------------------------------


def test_the_store_is_only_read(graph: KnowledgeGraph) -> None:
    before = _dump(graph)
    assess(graph, described("s1"))
    with pytest.raises(BadDeal):
        assess(graph, {**described("s1"), "markets": ["XX"]})
    assert _dump(graph) == before


def test_the_same_deal_in_turtle(graph: KnowledgeGraph, assessed: Assessed) -> None:
    document = b"""
        @prefix : <https://w3id.org/vinculum/api#> . @prefix id: <https://w3id.org/vinculum/id/> .
        @prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix dpv: <https://w3id.org/dpv#> .
        [] rdfs:label "Microsoft's bid for TikTok in four markets" ; :kind "asset-sale" ; dcterms:date "2020-08-31" ;
          :buyer id:microsoft ; :seller id:bytedance ; :target id:tiktok-us , id:tiktok-ca , id:tiktok-au , id:tiktok-nz ;
          :technologies id:recommendation-technology ; dpv:hasJurisdiction "US" , "CA" , "AU" , "NZ" , "CN" .
    """
    assert binding(assess(graph, from_rdf(document, "text/turtle"))) == binding(assessed("microsoft"))


@pytest.mark.parametrize(("document", "said"), [(b"id:x", "does not parse"), (b"", "describes 0 things")])
def test_turtle_that_is_no_deal_says_why(document: bytes, said: str) -> None:
    with pytest.raises(BadDeal, match=said):
        from_rdf(document, "text/turtle")


CASE = f"{ontology.BASE}graph/cases/tiktok"
FACTS = f"{ontology.BASE}graph/records"


@pytest.fixture(scope="module")
def apart() -> Iterator[KnowledgeGraph]:
    """The shipped knowledge with the records of the case in a graph of their own, which states no law.

    So a deal takes of them only what surrounds it. Not derived.
    """
    with stage(KnowledgeGraph, datetime(2026, 1, 1, tzinfo=UTC)) as graph:
        records = {f"{name}.ttl" for name in ("companies", "ownership", "deals", "people")}
        graph.store.drop(CASE)
        for file in (DATA / "cases" / "tiktok").glob("*.ttl"):
            place = FACTS if file.name in records else CASE
            graph.store.load(BytesIO(file.read_bytes()), ox.RdfFormat.TURTLE, place)
        declared = (ox.NamedNode(ontology.iri(name)) for name in ("rdf:type", "dcat:Dataset"))
        graph.store.extend([ox.Quad(ox.NamedNode(FACTS), *declared, ox.DefaultGraph())])
        yield graph


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("microsoft", {}),
        ("microsoft", {"date": "2020-09-15", "buyer": ["walmart"], "target": "tiktok-us"}),
        ("oracle", {}),
        ("tiktok-joint-venture", {}),
        ("oracle", {"buyer": ["tiktok-inc"], "seller": ["musically"], "target": "tiktok-canada"}),
        (
            "s7",
            {
                "buyer": ["mgx"],
                "target": "tiktok-usds-jv",
                "date": "2026-02-02",
                "signing": "2026-02-02",
                "closing": "2026-04-01",
            },
        ),
    ],
)
def test_the_surroundings_of_a_deal_are_enough(apart: KnowledgeGraph, name: str, changes: dict[str, Any]) -> None:
    deal = accepted(apart, {**described(name), **changes})
    world, facts = world_of(apart, deal)
    taken, there = (len(store.construct(EVERYTHING, Dataset((FACTS,)))) for store in (world.store, apart.store))
    assert 0 < taken < there
    with KnowledgeGraph(apart.store.twin()) as whole:  # type: ignore[attr-defined]
        whole.store.extend(facts.quads)
        declared = (ox.NamedNode(ontology.iri(name)) for name in ("rdf:type", "dcat:Dataset"))
        whole.store.extend([ox.Quad(ox.NamedNode(facts.graph), *declared, ox.DefaultGraph())])
        for triple in facts.withdrawn:
            places = [ox.NamedNode(name) for name in (CASE, FACTS)]
            whole.store.amend([ox.Quad(triple.subject, triple.predicate, triple.object, place) for place in places], ())
        derive(whole)
        assert about(world, facts, deal.date) == about(whole, facts, deal.date)


def test_a_deal_of_new_parties_takes_nothing_of_the_records(apart: KnowledgeGraph) -> None:
    world, _ = world_of(apart, accepted(apart, described("s7")))
    assert world.store.construct(EVERYTHING, Dataset((FACTS,))) == []


def about(graph: KnowledgeGraph, facts: Facts, day: date) -> set[tuple[str, str, str]]:
    """The legal positions that concern the deal, with their state and due date."""
    found = concerning(graph, facts, obligations(graph, day), day)
    return {(position.iri, position.state, str(position.due)) for position in found}


def _dump(graph: KnowledgeGraph) -> set[str]:
    content = BytesIO()
    graph.store.dump(content, ox.RdfFormat.N_QUADS, whole=True)
    return set(content.getvalue().decode().splitlines())
