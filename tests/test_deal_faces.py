"""A deal's assessment as its users meet it: in the terminal, over HTTP, as RDF and on paper."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import httpx
import pytest
import rdflib
from conftest import VINCULUM, Served, serve
from lxml import etree
from rdflib.namespace import DCTERMS, PROV

import ontology
from graph import KnowledgeGraph
from graph.deals.assess import Assessed, accepted, assessed
from graph.deals.documents import described
from graph.deals.output import MEDIA, write
from graph.deals.reading import read_deal
from graph.errors import BadDeal, UnsupportedMedia
from graph.load import DATA

DEALS = sorted((DATA / "deals").glob("*.json"))
S1 = DATA / "deals" / "s1-us-video-app-2020.json"
MICROSOFT = DATA / "deals" / "microsoft-bid-2020.json"
SVG = "{http://www.w3.org/2000/svg}"
HTML = "{http://www.w3.org/1999/xhtml}"

FAULTY = {
    "label": "Faulty",
    "kind": "acquisition",
    "date": "2020-08-31",
    "signing": "2020-09-10",
    "closing": "2020-09-01",
    "buyer": [
        {"label": "B", "owners": [{"owner": {"label": "O"}, "share": 0.8}, {"owner": {"label": "P"}, "share": 0.5}]}
    ],
    "seller": ["no-such-party"],
    "target": {"label": "T"},
    "value": {"amount": 5, "currency": "ZZZ"},
    "colour": "red",
}
FAULTS = {"closing", "buyer[0].owners", "seller[0].id", "value.currency", "colour"}

STEPS = """
    PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX time: <http://www.w3.org/2006/time#>
    SELECT ?label ?until WHERE {
      ?plan a prov:Plan ; dcterms:hasPart ?step . ?step rdfs:label ?label ; dcterms:temporal ?usual .
      ?usual dcterms:identifier "typical" ; time:hasEnd/time:inXSDDate ?until
    }"""

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></svg><b>bold</b>",
    "W" * 500,
    "مشتري أجنبي",
    "\u202eright to left override",
    "👩‍👩‍👧‍👦 🇨🇳 buyer",
    "北京抖音信息服务有限公司",
    "]]> --> %%title {{ 1 }}",
    "null\x00bell\x07",
]


@pytest.fixture(scope="module")
def s1(graph: KnowledgeGraph) -> Assessed:
    return assessed(graph, S1.read_bytes())


@pytest.fixture(scope="module")
def run(filled: Path) -> Callable[..., str]:
    def vinculum(*arguments: object, status: int = 0, typed: bytes | None = None) -> str:
        environment = {**os.environ, "VINCULUM_STORE": str(filled), "COLUMNS": "80"}
        command = [VINCULUM, "deal", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, env=environment, input=typed, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        assert b"Traceback" not in done.stderr
        return (done.stdout if status == 0 else done.stderr).decode()

    return vinculum


def page(content: bytes) -> Any:
    """The page as an independent parser reads it, which must find no fault in it."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), strict=True)
    return parser.parse(content.decode())


def texts(tree: Any) -> str:
    return " ".join("".join(tree.getroot().itertext()).split())


# ---- in the terminal ------------------------------------------------------------------------------------------------


def test_the_terminal_tells_the_verdict_first_and_every_line_whole(run: Callable[..., str]) -> None:
    lines = run(S1).splitlines()
    assert lines[0].startswith("The deal can go through: ")
    assert "3 days to spare" in lines[0]
    assert re.search(
        r"2020-08-31 +2020-09-07 +2020-10-16 +2020-10-16 +2020-10-16 +3 +Decide an application", "\n".join(lines)
    )
    assert any("30 working days" in line and "Article 33" in line for line in lines)
    assert any("must not export technology: Recommender" in line and "Ministry of Commerce" in line for line in lines)
    assert any(line.startswith("[1] ") for line in lines)
    assert lines[-1] == "Information about law with its sources, not legal advice."


