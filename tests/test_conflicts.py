"""Every conflict pattern of the reference on a fact world of its own, which uses the shipped law, and on a twin of it
that lacks the decisive fact; then the founding case, and what holds of all conflicts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ontology
from graph import KnowledgeGraph
from graph.conflicts import Conflict, conflicts
from graph.conflicts import find as finding
from graph.derive import derive
from graph.load import stage
from graph.read.obligations import Obligation, obligations

WORLDS = Path(__file__).parent / "conflicts"


@dataclass(frozen=True)
class Case:
    """What a world must show on a day, and what is taken away from it so that it shows nothing of the kind."""

    world: str
    day: str
    pattern: str
    severity: str
    #: The norms of the set, each with who lifts it.
    sides: dict[str, set[str]]
    #: Ways out that must be among those found: kind, by whom, the earliest day (None: not told).
    outs: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    #: The decisive words, and what stands in their place in the twin.
    twin: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        return f"{self.world}-{self.severity}"


RESTRICTED = (" vin:classifiedAs id:cn-catalogue-056101x-21 ;", "")
LICENCE = "cn-technology-regulations-31"
HSR = {"us-ftc", "buyer"}
CASES = [
    # CF-01, before and after it is too late, and after a refusal
    Case(
        "cf01", "2020-09-01", "duty against ban", "conditional", {"order": {"cfius"}, LICENCE: {"mofcom"}},
        [("permit", "mofcom", "2020-11-09"), ("leave out", None, None)], RESTRICTED,
    ),
    Case(
        "cf01", "2020-11-01", "duty against ban", "timing", {"order": {"cfius"}, LICENCE: {"mofcom"}},
        [("permit", "mofcom", "2021-01-04"), ("leave out", None, None)], RESTRICTED,
    ),
    Case(
        "cf01b", "2020-09-15", "duty against ban", "deadlock", {"order": {"cfius"}, LICENCE: {"mofcom"}},
        [("leave out", None, None)], RESTRICTED,
    ),
    Case(
        "cf02", "2020-09-01", "duty against ban", "deadlock",
        {"order": {"cfius"}, "cn-technology-regulations-prohibited": {"mofcom"}}, [("leave out", None, None)],
        (" vin:classifiedAs id:cf02-entry ;", ""),
    ),
    Case(
        "cf03", "2026-03-02", "duty against ban", "timing",
        {"bid": {"buyer"}, "cn-technology-measures-2009-promise": {"mofcom"}},
        [("permit", "mofcom", "2026-04-14"), ("extension", "buyer", None)], ('"2026-04-01"', '"2026-04-14"'),
    ),
    Case(
        "cf04", "2026-04-15", "duty against ban", "timing", {"longstop": {"seller"}, "us-hsr-02": HSR},
        [("own act", "buyer", "2026-05-15"), ("extension", "seller", None)], ('"2026-05-01"', '"2026-05-15"'),
    ),
    Case(
        "cf05", "2022-03-01", "ban against ban", "deadlock", {"us-ofac-01": {"us-ofac"}, "cn-afsl-02": {"cn-courts"}},
        [("permit", "us-ofac", "2022-08-28")], (" schema:areaServed loc:CN ;", ""),
    ),
    Case(
        "cf06", "2024-03-11", "duty against ban", "conditional",
        {"us-cfius-09-answer": {"target"}, "cn-dsl-01": {"cn-moj", "cfius"}},
        [("permit", "cn-moj", None), ("permit", "cfius", None), ("leave out", None, None)],
        ("schema:location loc:CN", "schema:location loc:US"),
    ),
    Case(
        "cf07", "2023-06-15", "duty against ban", "timing", {"closing": {"buyer"}, "cn-pi-01c": {"cn-cac"}},
        [("permit", "cn-cac", "2023-09-05"), ("leave out", None, None)], ("vin:subjects 1200000", "vin:subjects 9000"),
    ),
    Case(
        "cf07", "2023-06-15", "too little time", "timing", {"cn-pi-01c": {"cn-cac"}},
        [("permit", "cn-cac", "2023-09-05")], ('vin:closing "2023-07-31"', 'vin:closing "2023-12-01"'),
    ),
    Case(
        "cf08", "2025-06-02", "duty against ban", "conditional", {"integration": {"parent"}, "us-dsp-04": {"us-doj-nsd"}},
        [("permit", "us-doj-nsd", "2025-07-17"), ("other deal", None, None)],
        ("dpv:hasJurisdiction loc:CN", "dpv:hasJurisdiction loc:CA"),
    ),
    Case(
        "cf09", "2026-05-05", "undoing", "deadlock", {"cn-fisr-04": {"cn-ndrc"}}, [],
        ("schema:CompletedActionStatus", "schema:PotentialActionStatus"),
    ),
    Case(
        "cf10", "2025-06-02", "duty against ban", "timing", {"diligence": {"buyer"}, "us-ear-02": {"us-bis"}},
        [("permit", "us-bis", "2025-08-31"), ("other deal", None, None)], ("schema:nationality loc:CN", "schema:nationality loc:US"),
    ),
    Case(
        "cf10", "2025-06-02", "too little time", "timing", {"us-ear-02": {"us-bis"}}, [("permit", "us-bis", "2025-08-31")],
        ("schema:nationality loc:CN", "schema:nationality loc:US"),
    ),
    Case(
        "cf11", "2026-04-15", "duty against ban", "tension", {"covenant": {"buyer"}, "us-hsr-02": {"us-ftc", "seller"}},
        [("own act", "seller", "2026-05-15"), ("prevailing norm", None, None)], ("schema:price 600000000.0", "schema:price 60000000.0"),
    ),
    Case(
        "cf12", "2024-01-08", "duty against duty", "tension", {"mitigation": {"cfius"}, "cooperation": {"cn-moj"}},
        [("own act", None, None)], ("vin:share 100.0", "vin:share 40.0"),
    ),
    Case(
        "cf13", "2025-06-10", "duty against duty", "tension",
        {"ca-ica-04f": {"ca-industry-minister"}, "ca-comp-04d": {"ca-competition-bureau"}}, [("prevailing norm", None, None)],
        ("act:ca-order-divestiture", "act:impose-conditions"),
    ),
    Case(
        "cf14", "2022-03-01", "sum of shares", "tension", {"us-ofac-01": {"us-ofac"}}, [("permit", "us-ofac", "2022-08-28")],
        ("vin:share 45.0", "vin:share 50.0"),
    ),
    Case(
        "cf15", "2026-01-20", "version", "timing", {}, [("own act", None, None)], ('vin:closing "2026-02-17"', 'vin:closing "2026-02-16"'),
    ),
    Case(
        "cf16", "2026-11-16", "unknown law", "unknown", {"us-ear-05": {"us-bis"}}, [], ("vin:share 50.0", "vin:share 49.0"),
    ),
    Case(
        "cf17", "2025-04-01", "duty against ban", "tension", {"call": {"fund"}, "us-out-01b": {"us-treasury-ois"}},
        [("prevailing norm", None, None), ("permit", "us-treasury-ois", None), ("other deal", None, None)],
        ("schema:price 50000000.0", "schema:price 2000000.0"),
    ),
    Case(
        "cf18", "2026-04-15", "duty against ban", "tension", {"transfer": {"parent"}, "au-dtc-01": {"au-dec"}},
        [("extension", "parent", None), ("prevailing norm", None, None)], (" vin:classifiedAs id:au-dsgl-dual-use ;", ""),
    ),
    Case(
        "cf19", "2026-01-12", "duty against ban", "conditional", {"sale": {"buyer"}, "us-ear-02": {"us-bis"}},
        [("permit", "us-bis", "2026-04-12")], ("schema:value 26.0", "schema:value 25.0"),
    ),
    Case(
        "cf19", "2026-01-12", "duty against ban", "conditional", {"sale": {"buyer"}, "cn-ecl-03b": {"mofcom"}},
        [("permit", "mofcom", "2026-03-20")], (" , id:cn-dual-use-item", ""),
    ),
    Case(
        "cf19", "2026-01-12", "duty against ban", "conditional", {"sale": {"buyer"}, "nz-exp-02": {"nz-customs"}},
        [("permit", "nz-customs", None)], ("kind:nz-military-or-police-end-use", "kind:us-outside-list-entry"),
    ),
    Case(
        "cf20", "2025-12-15", "duty against ban", "tension", {"au-minimum-age": {"au-esafety"}, "collection": {"au-oaic"}},
        [("prevailing norm", None, None)], (" vin:classifiedAs id:au-age-restricted-platform ;", ""),
    ),
    Case(
        "cf21", "2022-07-01", "duty against ban", "tension", {"warranty": {"buyer"}, "cn-afsl-02b": {"cn-courts"}},
        [("extension", "buyer", None), ("prevailing norm", None, None)], (" schema:areaServed loc:CN ;", ""),
    ),
    Case(
        "cf22", "2025-07-25", "duty against ban", "timing",
        {"ca-ica-09d": {"ca-governor-in-council"}, "ca-ica-03": {"ca-industry-minister"}},
        [("permit", "ca-industry-minister", "2025-09-08"), ("other deal", None, None)],
        ("dpv:hasJurisdiction loc:GB", "dpv:hasJurisdiction loc:CA"),
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """The shipped law with all worlds and their twins, each under names of its own."""
    folder = tmp_path_factory.mktemp("worlds")
    for number, case in enumerate(CASES):
        text = (WORLDS / f"{case.world}.ttl").read_text(encoding="utf-8")
        assert case.twin[0] in text
        changed = text.replace(*case.twin)
        for name, content in ((f"w{number}", text), (f"t{number}", changed)):
            renamed = re.sub(rf"\b(?<!/){case.world}-", f"{name}-", content)
            (folder / f"{name}.ttl").write_text(renamed, encoding="utf-8")
    with stage(KnowledgeGraph, datetime.now(UTC), sorted(folder.glob("*.ttl"))) as graph:
        derive(graph)
        yield graph


def found(graph: KnowledgeGraph, case: Case, name: str) -> list[Conflict]:
    """The conflicts of the case's pattern in a world with exactly the norms of the case."""
    return [
        conflict
        for conflict in conflicts(graph, date.fromisoformat(case.day))
        if conflict.pattern == case.pattern
        and f"{name}-" in conflict.model_dump_json()
        and {_short(side.obligation.norm.id, name) for side in conflict.sides} == set(case.sides)
    ]


