"""The critical path of deals that are written here as facts: the scenarios of the reference on their true calendars,
what has no way through, and what holds of every network of steps."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import holidays
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ontology
from graph import KnowledgeGraph
from graph.deals.network import AT_ONCE, CLOSING, COMPLETION, Network, Order, Step
from graph.deals.path import earliest, latest, latest_start, period_in
from graph.deals.plan import Deadline, Plan, PlannedStep, latest_filings, plan
from graph.derive import derive
from graph.derive.periods import Period, end_of
from graph.errors import NotFound
from graph.load import stage
from graph.read.obligations import Obligation, obligations

BASE = f"{ontology.BASE}id/"
SALE = """
my:seller a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:KY , loc:CN ; schema:location loc:CN .
my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:US .
my:recommender a dpv:Technology ; vin:classifiedAs id:cn-catalogue-056101x-21 .
my:app a org:OrganizationalUnit ; org:unitOf my:seller ; schema:areaServed loc:US ; dcterms:requires my:recommender .
my:deal a vin:Transaction ; schema:buyer my:buyer ; schema:seller my:seller ; schema:object my:app , my:recommender ;
  schema:actionStatus schema:PotentialActionStatus ; vin:validFrom "2020-08-14"^^xsd:date ;
  vin:negotiationPeriod [ a time:Duration ; time:numericDuration 3 ; time:unitType time:unitDay ] .
"""
APPLIED = """
my:application a prov:Activity ; vin:action act:apply-for-licence ; prov:wasAssociatedWith my:seller ; vin:object my:recommender ;
  dcterms:date "2020-08-31"^^xsd:date .
"""
LETTER = """
my:letter a schema:GovernmentPermit ; schema:issuedBy id:mofcom ; schema:permitAudience my:seller ; vin:object my:recommender ;
  vin:action act:negotiate , act:sign-agreement ; vin:validFrom "2020-09-18"^^xsd:date .
"""
LICENCE = """
my:licence a schema:GovernmentPermit ; schema:issuedBy id:mofcom ; schema:permitAudience my:seller ; vin:object my:recommender ;
  vin:action act:export-technology ; vin:validFrom "2020-10-12"^^xsd:date .
"""
REFUSED = """
my:refusal a prov:Activity ; vin:action act:refuse-approval ; prov:wasAssociatedWith id:mofcom ; vin:object my:recommender ;
  dcterms:date "2020-09-14"^^xsd:date .
"""
SHARES = """
my:deal a vin:Transaction ; schema:buyer my:buyer ; schema:seller my:seller ; schema:object my:target ;
  schema:actionStatus schema:PotentialActionStatus ; vin:signing "%s"^^xsd:date ; vin:closing "%s"^^xsd:date ;
  vin:share %s ; vin:shareBefore 0.0 ; schema:price %s ; schema:priceCurrency "%s" .
my:seller a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:%s .
my:target a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:%s ; schema:areaServed loc:%s .
"""
START_UP = "my:buyer a org:Organization ; dpv:hasJurisdiction loc:CA ." + SHARES % (
    "2020-07-20",
    "2020-12-01",
    "30.0",
    "5000000.0",
    "NZD",
    "NZ",
    "NZ",
    "NZ",
)
BATTERY = """
my:seller a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:CN ; schema:location loc:CN .
my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:AU .
my:process a dpv:Technology .
my:density a vin:Figure ; vin:subject my:process ; vin:concept kind:cn-lfp-density ; schema:value 2.60 .
my:capacity a vin:Figure ; vin:subject my:process ; vin:concept kind:cn-lfp-capacity ; schema:value 161.0 .
my:efficiency a vin:Figure ; vin:subject my:process ; vin:concept kind:cn-lfp-efficiency ; schema:value 97.5 .
my:deal a vin:Transaction ; schema:buyer my:buyer ; schema:seller my:seller ; schema:object my:process ;
  schema:actionStatus schema:PotentialActionStatus ; vin:validFrom "2025-07-01"^^xsd:date ;
  vin:negotiationPeriod [ a time:Duration ; time:numericDuration 14 ; time:unitType time:unitDay ] .
