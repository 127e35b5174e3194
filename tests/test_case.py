"""The founding case: the competency questions of its file, and that what was only claimed is no fact."""

from collections.abc import Callable
from datetime import date

import pytest

from graph import KnowledgeGraph
from graph.read.claims import Claim, claims
from graph.read.entities import entity, ownerships
from graph.read.explanations import explain
from graph.read.instruments import rule, rules
from graph.read.markets import market
from graph.read.obligations import Obligation, obligations
from graph.read.timeline import timeline

LATER = date(2026, 11, 23)
Read = Callable[..., list[Obligation]]


@pytest.fixture
def bound(graph: KnowledgeGraph) -> Read:
    return lambda day, **filters: obligations(graph, date.fromisoformat(day), **filters)


def deeds(found: list[Obligation]) -> set[tuple[str, str, str | None, str | None]]:
    return {
        (o.modality, o.action.id, o.counterparty.id if o.counterparty else None, str(o.due) if o.due else None)
        for o in found
    }


def test_q1_what_bytedance_must_do_on_2020_08_31(bound: Read) -> None:
    found = bound("2020-08-31", bearer="bytedance")
    assert {(o.action.id, o.object.id, str(o.due)) for o in found if o.due and o.object} == {
        ("divest", "tiktok-us-assets", "2020-11-12"),
        ("divest", "tiktok-us-user-data", "2020-11-12"),
    }
    assert {
        ("obligation", "divest", "cfius", "2020-11-12"),
        ("obligation", "notify", "cfius", None),
        ("prohibition", "sell", "cfius", None),
        ("obligation", "certify", "cfius", None),
        ("prohibition", "negotiate", "beijing-commerce", None),
        ("prohibition", "export-technology", "beijing-commerce", None),
    } <= deeds(found)
    assert {o.state for o in found} == {"active"}
    assert "eo-13942" not in {o.instrument.id for o in found}
    assert all(o.sources for o in found)


def test_chinese_export_law_did_not_bind_the_recommender_the_day_before_the_catalogue_changed(bound: Read) -> None:
    assert not bound("2020-08-27", bearer="bytedance", market="CN")
    assert bound("2020-08-28", bearer="bytedance", market="CN")


def test_q3_who_decides_on_the_export_licence_and_by_when(bound: Read, graph: KnowledgeGraph) -> None:
    (decision,) = [o for o in bound("2020-10-01", bearer="beijing-commerce") if o.action.id == "decide-application"]
    assert decision.due == date(2020, 11, 11)
    assert decision.deadline[0].reason == "30 working days after 2020-09-24"
    assert decision.state == "active"
    (later,) = [o for o in bound("2021-01-01", bearer="beijing-commerce") if o.id == decision.id]
    assert later.state == "unknown"
    assert "2020-11-12" in later.because


def test_q7_the_announcement_touched_53_entries_and_the_recommender_is_not_among_the_23(graph: KnowledgeGraph) -> None:
    history = rule(graph, "cn-announcement-38-2020", LATER)
    assert history.made == date(2020, 8, 28)
    entry = entity(graph, "cn-catalogue-056101x-21", LATER)
    assert "https://w3id.org/vinculum/id/cn-change-amended" in str(entry.properties)
    assert "https://w3id.org/vinculum/id/cn-change-added" not in str(entry.properties)
    counts = {
        int(value)
        for name in ("count-total", "count-added", "count-amended")
        for value in entity(graph, f"cn-announcement-38-{name}", LATER).properties["value"]
    }
    assert counts == {53, 23, 21}


def test_q9_pafaca_binds_app_stores_and_hosts_from_2025_01_19(bound: Read) -> None:
    found = bound("2024-12-31", instrument="pafaca", modality="prohibition")
    stores = [o for o in found if o.action.id == "distribute-app"]
    assert {"apple", "google"} <= {o.bearer.id for o in stores}
    assert "bytedance" not in {o.bearer.id for o in found}
    assert {(o.state, str(o.valid_from)) for o in found} == {("pending", "2025-01-19")}
    assert all("5,000" in (o.penalty or "") for o in stores)
    assert {o.enforced_by.id for o in stores if o.enforced_by} == {"us-attorney-general"}
    extension = [
        o for o in bound("2024-12-31", instrument="pafaca", modality="power") if o.action.id == "extend-deadline"
    ]
    assert [str(o.due) for o in extension] == ["2025-04-19"]