def _short(slug: str, name: str) -> str:
    return slug.removeprefix("norm-").removeprefix(f"{name}-")


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=lambda value: str(value))
def test_recognised(worlds: KnowledgeGraph, number: int, case: Case) -> None:
    name = f"w{number}"
    matching = found(worlds, case, name)
    assert matching
    for conflict in matching:
        assert conflict.severity == case.severity, conflict.because
    conflict = matching[-1] if case.pattern == "undoing" else matching[0]
    for side in conflict.sides:
        lifters = {_short(ref.id, name) for ref in side.lifted_by}
        assert lifters == case.sides[_short(side.obligation.norm.id, name)]
    outs = [
        (out.kind, out.by and _short(out.by.id, name), out.earliest and out.earliest.isoformat())
        for out in conflict.ways_out
    ]
    for out in case.outs:
        assert out in outs


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=lambda value: str(value))
def test_the_twin_without_the_decisive_fact_shows_nothing_of_the_kind(
    worlds: KnowledgeGraph, number: int, case: Case
) -> None:
    assert not [conflict for conflict in found(worlds, case, f"t{number}") if conflict.severity == case.severity]


# ---- the founding case on the shipped graph


def _founding(graph: KnowledgeGraph, day: str, norm: str) -> Conflict:
    wanted = {"norm-order-2020-08-14-2b-i", norm}
    return next(
        conflict
        for conflict in conflicts(graph, date.fromisoformat(day), about="bytedance")
        if {side.obligation.norm.id for side in conflict.sides} == wanted
    )