"""
HEALTH = """
my:deal a vin:Transaction ; schema:buyer my:buyer ; schema:object my:target ; schema:actionStatus schema:PotentialActionStatus ;
  vin:signing "2023-08-21"^^xsd:date ; vin:closing "2023-10-16"^^xsd:date ; vin:share 100.0 ; vin:shareBefore 0.0 ;
  vin:confers kind:control ; schema:price 180000000.0 ; schema:priceCurrency "USD" .
my:buyer a org:Organization ; dpv:hasJurisdiction loc:CA .
my:crown a org:FormalOrganization , schema:GovernmentOrganization ; dpv:hasJurisdiction loc:CA .
my:own a vin:Ownership ; vin:owner my:crown ; vin:object my:buyer ; vin:share 100.0 .
my:target a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:US ; schema:areaServed loc:US .
my:data a vin:DataHolding ; vin:owner my:target ; vin:concept kind:health-data ; vin:subjects 3000000 ; vin:residents loc:US ; schema:location loc:US .
my:buyer-size a vin:Figure ; vin:subject my:buyer ; vin:concept kind:assets ; schema:value 300000000000.0 ; schema:currency "USD" .
my:target-size a vin:Figure ; vin:subject my:target ; vin:concept kind:turnover ; schema:value 60000000.0 ; schema:currency "USD" .
"""
FILED = """
my:filing a prov:Activity ; vin:action act:file-notification ; prov:wasAssociatedWith my:buyer ; vin:counterparty id:us-ftc ;
  vin:object my:deal ; dcterms:date "2023-08-22"^^xsd:date .
my:other-filing a prov:Activity ; vin:action act:file-notification ; prov:wasAssociatedWith my:target ; vin:counterparty id:us-ftc ;
  vin:object my:deal ; dcterms:date "2023-08-24"^^xsd:date .
"""
REQUESTED = """
my:request a prov:Activity ; vin:action act:request-information ; prov:wasAssociatedWith id:us-ftc ; vin:object my:deal ;
  dcterms:date "2023-09-18"^^xsd:date .
"""
NOTICE = """
my:notice a prov:Activity ; vin:action act:ca-give-security-notice ; prov:wasAssociatedWith id:ca-industry-minister ; vin:object my:deal ;
  dcterms:date "2020-08-20"^^xsd:date .
"""
KEY_TECHNOLOGY = """
my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:US .
my:target vin:engagedIn kind:cn-key-technology .
"""
MERGER = """
my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:CA .
my:figure-buyer a vin:Figure ; vin:subject my:buyer ; vin:concept kind:turnover ; schema:value 400000000.0 ; schema:currency "CAD" ; schema:areaServed loc:CA .
my:figure-target a vin:Figure ; vin:subject my:target ; vin:concept kind:turnover ; schema:value 94000000.0 ; schema:currency "CAD" ; schema:areaServed loc:CA .
"""
AMERICAN = "my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:US ."
GERMAN = "my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:DE ."
BRITISH = """
my:buyer a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:GB .
my:value a vin:Figure ; vin:subject my:target ; vin:concept kind:enterprise-value ; schema:value 3000000000.0 ; schema:currency "CAD" .
"""
CIRCLE = """
my:seller a rov:RegisteredOrganization ; dpv:hasJurisdiction loc:NZ .
my:deal a vin:Transaction ; schema:buyer my:buyer ; schema:seller my:seller ; schema:object my:app ;
  schema:actionStatus schema:PotentialActionStatus ; vin:validFrom "2024-01-08"^^xsd:date .
my:app a org:OrganizationalUnit ; org:unitOf my:seller .
my:act a eli:LegalResource ; eli:jurisdiction loc:NZ ; eli:first_date_entry_in_force "2020-01-01"^^xsd:date .
my:ban a vin:Norm ; rdfs:label "Sign only what is approved" ; vin:statedIn my:act ; vin:modality vin:Prohibition ; vin:bearer role:seller ;
  vin:action act:sign-agreement ; vin:exception my:approved ;
  vin:condition [ a sh:SPARQLSelectExecutable ; sh:select "SELECT ?bearer ?object WHERE { VALUES (?bearer ?object) { (my:seller my:deal) } }" ] .