def test_the_terminal_tells_who_can_lift_what_and_what_has_no_time(run: Callable[..., str]) -> None:
    text = run(MICROSOFT)
    assert text.startswith("Whether the deal can go through is not known: ")
    ban = "must not export technology: TikTok recommendation technology, towards Beijing Municipal Commerce Bureau"
    assert f"{ban}: can be lifted by Beijing Municipal Commerce Bureau" in text
    assert "way out: Leave out TikTok recommendation technology" in text
    assert "not known; government body" in text


def test_a_deal_is_asked_of_another_day(run: Callable[..., str]) -> None:
    """The day before the Chinese catalogue changed, nobody had to apply for an export licence."""
    before = run(MICROSOFT, "--as-of", "2020-08-27")
    assert "asked of 2020-08-27" in before
    assert "must not export technology" not in before


def test_a_deal_comes_from_standard_input_and_goes_to_a_file(run: Callable[..., str], tmp_path: Path) -> None:
    run("-", "--format", "html", "-o", tmp_path / "memo.html", typed=S1.read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == ["memo.html"]
    page((tmp_path / "memo.html").read_bytes())


def test_the_command_writes_json_and_rdf(run: Callable[..., str]) -> None:
    assert json.loads(run(S1, "--format", "json"))["verdict"] == "feasible"
    assert len(rdflib.Graph().parse(data=run(S1, "--format", "turtle"), format="turtle")) > 100
    assert "html" in run(S1, "--format", "docx", status=1)


def test_the_command_tells_all_faults_each_with_its_field(run: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "deal.json"
    file.write_text(json.dumps(FAULTY))
    text = run(file, status=1)
    for field in FAULTS:
        assert f"\n  {field}: " in text
    assert "no-such-file" in run("no-such-file.json", status=1)
    assert "does not parse" in run("-", typed=b"{", status=1)


# ---- over HTTP ------------------------------------------------------------------------------------------------------


def post(
    served: Served, accept: str = "application/json", body: bytes | None = None, media: str = "application/json"
) -> httpx.Response:
    headers = {"Accept": accept, "Content-Type": media}
    return served.http.post("/deals/assess", content=S1.read_bytes() if body is None else body, headers=headers)


def test_a_deal_is_assessed_over_http(served: Served) -> None:
    response = post(served)
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert (body["verdict"], body["slack_days"], body["deadline"]) == ("feasible", 3, "2020-11-12")
    body["@context"] = served.http.get(body["@context"]).json()["@context"]
    bearer = rdflib.URIRef(ontology.iri("vin:bearer"))
    assert len(set(rdflib.Graph().parse(data=json.dumps(body), format="json-ld").subjects(bearer))) == len(
        body["obligations"]
    )


@pytest.mark.parametrize("media", MEDIA[1:])
def test_an_assessment_is_had_in_every_format(served: Served, media: str) -> None:
    response = post(served, media)
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == media
    assert response.headers["vary"].startswith("Accept")
    if media == "text/html":
        assert "2020-11-09" in texts(page(response.content))
    else:
        parsed = rdflib.Graph().parse(data=response.text, format=media)
        assert {str(until) for _, until in parsed.query(STEPS)} >= {"2020-10-16", "2020-11-09"}  # type: ignore[misc]


def test_every_fault_is_an_entry_of_the_problem_document(served: Served) -> None:
    response = post(served, body=json.dumps(FAULTY).encode())
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    errors = {one["field"]: one["detail"] for one in response.json()["errors"]}
    assert errors.keys() == FAULTS
    assert "130" in errors["buyer[0].owners"]
    assert "no-such-party" in errors["seller[0].id"]


@pytest.mark.parametrize(
    ("body", "media", "status", "said"),
    [
        (b"{", "application/json", 422, "does not parse"),
        (b"[]", "application/json", 422, "object"),
        (b"\xff\xfe", "application/json", 422, "does not parse"),
        (b"[" * 100_000, "application/json", 422, "does not parse"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "application/json", 422, "levels"),
        (b'{"label": "\\ud800"}', "application/json", 422, "does not parse"),
        (b'{"kind": "licence", "date": "9999-12-31", "buyer": "oracle"}', "application/json", 422, "too far off"),
        (b'{"negotiation_days": 1000000000, "stake": 1e-999999999}', "application/json", 422, "more than 30 places"),
        (b"<a> <b", "text/turtle", 422, "does not parse"),
        (b"<urn:a> <urn:b> <urn:c> .", "text/turtle", 422, "buyer"),
        (b"{}", "text/plain", 415, "text/turtle"),
    ],
)
def test_what_is_no_deal_is_a_problem_document(served: Served, body: bytes, media: str, status: int, said: str) -> None:
    response = post(served, body=body, media=media)
    assert response.status_code == status
    assert said in response.json()["detail"]


def test_an_unknown_format_is_not_acceptable(served: Served) -> None:
    response = post(served, "image/png")
    assert response.status_code == 406
    assert "text/html" in response.json()["detail"]


def test_a_body_that_is_too_large_and_an_answer_that_takes_too_long_are_cut_off() -> None:
    for limited in serve("memory", VINCULUM_MAX_BODY="3000", VINCULUM_QUERY_TIMEOUT="0.01"):
        assert post(limited, body=b" " * 3001).status_code == 413
        response = post(limited)
        assert response.status_code == 504
        assert "seconds" in response.json()["detail"]
        assert limited.http.get("/health").json()["status"] == "ok"


def test_the_served_world_is_as_it_was(served: Served) -> None:
    def state() -> tuple[int, int, Any]:
        health = served.http.get("/health").json()
        bonds = served.http.get("/obligations", params={"as_of": "2020-08-31", "limit": 1000}).json()
        return health["quads"], health["graphs"], bonds

    before = state()
    assert post(served, body=MICROSOFT.read_bytes()).status_code == 200
    assert post(served, body=json.dumps(FAULTY).encode()).status_code == 422
    assert state() == before
    found = served.http.get("/entities", params={"q": "US video app"}).json()
    assert found["items"] == []


def test_openapi_shows_the_fields_and_an_example(served: Served) -> None:
    document = served.http.get("/openapi.json").json()
    body = document["paths"]["/deals/assess"]["post"]["requestBody"]["content"]["application/json"]
    assert read_deal(body["example"]).label == "Sale of a US video app with its recommender"
    items = body["schema"]["properties"]["buyer"]["items"]["$ref"]
    found = document
    for part in items.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/")]
    assert "headquarters" in found["properties"]


# ---- as RDF ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", DEALS, ids=lambda file: file.stem)
def test_a_deal_is_the_same_told_as_rdf(file: Path) -> None:
    """Turtle that another library writes, and JSON-LD with a context of its own, describe the same deal."""
    told = json.loads(file.read_text(encoding="utf-8"))
    own = json.dumps({**json.loads(ontology.CONTEXT.read_text(encoding="utf-8")), **told})
    turtle = rdflib.Graph().parse(data=own, format="json-ld").serialize(format="turtle")
    expected = unordered(read_deal(told).model_dump(mode="json"))
    assert unordered(read_deal(described(turtle.encode(), "text/turtle")).model_dump(mode="json")) == expected
    assert unordered(read_deal(described(own.encode(), "application/ld+json")).model_dump(mode="json")) == expected


def unordered(value: Any) -> Any:
    """The value with its lists in one order, since RDF has none."""
    if isinstance(value, dict):
        return {key: unordered(item) for key, item in value.items()}
    return sorted(map(unordered, value), key=repr) if isinstance(value, list) else value


def test_a_deal_in_turtle_names_things_of_the_graph_and_describes_new_ones() -> None:
    told = described(
        b"""
        @prefix api: <https://w3id.org/vinculum/api#> . @prefix id: <https://w3id.org/vinculum/id/> .
        @prefix loc: <https://w3id.org/dpv/loc#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix dpv: <https://w3id.org/dpv#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        @prefix vin: <https://w3id.org/vinculum/ns#> .
        <#deal> api:kind "acquisition" ; dcterms:date "2020-08-31" ; dpv:hasJurisdiction loc:US , loc:CA ;
          api:buyer ( <#fund> id:oracle ) ; api:target id:tiktok-us ; api:control true ; api:stake 0.3 .
        <#fund> rdfs:label "Fund"@en , "Fonds"@de ; api:country loc:US ;
          api:owners [ vin:owner id:walmart ; api:share 0.125 ] .
        """,
        "text/turtle",
    )
    deal = read_deal(told)
    assert [party.name for party in deal.buyer] == ["Fund", "oracle"]
    assert deal.markets == ["US", "CA"]
    assert (deal.control, str(deal.stake), deal.target[0].id) == (True, "0.3", "tiktok-us")
    assert [(o.owner.id, str(o.share)) for o in deal.buyer[0].owners] == [("walmart", "0.125")]


@pytest.mark.parametrize(("language", "media"), [("json", "application/json"), ("turtle", "text/turtle")])
def test_the_examples_of_the_documentation_are_deals(graph: KnowledgeGraph, language: str, media: str) -> None:
    page_on_deals = (Path(__file__).parent.parent / "docs" / "deals.md").read_text(encoding="utf-8")
    example = page_on_deals.split(f"```{language}\n")[1].split("```")[0]
    accepted(graph, described(example.encode(), media))


def test_rdf_that_is_no_deal_or_goes_in_a_circle_is_refused() -> None:
    circle = b"@prefix api: <https://w3id.org/vinculum/api#> . <#d> api:buyer <#b> . <#b> api:unit_of <#b> ."
    for document, said in ((circle, "itself"), (b"<#a> <#b> 1 .", "buyer")):
        with pytest.raises(BadDeal, match=said):
            described(document, "text/turtle")
    with pytest.raises(UnsupportedMedia):
        described(b"", "text/csv")


def test_an_assessment_as_rdf_has_its_facts_positions_and_grounds(s1: Assessed) -> None:
    parsed = rdflib.Graph().parse(data=write(s1, "text/turtle"), format="turtle")
    deal = rdflib.URIRef(s1.facts.deal)
    assert (deal, rdflib.RDF.type, rdflib.URIRef(ontology.iri("vin:Transaction"))) in parsed
    for position in s1.assessment.obligations:
        here = rdflib.URIRef(position.iri)
        assert (here, rdflib.URIRef(ontology.iri("vin:bearer")), rdflib.URIRef(position.bearer.iri)) in parsed
        derivation = parsed.value(here, PROV.wasGeneratedBy)
        assert set(parsed.objects(derivation, PROV.used)) <= set(parsed.objects(here, PROV.wasDerivedFrom))
    plan = parsed.value(predicate=rdflib.RDF.type, object=PROV.Plan)
    assert len(set(parsed.objects(plan, DCTERMS.hasPart))) == len(s1.assessment.plan.steps)


# ---- on paper -------------------------------------------------------------------------------------------------------


def test_the_memorandum_says_what_the_assessment_says(s1: Assessed) -> None:
    tree = page(write(s1, "text/html"))
    said = texts(tree)
    for needed in (
        "Sale of a US video app with its recommender",
        "The deal can go through",
        "Technology Regulations, Article 33 (2019 text)",
        "Feasible",
        "CN-TIER-04",
        "Ann38. Chinese reprint of MOFCOM/MOST Announcement No. 38 of 2020.",
        "Information about law with its sources, not legal advice.",
    ):
        assert needed in said
    links = {link.get("href") for link in tree.iter(f"{HTML}a")}
    places = {f"#{element.get('id')}" for element in tree.iter() if element.get("id")}
    assert links
    assert links <= places


def test_the_memorandum_is_one_file_the_same_each_time(graph: KnowledgeGraph, s1: Assessed) -> None:
    content = write(s1, "text/html")
    assert content == write(assessed(graph, S1.read_bytes()), "text/html")
    tree = page(content)
    names = {etree.QName(element).localname for element in tree.iter() if isinstance(element.tag, str)}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert b"http" not in content.replace(b"http-equiv", b"").replace(b"http://www.w3.org/2000/svg", b"")


def test_the_chart_has_every_step_and_its_labels_inside_the_page(s1: Assessed) -> None:
    chart = next(iter(page(write(s1, "text/html")).iter(f"{SVG}svg")))
    _, _, wide, high = map(float, chart.get("viewBox").split())
    titles = [title.text for title in chart.iter(f"{SVG}title")]
    for step in s1.assessment.plan.steps:
        assert any(title.lower().startswith(step.label.lower()) for title in titles)
    for text in chart.iter(f"{SVG}text"):
        x, y, size = float(text.get("x")), float(text.get("y")), float(text.get("font-size"))
        length = 0.65 * size * len(text.text)
        left = x - length if text.get("text-anchor") == "end" else x
        assert left > -1, text.text
        assert left + length < wide + 1, text.text
        assert size < y < high, text.text


def test_labels_of_close_deadlines_do_not_lie_on_each_other(graph: KnowledgeGraph) -> None:
    days = ["2020-11-10", "2020-11-12", "2020-11-13", "2020-11-13", "2020-11-20"]
    deadlines = [{"date": day, "label": f"Deadline {n} of a row"} for n, day in enumerate(days)]
    found = assessed(graph, {**json.loads(S1.read_text()), "deadlines": deadlines})
    chart = next(iter(page(write(found, "text/html")).iter(f"{SVG}svg")))
    ends = [t for t in chart.iter(f"{SVG}text") if t.get("text-anchor") == "end"]
    boxes = [
        (float(t.get("x")) - 0.5 * float(t.get("font-size")) * len(t.text), float(t.get("x")), float(t.get("y")))
        for t in ends
    ]
    for n, (left, right, y) in enumerate(boxes):
        for other_left, other_right, other_y in boxes[:n]:
            assert right <= other_left or other_right <= left or abs(y - other_y) >= 9
    assert "Deadline 2 of a row; Deadline 3 of a row" in " ".join(t.text for t in ends)


@pytest.mark.parametrize("turn", [0, 5])
def test_hostile_labels_come_out_harmless_and_whole(graph: KnowledgeGraph, turn: int) -> None:
    labels = [HOSTILE[(turn + n) % len(HOSTILE)] for n in range(6)]
    deal = {
        "label": labels[0],
        "kind": "divestiture",
        "date": "2020-08-31",
        "buyer": {"label": labels[1], "country": "US"},
        "seller": {"label": labels[2], "country": "KY", "headquarters": "CN"},
        "target": {"label": labels[3], "kind": "business", "markets": ["US"]},
        "technologies": [{"label": labels[4], "entries": ["cn-catalogue-056101x-21"]}],
        "markets": ["US", "CN"],
        "deadlines": [{"date": "2020-11-12", "label": labels[5]}],
    }
    found = assessed(graph, deal)
    assert found.assessment.obligations
    tree = page(write(found, "text/html"))
    names = {etree.QName(element).localname for element in tree.iter() if isinstance(element.tag, str)}
    assert names.isdisjoint({"script", "img"})
    assert "bold" not in [element.text for element in tree.iter(f"{HTML}b")]
    said = "".join(tree.getroot().itertext())
    for label in labels:
        assert label.replace("\x00", "").replace("\x07", "") in said
    parsed = rdflib.Graph().parse(data=write(found, "text/turtle"), format="turtle")
    assert set(labels[:5]) <= {str(value) for value in parsed.objects(None, rdflib.RDFS.label)}


@pytest.mark.parametrize("file", DEALS, ids=lambda file: file.stem)
def test_every_deal_of_the_data_is_written_in_every_format(graph: KnowledgeGraph, file: Path) -> None:
    found = assessed(graph, file.read_bytes())
    page(write(found, "text/html"))
    steps = rdflib.Graph().parse(data=write(found, "text/turtle"), format="turtle").query(STEPS)
    finished = {(str(s.finishes.typical)) for s in found.assessment.plan.steps if s.finishes.typical}
    assert {str(until) for _, until in steps} == finished  # type: ignore[misc]