def test_q11_enforcement_was_delayed_until_2026_01_23(bound: Read, graph: KnowledgeGraph) -> None:
    (store, *_) = bound("2025-09-26", instrument="pafaca", bearer="apple", modality="prohibition")
    assert store.state == "active"
    (delay,) = [e for e in store.enforcement if e.delayed_by.id.startswith("event-2025-09-25")]
    assert delay.until == date(2026, 1, 24)  # exclusive: the last day is 2026-01-23
    assert rule(graph, "pafaca", date(2025, 9, 26)).status.headline == "enforcement delayed"
    conditions = [p.text for p in rule(graph, "eo-14352", date(2025, 9, 26)).provisions]
    assert any("20" in (text or "") for text in conditions)


def test_q14_what_binds_tiktok_in_australia_and_new_zealand(bound: Read) -> None:
    (duty,) = [o for o in bound("2026-01-01", market="AU") if o.instrument.id == "au-minimum-age-act-2024"]
    assert (duty.state, duty.valid_from) == ("active", date(2025, 12, 10))
    assert duty.counterparty
    assert duty.counterparty.id == "au-esafety"
    assert "49.5" in (duty.penalty or "")
    device = [o for o in bound("2026-01-01", market="AU") if o.instrument.id == "au-pspf-direction-001-2023"]
    assert {o.bearer.id for o in device} == {"au-commonwealth-entities"}
    assert {o.bearer.id for o in bound("2026-01-01", market="NZ", state="active")} == {"nz-parliament-network-users"}


def test_nothing_of_the_nz_bill_is_law(graph: KnowledgeGraph) -> None:
    assert rule(graph, "nz-age-bill", date(2026, 1, 1)).status.headline == "proposed"
    assert not obligations(graph, date(2026, 1, 1), instrument="nz-age-bill")


@pytest.mark.parametrize(
    ("day", "due", "state"),
    [
        ("2020-08-31", "2020-11-12", "active"),
        ("2020-11-12", "2020-11-12", "active"),
        ("2020-11-13", "2020-11-27", "active"),
        ("2020-11-25", "2020-12-04", "active"),
        ("2020-12-04", "2020-12-04", "active"),
        ("2020-12-05", "2020-12-04", "violated"),
        ("2025-09-24", "2020-12-04", "violated"),
        ("2025-09-25", "2020-12-04", "unknown"),
    ],
)
def test_how_the_divestiture_deadline_moved(bound: Read, day: str, due: str, state: str) -> None:
    found = [o for o in bound(day, bearer="bytedance", instrument="order-2020-08-14") if o.action.id == "divest"]
    assert {(str(o.due), o.state) for o in found} == {(due, state)}
    assert [str(step.due) for step in found[0].deadline] == [
        step for step in ("2020-11-12", "2020-11-27", "2020-12-04") if step <= due
    ]


@pytest.mark.parametrize(
    ("slug", "day", "headline"),
    [
        ("eo-13942", "2020-08-05", "not yet made"),
        ("eo-13942", "2020-08-31", "in force, not yet applicable"),
        ("eo-13942", "2020-09-20", "in force"),
        ("eo-13942", "2020-10-30", "suspended"),
        ("eo-13942", "2021-06-09", "ended"),
        ("commerce-identification-2020", "2020-09-28", "partly suspended"),
        ("commerce-identification-2020", "2020-11-01", "suspended"),
        ("commerce-identification-2020", "2021-06-16", "ended"),
        ("cn-export-control-law", "2020-08-31", "not yet made"),
        ("cn-export-control-law", "2020-10-20", "made, not in force"),
        ("cn-export-control-law", "2020-12-01", "in force"),
        ("pafaca", "2024-12-31", "in force, not yet applicable"),
        ("pafaca", "2025-01-19", "in force"),
        ("pafaca", "2025-02-01", "enforcement delayed"),
        ("ca-wind-up-order-2024", "2025-01-01", "in force"),
        ("ca-wind-up-order-2024", "2026-01-21", "ended"),
        ("order-2020-08-14", "2025-09-25", "unknown"),
        ("eo-14352", "2026-11-23", "unknown"),
    ],
)
def test_which_instrument_was_in_which_state(graph: KnowledgeGraph, slug: str, day: str, headline: str) -> None:
    assert rule(graph, slug, date.fromisoformat(day)).status.headline == headline