my:approved a sh:SPARQLSelectExecutable ; rdfs:label "it is approved" ; vin:action act:approve ; vin:bearer role:registrar ;
  sh:select "SELECT ?bearer ?approval WHERE { ?approval vin:action act:approve ; vin:counterparty ?bearer }" .
my:approval a vin:Norm ; rdfs:label "Approve within 10 days of signing" ; vin:statedIn my:act ; vin:modality vin:Obligation ;
  vin:bearer role:registrar ; vin:action act:approve ; vin:startsOn act:sign-agreement ;
  vin:period [ a time:Duration ; time:numericDuration 10 ; time:unitType time:unitDay ] ;
  vin:condition [ a sh:SPARQLSelectExecutable ; sh:select "SELECT ?bearer WHERE { ?bearer a my:nobody }" ] .
"""
DATED = """
my:contract a eli:LegalResource ; eli:jurisdiction loc:US ; eli:first_date_entry_in_force "2020-08-14"^^xsd:date .
my:stop a vin:Norm ; rdfs:label "Long stop date" ; vin:statedIn my:contract ; vin:modality vin:Obligation ; vin:bearer role:buyer ;
  vin:action act:close-transaction ; vin:period [ a time:Duration ; time:numericDuration 0 ; time:unitType time:unitDay ] ;
  vin:condition [ a sh:SPARQLSelectExecutable ;
    sh:select "SELECT ?bearer ?object ?start WHERE { VALUES (?bearer ?object ?start) { (my:buyer my:deal '2020-11-01'^^xsd:date) } }" ] .
my:order a vin:Norm ; rdfs:label "Order to sell" ; vin:statedIn my:contract ; vin:modality vin:Obligation ; vin:bearer role:seller ;
  vin:action act:divest ; vin:period [ a time:Duration ; time:numericDuration 0 ; time:unitType time:unitDay ] ;
  vin:condition [ a sh:SPARQLSelectExecutable ;
    sh:select "SELECT ?bearer ?object ?start WHERE { VALUES (?bearer ?object ?start) { (my:seller my:app '2020-11-01'^^xsd:date) } }" ] .
"""
WORLDS = {
    "sale": SALE,
    "applied": SALE + APPLIED,
    "letter": SALE + APPLIED + LETTER,
    "licence": SALE + APPLIED + LETTER + LICENCE,
    "refused": SALE + APPLIED + REFUSED,
    "prohibited": SALE.replace("id:cn-catalogue-056101x-21", "my:entry")
    + "my:entry a skos:Concept ; skos:broader id:cn-prohibited-technology .",
    "startup": START_UP,
    "battery": BATTERY,
    "health": HEALTH,
    "filed": HEALTH + FILED,
    "firb": GERMAN + SHARES % ("2025-05-05", "2025-09-01", "20.0", "400000000.0", "AUD", "AU", "AU", "AU"),
    "firb2020": GERMAN + SHARES % ("2020-05-04", "2020-12-01", "20.0", "400000000.0", "AUD", "AU", "AU", "AU"),
    "ica": BRITISH + SHARES % ("2025-07-07", "2025-12-01", "100.0", "3000000000.0", "CAD", "CA", "CA", "CA"),
    "requested": HEALTH + FILED + REQUESTED,
    "notice": GERMAN + NOTICE + SHARES % ("2020-07-10", "2021-05-26", "100.0", "1000000.0", "CAD", "CA", "CA", "CA"),
    "fisr": KEY_TECHNOLOGY + SHARES % ("2020-12-21", "2021-12-01", "100.0", "1000000.0", "CNY", "CN", "CN", "CN"),
    "merger": MERGER + SHARES % ("2026-02-13", "2026-05-04", "100.0", "300000000.0", "CAD", "CA", "CA", "CA"),
    "consent": AMERICAN + SHARES % ("2024-05-06", "2024-09-02", "100.0", "150000000.0", "NZD", "NZ", "NZ", "NZ"),
    "consent2026": AMERICAN + SHARES % ("2026-03-10", "2026-12-01", "100.0", "150000000.0", "NZD", "NZ", "NZ", "NZ"),
    "dated": SALE + DATED,
    "circle": CIRCLE,
}


@pytest.fixture(scope="module")
def worlds() -> Iterator[KnowledgeGraph]:
    """The shipped law with all deals, each under names of its own."""
    with stage(KnowledgeGraph, datetime.now(UTC)) as graph:
        for name, facts in WORLDS.items():
            prefixes = {**ontology.prefixes(), "my": f"{BASE}{name}-"}
            head = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in prefixes.items())
            # what the norms of a world ask for is named in full, since their queries know no "my:"
            text = re.sub(
                r'(?<=sh:select ")[^"]*',
                lambda select: re.sub(r"my:([\w-]+)", rf"<{BASE}{name}-\1>", select[0]),  # noqa: B023
                facts,
            )
            world = f"{ontology.BASE}graph/{name}"
            graph.store.load(BytesIO((head + text).encode()), ox.RdfFormat.TURTLE, world)
            kind, dataset = (ox.NamedNode(ontology.iri(term)) for term in ("rdf:type", "dcat:Dataset"))
            graph.store.extend([ox.Quad(ox.NamedNode(world), kind, dataset)])
        derive(graph)
        yield graph


def planned(graph: KnowledgeGraph, name: str, day: str, due: str | None = None) -> Plan:
    """The plan of a deal on a day, with one hard date."""
    on = date.fromisoformat(day)
    deadlines = [Deadline(date.fromisoformat(due), "the order")] if due else []
    return plan(graph, f"{BASE}{name}-deal", on, positions(graph, name, on), deadlines)


def positions(graph: KnowledgeGraph, name: str, day: date) -> list[Obligation]:
    """The legal positions in which a party or thing of the deal's world occurs."""
    return [p for p in obligations(graph, day) if f"{BASE}{name}-" in p.model_dump_json()]