def test_the_licence_can_come_three_days_before_the_divestiture_is_due(graph: KnowledgeGraph) -> None:
    conflict = _founding(graph, "2020-09-01", "norm-cn-technology-regulations-31")
    assert conflict.severity == "conditional"
    permit = next(out for out in conflict.ways_out if out.kind == "permit")
    assert (permit.earliest, permit.days_to_spare) == (date(2020, 11, 9), 3)
    assert permit.by
    assert permit.by.id == "beijing-commerce"
    assert {"extension", "leave out"} <= {out.kind for out in conflict.ways_out}


def test_the_letter_of_intent_applied_for_on_31_august_can_come_by_16_october(graph: KnowledgeGraph) -> None:
    conflict = _founding(graph, "2020-08-31", "norm-cn-technology-regulations-34")
    permit = next(out for out in conflict.ways_out if out.kind == "permit")
    assert permit.earliest == date(2020, 10, 16)


def test_in_november_it_is_too_late(graph: KnowledgeGraph) -> None:
    assert _founding(graph, "2020-11-01", "norm-cn-technology-regulations-31").severity == "timing"


@pytest.mark.parametrize("day", ["2018-06-01", "2022-06-01", "2024-06-01", "2025-01-10"])
def test_no_conflict_is_found_where_there_is_none(graph: KnowledgeGraph, day: str) -> None:
    assert [
        c for c in conflicts(graph, date.fromisoformat(day)) if c.severity in ("deadlock", "conditional", "timing")
    ] == []