def test_no_prohibition_of_the_commerce_identification_ever_took_effect(bound: Read) -> None:
    days = [*{"2020-09-18", "2020-09-20", "2020-09-27", "2020-09-28", "2020-10-30", "2020-11-12", "2020-12-07"}]
    days += ["2021-06-15", "2021-06-16", "2022-01-01"]
    for day in days:
        found = bound(day, instrument="commerce-identification-2020", modality="prohibition")
        assert found
        assert "active" not in {o.state for o in found}, day


def test_after_the_newest_source_nothing_current_is_known(bound: Read) -> None:
    assert {o.state for o in bound("2026-11-23")} <= {"unknown", "fulfilled", "violated", "waived", "lapsed"}


def test_the_past_never_sees_a_later_instrument(graph: KnowledgeGraph) -> None:
    day = date(2020, 8, 31)
    for o in obligations(graph, day):
        made = rule(graph, o.instrument.id, day)
        assert made.status.made, o.id
    assert "pafaca" not in {o.instrument.id for o in obligations(graph, day)}


@pytest.mark.parametrize(
    ("day", "object", "holders"),
    [
        ("2020-08-31", "tiktok", {"bytedance": None}),
        ("2018-01-01", "musically", {"bytedance": 100}),
        ("2019-01-01", "musically", {}),
        ("2026-01-21", "tiktok-usds-jv", {}),
        (
            "2026-01-22",
            "tiktok-usds-jv",
            {"oracle": 15, "silver-lake": 15, "mgx": 15, "bytedance": 19.9, "jv-other-investors": 35.1},
        ),
    ],
)
def test_who_owned_what_on_a_date(
    graph: KnowledgeGraph, day: str, object: str, holders: dict[str, float | None]
) -> None:
    found = ownerships(graph, date.fromisoformat(day), object=object)
    assert {o.owner.id: None if o.share is None else float(o.share) for o in found} == holders
    assert all(o.source.sources for o in found)


@pytest.mark.parametrize(
    ("day", "object", "status"),
    [
        ("2020-08-31", "tiktok-inc", "holds"),
        ("2026-01-02", "tiktok-inc", "unknown"),
        ("2026-03-31", "tiktok-usds-jv", "holds"),
        ("2026-04-01", "tiktok-usds-jv", "unknown"),
    ],
)
def test_ownership_is_not_stated_beyond_what_the_sources_tell(
    graph: KnowledgeGraph, day: str, object: str, status: str
) -> None:
    assert {o.status for o in ownerships(graph, date.fromisoformat(day), object=object)} == {status}


# ---- claims


@pytest.fixture(scope="module")
def seed(graph: KnowledgeGraph) -> dict[str, Claim]:
    return {claim.id: claim for claim in claims(graph, LATER)}


@pytest.mark.parametrize("number", range(1, 43))
def test_every_claim_of_the_article_is_found(seed: dict[str, Claim], number: int) -> None:
    claim = seed[f"claim-s{number}"]
    assert claim.text
    assert claim.speaker
    assert claim.stance
    assert claim.date
    assert claim.said_on
    assert claim.checks
    assert claim.checks[0].text
    assert all(p.source.id == "founding-article" and p.paragraph is not None and p.sentence for p in claim.position)
    assert claim.position


@pytest.mark.parametrize(
    ("number", "speaker", "stance", "place"),
    [
        (1, "founding-article", "fact", (0, 1)),
        (20, "cui-fan", "claimed", (3, 2)),
        (25, "donald-trump", "claimed", (4, 1)),
        (26, "donald-trump", "alleged", (4, 1)),
        (28, "founding-article", "planned", (4, 2)),
        (30, "bytedance", "denied", (4, 4)),
        (39, "media-reports-2020-08", "reported", (5, 3)),
        (41, "founding-article", "fact", (5, 4)),
        (42, "founding-article", "fact", (5, 5)),
    ],
)
def test_who_said_it_how_and_where(
    seed: dict[str, Claim], number: int, speaker: str, stance: str, place: tuple[int, int]
) -> None:
    claim = seed[f"claim-s{number}"]
    assert speaker in {ref.id for ref in claim.speaker}
    assert claim.stance == stance
    assert place in {(p.paragraph, p.sentence) for p in claim.position}