def step(found: Plan, action: str, kind: str = "decision") -> PlannedStep:
    """The one step of a kind of action."""
    [one] = [step for step in found.steps if step.action.id == action and step.kind == kind]
    return one


# ---- Scenario S1: a Chinese parent must sell by 2020-11-12, and the algorithm needs a letter of intent and a licence


def test_the_licence_can_come_three_days_before_the_order_falls_due(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "sale", "2020-08-31", "2020-11-12")
    letter, licence = step(found, "decide-application"), step(found, "grant-licence")
    assert letter.finishes.by_law == letter.finishes.typical == date(2020, 10, 16)
    assert step(found, "sign-agreement", "signing").finishes.by_law == date(2020, 10, 19)
    assert licence.finishes.by_law == licence.finishes.typical == licence.finishes.maximum == date(2020, 11, 9)
    assert (found.earliest, found.verdict, found.estimated) == (date(2020, 11, 9), "feasible", False)
    [met] = found.deadlines
    assert (met.slack_days, met.slack_typical, met.slack_by_law, met.slack_maximum) == (3, 3, 3, 3)
    assert [ref.id for ref in licence.by] == ["mofcom"]
    assert licence.calendar == "CN"


def test_the_steps_follow_each_other_from_the_application_to_the_delivery(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "sale", "2020-08-31", "2020-11-12")
    kinds = {step.id: (step.kind, step.action.id) for step in found.steps}
    assert [kinds[name] for name in found.critical_path] == [
        ("filing", "apply-for-licence"),
        ("decision", "decide-application"),
        ("negotiation", "negotiate"),
        ("signing", "sign-agreement"),
        ("filing", "file-contract"),
        ("decision", "grant-licence"),
        ("delivery", "export-technology"),
        ("completion", "transact"),
    ]


def test_only_the_true_calendar_gives_three_days(worlds: KnowledgeGraph) -> None:
    china = holidays.country_holidays("CN")

    def weekday(day: date) -> bool:
        return day.weekday() < 5

    def walked(start: date, days: int, works: Callable[[date], bool]) -> date:
        while days:
            start += timedelta(days=1)
            days -= bool(works(start))
        return start

    def licence(works: Callable[[date], bool]) -> date:
        return walked(walked(date(2020, 8, 31), 30, works) + timedelta(days=3), 15, works)

    assert licence(weekday) == date(2020, 11, 5)
    assert licence(lambda day: weekday(day) and day not in china) == date(2020, 11, 13)
    assert planned(worlds, "sale", "2020-08-31").earliest == date(2020, 11, 9) == licence(china.is_working_day)