def test_unknown_law_is_said_once_for_each_norm_and_open_point(graph: KnowledgeGraph) -> None:
    unknown = [c for c in conflicts(graph, date(2026, 3, 31)) if c.pattern == "unknown law"]
    points = [(c.sides[0].obligation.norm.id, tuple(act.id for act in c.sides[0].obligation.acts)) for c in unknown]
    assert len(set(points)) == len(points)


# ---- what holds of all conflicts


def _among(graph: KnowledgeGraph, day: date, chosen: Sequence[Obligation]) -> dict[str, str]:
    """The conflicts, with their pattern, that there would be if there were only the chosen positions."""
    with patch.object(finding, "obligations", lambda *_: list(chosen)):
        return {conflict.id: conflict.pattern for conflict in conflicts(graph, day)}


@pytest.mark.parametrize("number", range(len(CASES)), ids=[str(case) for case in CASES])
def test_without_any_one_side_there_is_no_conflict(worlds: KnowledgeGraph, number: int) -> None:
    """Minimal: the sides alone make the conflict, and no part of them makes one of its pattern."""
    case = CASES[number]
    day = date.fromisoformat(case.day)
    conflict = found(worlds, case, f"w{number}")[0]
    sides = [side.obligation for side in conflict.sides]
    if sides:
        assert _among(worlds, day, sides)[conflict.id] == case.pattern
    for left_out in sides:
        rest = [side for side in sides if side is not left_out]
        assert case.pattern not in _among(worlds, day, rest).values()


@settings(max_examples=8, deadline=None)
@given(random=st.randoms(use_true_random=False), days=st.integers(0, 60))
def test_the_order_of_positions_does_not_matter(worlds: KnowledgeGraph, random: Random, days: int) -> None:
    day = date(2025, 6, 1) + timedelta(days=days)
    positions = obligations(worlds, day)
    shuffled = random.sample(positions, len(positions))
    assert _among(worlds, day, positions) == _among(worlds, day, shuffled)


ID = f"{ontology.BASE}id/"
SAID = st.sampled_from(
    [
        "org:unitOf",
        "dcterms:requires",
        "vin:owner",
        "schema:seller",
        "schema:buyer",
        "schema:object",
        "prov:wasAssociatedWith",
    ]
)
STRANGER = st.integers(0, 5).map(lambda n: f"{ID}stranger-{n}")
CLASSES = st.sampled_from(["vin:Transaction", "vin:Ownership", "prov:Activity", "rov:RegisteredOrganization"])


@settings(max_examples=12, deadline=None)
@given(facts=st.lists(st.tuples(STRANGER, CLASSES, SAID, STRANGER), min_size=1, max_size=8))
def test_unrelated_facts_change_no_conflict(worlds: KnowledgeGraph, facts: list[tuple[str, str, str, str]]) -> None:
    day, graph = date(2025, 6, 10), ox.NamedNode(f"{ontology.BASE}graph/unrelated")
    before = {c.id: c.severity for c in conflicts(worlds, day)}
    node, kind = ox.NamedNode, ox.NamedNode(ontology.iri("rdf:type"))
    quads = [ox.Quad(graph, kind, node(ontology.iri("dcat:Dataset")), ox.DefaultGraph())]
    for subject, cls, said, other in facts:
        quads.append(ox.Quad(node(subject), kind, node(ontology.iri(cls)), graph))
        quads.append(ox.Quad(node(subject), node(ontology.iri(said)), node(other), graph))
    worlds.store.extend(quads)
    try:
        assert {c.id: c.severity for c in conflicts(worlds, day)} == before
    finally:
        worlds.store.drop(graph.value)