def test_q15_which_statements_are_looser_than_the_primary_text(seed: dict[str, Claim]) -> None:
    looser = {i for i, c in seed.items() if any(k.finding == "looser than the primary text" for k in c.checks)}
    assert looser == {f"claim-s{n}" for n in (16, 20, 23, 27, 28, 41, 42)}


def test_the_allegation_and_its_denial_stand_side_by_side(seed: dict[str, Claim]) -> None:
    assert {ref.id for ref in seed["claim-s26"].disputed_by} == {"claim-s30"}
    assert {ref.id for ref in seed["claim-s30"].speaker} == {"tiktok-inc", "bytedance"}


def test_what_was_only_claimed_is_no_fact(graph: KnowledgeGraph) -> None:
    """No triple of a claim's own graph stands in an asserted one; TikTok Global owns nothing, and nobody owns it."""
    contents = [name for name in graph.store.graphs() if "/claim/" in name]
    assert contents
    assert not set(contents) & set(graph.world().default)
    shared = (
        "ASK { GRAPH ?claim { ?s ?p ?o FILTER(STRSTARTS(STR(?claim), 'https://w3id.org/vinculum/claim/')) } ?s ?p ?o }"
    )
    assert not graph.store.ask(shared, graph.world())
    for day in (date(2020, 9, 19), date(2020, 12, 31), LATER):
        assert not ownerships(graph, day, owner="tiktok-global")
        assert not ownerships(graph, day, object="tiktok-global")


def test_a_claim_made_later_is_not_seen_before(graph: KnowledgeGraph) -> None:
    assert "claim-s1" not in {claim.id for claim in claims(graph, date(2020, 8, 29))}
    assert "claim-s1" in {claim.id for claim in claims(graph, date(2020, 8, 30))}


# ---- explanation, markets, timeline


def test_an_explanation_leads_to_the_sources(graph: KnowledgeGraph) -> None:
    (divest, *_) = [o for o in obligations(graph, date(2020, 11, 20), bearer="bytedance") if o.action.id == "divest"]
    why = explain(graph, divest.id, date(2020, 11, 20))
    assert why.rule.fact.id.startswith("order-2020-08-14-2b")
    assert "source-85-fr-51297" in {ref.id for ref in why.rule.source.sources}
    assert "90 days after 2020-08-14" in why.paragraph
    assert "extended on 2020-11-13" in why.paragraph
    (ban, *_) = obligations(graph, date(2020, 8, 31), bearer="bytedance", market="CN")
    premises = explain(graph, ban.id, date(2020, 8, 31)).premises
    assert {premise.fact.type for premise in premises} >= {"ownership", "entry"}
    assert all(premise.source.sources for premise in premises)


@pytest.mark.parametrize("code", ["US", "CA", "AU", "NZ", "CN"])
def test_every_market_has_rules_authorities_and_obligations(graph: KnowledgeGraph, code: str) -> None:
    found = market(graph, code, date(2026, 1, 1))
    assert found.rules
    assert found.authorities
    assert found.obligations
    assert {rule.market.id for rule in found.rules if rule.market} == {f"market-{code.lower()}"}


def test_the_timeline_reaches_from_2017_to_the_newest_source(graph: KnowledgeGraph) -> None:
    events = timeline(graph)
    assert {2001, 2017, 2020, 2025} <= {event.date.year for event in events}
    assert date(2026, 3, 31) <= max(event.date for event in events) <= date(2026, 6, 30)
    assert len(events) >= 90
    assert all(event.sources for event in events)
    assert [event.date for event in events] == sorted(event.date for event in events)


def test_every_rule_and_position_names_its_sources(graph: KnowledgeGraph) -> None:
    assert all(o.sources and o.confidence for o in obligations(graph, LATER))
    assert all(rule(graph, r.id, LATER).sources for r in rules(graph, LATER))