@pytest.mark.parametrize(
    ("day", "verdict", "slack"),
    [
        ("2020-09-01", "feasible", 0),
        ("2020-09-02", "at_risk", -1),
        ("2020-09-07", "at_risk", -4),
        ("2020-11-02", "infeasible", None),
    ],
)
def test_an_application_after_the_first_of_september_is_late_in_the_usual_time(
    worlds: KnowledgeGraph, day: str, verdict: str, slack: int | None
) -> None:
    found = planned(worlds, "sale", day, "2020-11-12")
    assert found.verdict == verdict, found.because
    if slack is not None:
        assert found.deadlines[0].slack_days == slack


def test_the_latest_day_for_each_filing_is_told(worlds: KnowledgeGraph) -> None:
    found = latest_filings(planned(worlds, "sale", "2020-08-31", "2020-11-12"))
    assert {one.step.partition("/")[0]: one.by_law for one in found} == {
        "apply-for-licence": date(2020, 9, 1),
        "file-contract": date(2020, 10, 22),
    }


def test_an_application_on_record_keeps_its_clock_and_tells_how_late_it_could_have_been(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "applied", "2020-09-30", "2020-11-12")
    filing = step(found, "apply-for-licence", "filing")
    assert (filing.done, filing.reserves[0].latest.by_law) == (date(2020, 8, 31), date(2020, 9, 1))
    assert step(found, "decide-application").finishes.typical == date(2020, 10, 16)
    assert found.earliest == date(2020, 11, 9)


def test_a_decision_that_is_overdue_has_no_day(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "applied", "2020-10-19", "2020-11-12")
    assert step(found, "decide-application").finishes.typical is None
    assert found.verdict == "unknown"


def test_a_letter_of_intent_in_hand_shortens_the_path(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "letter", "2020-09-21", "2020-11-12")
    assert not [step for step in found.steps if step.action.id == "decide-application"]
    assert step(found, "sign-agreement", "signing").finishes.typical == date(2020, 9, 24)
    assert found.earliest == end_of(date(2020, 9, 24), Period(15, "working day"), "CN")


def test_a_licence_in_hand_leaves_nothing_to_wait_for(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "licence", "2020-10-12", "2020-11-12")
    assert not [step for step in found.steps if step.kind == "decision"]
    assert found.earliest == date(2020, 10, 15)


def test_a_licence_that_is_given_from_a_later_day_on_is_counted_from_that_day(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "licence", "2020-09-21")
    assert step(found, "sign-agreement", "signing").finishes.typical == date(2020, 9, 24)
    assert step(found, "grant-licence").finishes.typical == date(2020, 10, 21)
    assert found.earliest == date(2020, 10, 12)


def test_prohibited_technology_has_no_way_through(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "prohibited", "2020-09-15", "2020-11-12")
    assert found.verdict == "infeasible"
    assert any("must not export technology" in barred for barred in found.barred)
    assert found.completion.typical is None


def test_an_authority_that_has_refused_lifts_nothing(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "refused", "2020-09-15", "2020-11-12")
    assert found.verdict == "infeasible"
    assert not [step for step in found.steps if step.kind == "decision"]


# ---- other scenarios of the reference


def test_scenario_3_new_zealand_decides_in_10_in_40_or_in_70_working_days(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "startup", "2020-07-20")
    decision = step(found, "decide-application")
    assert decision.finishes.typical == date(2020, 8, 3)
    assert decision.finishes.by_law == date(2020, 9, 14)
    assert decision.finishes.maximum == date(2020, 10, 27)  # 2020-10-26 was Labour Day
    assert decision.estimated
    assert found.earliest == date(2020, 9, 14)


def test_new_zealand_decides_in_35_working_days_and_from_2026_in_15_from_acceptance(worlds: KnowledgeGraph) -> None:
    before = step(planned(worlds, "consent", "2024-05-10"), "decide-application")
    assert (before.finishes.minimum, before.finishes.by_law) == (date(2024, 6, 10), date(2024, 7, 2))
    after = step(planned(worlds, "consent2026", "2026-03-10"), "approve")
    assert after.lasts.by_law == "15 working days"
    assert (after.finishes.minimum, after.finishes.by_law, after.finishes.typical) == (
        date(2026, 3, 17),
        date(2026, 3, 31),
        date(2026, 4, 14),
    )


def test_scenario_9_the_licence_passes_the_october_holiday(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "battery", "2025-08-04")
    assert step(found, "decide-application").finishes.by_law == date(2025, 9, 15)
    assert step(found, "sign-agreement", "signing").finishes.by_law == date(2025, 9, 29)
    assert step(found, "grant-licence").finishes.by_law == date(2025, 10, 27)


def test_scenario_7_the_deal_may_close_on_the_31st_day_after_both_have_filed(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "health", "2023-08-21", "2023-10-16")
    waits = [step for step in found.steps if step.kind == "waiting"]
    assert {wait.instrument.id for wait in waits if wait.instrument} == {"us-hsr-act", "us-31-cfr-800"}
    assert {wait.finishes.typical for wait in waits} == {date(2023, 9, 20)}
    assert found.closing.typical == date(2023, 9, 21)
    filed = planned(worlds, "filed", "2023-08-25")
    [filing] = [step for step in filed.steps if step.kind == "filing" and step.done]
    assert {ref.id for ref in filing.by} == {"filed-buyer", "filed-target"}
    [wait] = [step for step in filed.steps if step.kind == "waiting" and filing.id in step.after]
    assert wait.finishes.typical == date(2023, 9, 23)


def test_a_voluntary_clearance_takes_its_stages_and_holds_nothing_up(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "health", "2023-08-21")
    comment, accepted, cleared = (
        step(found, *of) for of in (("us-comment-draft",), ("us-accept-notice", "acceptance"), ("approve",))
    )
    assert comment.voluntary
    assert comment.finishes.typical == date(2023, 9, 5)  # 2023-09-04 was Labor Day
    assert (accepted.finishes.minimum, accepted.finishes.typical) == (date(2023, 9, 5), date(2023, 9, 15))
    assert accepted.estimated
    assert (cleared.lasts.minimum, cleared.lasts.typical, cleared.lasts.by_law) == ("45 days", "90 days", "120 days")
    assert cleared.finishes.minimum == date(2023, 10, 20)
    assert cleared.finishes.maximum is None
    assert cleared.id not in found.critical_path


def test_australia_counts_30_days_from_the_fee_and_up_to_six_months_in_2020(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "firb", "2025-06-02", "2025-09-01")
    decision = step(found, "decide-application")
    assert decision.finishes.by_law == date(2025, 7, 2)
    assert decision.finishes.typical == found.earliest == date(2025, 8, 1)
    assert decision.finishes.maximum == date(2025, 10, 10)
    assert found.deadlines[0].slack_maximum == -39
    then = step(planned(worlds, "firb2020", "2020-06-01"), "approve")
    assert (then.finishes.minimum, then.finishes.typical) == (date(2020, 7, 1), date(2020, 9, 29))
    assert then.finishes.by_law == date(2020, 12, 1)


def test_canada_decides_in_45_days_from_certification_which_takes_its_time(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "ica", "2025-07-25")
    certified, decision = step(found, "accept-filing", "acceptance"), step(found, "decide-application")
    assert certified.finishes.by_law == date(2025, 7, 25)
    assert (certified.finishes.typical, certified.finishes.maximum) == (date(2025, 8, 4), None)
    assert decision.finishes.by_law == date(2025, 9, 8)
    assert decision.finishes.typical == date(2025, 10, 18)
    assert found.estimated


def test_a_second_request_begins_another_wait_of_months(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "requested", "2023-09-25")
    complied = step(found, "comply-with-request", "filing")
    assert (complied.finishes.minimum, complied.finishes.typical) == (date(2024, 5, 25), date(2024, 9, 25))
    assert step(found, "request-information").done == date(2023, 9, 18)
    assert found.closing.typical == date(2024, 10, 26)
    assert found.estimated


def test_a_security_notice_is_followed_to_the_end_of_the_review(worlds: KnowledgeGraph) -> None:
    ended = step(planned(worlds, "notice", "2020-08-25"), "ca-close-security-review")
    assert (ended.starts.typical, ended.finishes.minimum) == (date(2020, 8, 20), date(2020, 10, 4))
    assert (ended.finishes.typical, ended.finishes.maximum) == (date(2020, 11, 18), date(2021, 1, 22))


def test_a_declaration_still_to_be_made_brings_its_review_before_the_closing(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "fisr", "2021-01-20")
    cleared = step(found, "approve")
    assert (cleared.lasts.minimum, cleared.lasts.typical, cleared.lasts.by_law) == tuple(
        f"{days} working days" for days in (15, 45, 105)
    )
    assert cleared.finishes.minimum == found.closing.minimum == date(2021, 2, 9)
    # the week of the Spring Festival was free, and two weekend days around it were worked
    counted = {day.day: day.counts for day in cleared.calendar_days}
    assert counted[date(2021, 2, 11)] is False
    assert counted[date(2021, 2, 20)] is True


def test_canadian_mergers_close_on_the_31st_day_after_the_complete_filings(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "merger", "2026-04-01", "2026-05-04")
    assert found.closing.typical == date(2026, 5, 2)
    assert found.deadlines[0].slack_days == 2
    late = planned(worlds, "merger", "2026-04-04", "2026-05-04")
    assert (late.deadlines[0].slack_days, late.verdict) == (-1, "infeasible")


def test_a_long_stop_date_is_about_the_closing_and_an_order_to_sell_about_the_delivery_too(
    worlds: KnowledgeGraph,
) -> None:
    day = date(2020, 8, 31)
    bound = positions(worlds, "dated", day)
    due = [Deadline(p.due, p.label, p) for p in bound if p.due and p.instrument.id == "dated-contract"]
    met = plan(worlds, f"{BASE}dated-deal", day, bound, due).deadlines
    assert {(one.label, one.step, one.verdict) for one in met} == {
        ("Long stop date", "closing", "feasible"),
        ("Order to sell", "completion", "at_risk"),
    }


# ---- what is unknown, and what waits for itself


def test_steps_that_wait_for_each_other_are_named(worlds: KnowledgeGraph) -> None:
    found = planned(worlds, "circle", "2024-02-01", "2024-06-03")
    assert found.verdict == "infeasible"
    [circle] = found.deadlocks
    assert {ref.iri for ref in circle} == {f"{BASE}circle-approval", ontology.iri("act:sign-agreement")}
    assert found.completion.typical is None


def test_a_step_without_a_time_is_named_and_nothing_is_guessed(graph: KnowledgeGraph) -> None:
    day = date(2020, 8, 31)
    talks = f"{BASE}talks-microsoft"
    bound = [*obligations(graph, day, bearer="bytedance"), *obligations(graph, day, bearer="microsoft")]
    duty = next(p for p in bound if p.norm.id == "norm-order-2020-08-14-2b-i")
    found = plan(graph, talks, day, bound, [Deadline(date(2020, 11, 12), "the order", duty)])
    ground = {step.ground.id: step for step in found.steps if step.ground}
    licence = ground["norm-cn-technology-regulations-36"]
    assert licence.finishes.by_law == date(2020, 11, 6)
    assert [ref.id for ref in licence.by] == ["beijing-commerce"]
    review = ground["norm-order-2020-08-14-review"]
    assert review.finishes.by_law == date(2020, 9, 15)  # ten working days; 2020-09-07 was Labor Day
    assert found.unbounded == [ground["norm-eo-13942-1a"].id]
    assert (found.verdict, found.completion.typical) == ("unknown", None)
    assert found.completion.minimum == date(2020, 9, 15)  # before the ban on transactions begins on 2020-09-20
    assert found.deadlines[0].obligation == duty.id


def test_a_deal_that_is_not_there_is_not_found(graph: KnowledgeGraph) -> None:
    with pytest.raises(NotFound, match="no-such-deal"):
        plan(graph, f"{BASE}no-such-deal", date(2020, 8, 31), [])


# ---- what holds of every network

COUNTRIES = ("CN", "US", "CA", "AU", "NZ")
UNITS = ("day", "working day", "week", "month")
DAYS = st.dates(date(2019, 1, 1), date(2025, 6, 30))
PERIODS = st.builds(Period, st.integers(0, 40), st.sampled_from(UNITS[:2])) | st.builds(
    Period, st.integers(0, 4), st.sampled_from(UNITS[2:])
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A filing, then up to six steps behind some of those before them, then the closing and completion behind all."""
    network = Network()
    names = [network.put(_timed("filing", "filing", AT_ONCE, "US"))]
    for number in range(draw(st.integers(1, 6))):
        country = draw(st.sampled_from(COUNTRIES))
        names.append(network.put(_timed(f"step-{number}", "decision", draw(PERIODS), country)))
        before = draw(st.lists(st.sampled_from(names[:-1]), min_size=1, unique=True))
        for name in before:
            network.then(name, names[-1], Order(draw(st.sampled_from((AT_ONCE, Period(1, "day")))), country))
    for goal in (CLOSING, COMPLETION):
        network.put(_timed(goal, "closing", AT_ONCE, ""))
        for name in names:
            network.then(name, goal)
    network.then(CLOSING, COMPLETION)
    return network


def _timed(name: str, kind: str, period: Period, country: str) -> Step:
    return Step(name, kind, "act", country=country, period=period, shortest=period, typical=period, longest=period)  # type: ignore[arg-type]


def test_where_practice_goes_beyond_the_law_the_longest_time_is_unknown() -> None:
    law, usual = Period(45, "day"), Period(75, "day")
    slow = Step("decision", "decision", "act", period=law, typical=usual)
    assert (period_in(slow, "by_law"), period_in(slow, "typical"), period_in(slow, "maximum")) == (law, usual, None)
    assert period_in(replace(slow, longest=Period(130, "day")), "maximum") == Period(130, "day")


@given(networks(), DAYS)
@settings(max_examples=60, deadline=None)
def test_no_step_ends_before_it_begins_or_begins_before_what_it_waits_for(network: Network, day: date) -> None:
    times = earliest(network, day, "typical")
    for name, when in times.items():
        assert when.start
        assert when.finish
        assert day <= when.start <= when.finish
        for before, order in network.orders(name):
            finish = times[before].finish
            assert finish
            assert end_of(finish, order.lead, order.country) <= when.start


@given(networks(), DAYS, st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_the_latest_day_for_a_filing_is_exact(network: Network, day: date, spare: int) -> None:
    finish = earliest(network, day, "typical")[COMPLETION].finish
    assert finish
    due = finish + timedelta(days=spare)
    last = latest(network, COMPLETION, due, "typical")["filing"]
    assert last >= day

    def complete(filed: date) -> date:
        network.steps["filing"] = replace(network.steps["filing"], not_before=filed)
        found = earliest(network, day, "typical")[COMPLETION].finish
        assert found
        return found

    assert complete(last) <= due < complete(last + timedelta(days=1))


@given(networks(), DAYS, st.integers(0, 90))
@settings(max_examples=60, deadline=None)
def test_to_begin_later_never_ends_earlier(network: Network, day: date, delay: int) -> None:
    soon = earliest(network, day, "typical")[COMPLETION].finish
    late = earliest(network, day + timedelta(days=delay), "typical")[COMPLETION].finish
    assert soon
    assert late
    assert soon <= late


@given(networks(), DAYS, PERIODS, st.data())
@settings(max_examples=60, deadline=None)
def test_one_step_more_never_makes_the_closing_earlier(
    network: Network, day: date, period: Period, data: st.DataObject
) -> None:
    without = earliest(network, day, "typical")
    before = data.draw(st.sampled_from([name for name in sorted(network.steps) if name not in (CLOSING, COMPLETION)]))
    network.put(_timed("one-more", "decision", period, "NZ"))
    network.then(before, "one-more")
    network.then("one-more", CLOSING)
    more = earliest(network, day, "typical")
    for name, when in without.items():
        assert when.finish
        assert (more[name].finish or date.min) >= when.finish


@given(DAYS, PERIODS, st.sampled_from(COUNTRIES))
@settings(max_examples=100, deadline=None)
def test_the_latest_start_is_the_last_day_from_which_a_period_still_fits(
    finish: date, period: Period, country: str
) -> None:
    start = latest_start(finish, period, country)
    assert end_of(start, period, country) <= finish < end_of(start + timedelta(days=1), period, country)
