"""The HTTP API as its users meet it: a real server, a real client."""

import json

import httpx
import pytest
import rdflib
from conftest import Served

from graph.output import FORMATS

CONTRACT = [
    "/health",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/entities",
    "/entities/bytedance",
    "/obligations",
    "/rules",
    "/rules/eo-13942",
    "/markets",
    "/markets/US",
    "/claims",
    "/timeline",
    "/paths?from=microsoft&to=mofcom",
    "/neighbourhood/bytedance",
    "/search?q=bytedance",
    "/export?format=ttl&focus=tiktok",
]
PRINCIPAL_THINGS = [
    "bytedance",
    "beijing-bytedance",
    "musically",
    "tiktok",
    "tiktok-inc",
    "tiktok-canada",
    "tiktok-global",
    "tiktok-usds-jv",
    "microsoft",
    "walmart",
    "oracle",
    "silver-lake",
    "mgx",
    "general-atlantic",
    "sequoia",
    "apple",
    "google",
    "us-president",
    "cfius",
    "us-commerce",
    "us-attorney-general",
    "us-congress",
    "mofcom",
    "most",
    "beijing-commerce",
    "xinhua",
    "donald-trump",
    "cui-fan",
    "eo-13942",
    "eo-14034",
    "order-2020-08-14",
    "commerce-identification-2020",
    "cn-technology-regulations",
    "cn-catalogue",
    "cn-announcement-38-2020",
    "cn-export-control-law",
    "pafaca",
    "eo-14166",
    "eo-14352",
    "recommendation-technology",
    "market-us",
    "market-ca",
    "market-au",
    "market-nz",
    "market-cn",
    "claim-s1",
]


@pytest.mark.parametrize("path", CONTRACT)
def test_every_path_of_the_contract_answers(served: Served, path: str) -> None:
    assert served.http.get(path).status_code == 200


@pytest.mark.parametrize("slug", PRINCIPAL_THINGS)
def test_every_principal_thing_is_found_by_its_slug(served: Served, slug: str) -> None:
    found = served.http.get(f"/entities/{slug}").json()
    assert found["id"] == slug
    assert found["label"]
    assert found["label"] != slug


def test_a_reference_is_an_id_an_iri_a_label_and_a_type(served: Served) -> None:
    item = served.http.get("/obligations", params={"bearer": "bytedance", "as_of": "2020-08-31"}).json()["items"][0]
    assert item["bearer"] == {
        "id": "bytedance",
        "iri": "https://w3id.org/vinculum/id/bytedance",
        "label": "ByteDance",
        "type": "company",
    }


def test_a_list_is_given_in_pages_that_lose_nothing(served: Served) -> None:
    whole = served.http.get("/timeline", params={"limit": 1000}).json()
    url: str | None = "/timeline?limit=17"
    pages = []
    while url:
        part = served.http.get(url).json()
        pages += part["items"]
        url = part["next"]
    assert pages == whole["items"]
    assert whole["total"] == len(pages)
    assert whole["next"] is None


def test_json_answers_are_json_ld(served: Served) -> None:
    """The context is served at the URL that the answer names, and the answer parses as RDF with it."""
    response = served.http.get("/obligations", params={"bearer": "bytedance", "as_of": "2020-08-31"})
    body = response.json()
    body["@context"] = served.http.get(body["@context"]).json()["@context"]
    parsed = rdflib.Graph().parse(data=json.dumps(body), format="json-ld")
    bearer = rdflib.URIRef("https://w3id.org/vinculum/ns#bearer")
    bytedance = rdflib.URIRef("https://w3id.org/vinculum/id/bytedance")
    assert len(set(parsed.subjects(bearer, bytedance))) == body["total"]
    turtle = served.http.get(str(response.url), headers={"Accept": "text/turtle"}).text
    ours = rdflib.Graph().parse(data=turtle, format="turtle")
    for name, value in (("modality", "Prohibition"), ("state", "Active")):
        triple = (
            None,
            rdflib.URIRef(f"https://w3id.org/vinculum/ns#{name}"),
            rdflib.URIRef(f"https://w3id.org/vinculum/ns#{value}"),
        )
        assert triple in parsed
        assert triple in ours
    company = rdflib.URIRef("http://www.w3.org/ns/regorg#RegisteredOrganization")
    assert (bytedance, rdflib.RDF.type, company) in ours


@pytest.mark.parametrize(("accept", "format"), [("text/turtle", "turtle"), ("application/ld+json", "json-ld")])
@pytest.mark.parametrize("path", ["/obligations?bearer=bytedance", "/rules/pafaca", "/claims/claim-s28", "/markets/NZ"])
def test_every_resource_is_rdf_by_content_negotiation(served: Served, path: str, accept: str, format: str) -> None:
    response = served.http.get(path, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(accept)
    text = response.text
    if format == "json-ld":
        text = json.dumps({**response.json(), **served.http.get("/context.jsonld").json()})
    assert len(rdflib.Graph().parse(data=text, format=format)) > 5


def test_a_format_nobody_offers_is_not_acceptable(served: Served) -> None:
    response = served.http.get("/rules", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/entities/no-such-thing", 404, "no-such-thing"),
        ("/obligations?bearer=no-such-thing", 404, "no-such-thing"),
        ("/obligations/no-such-thing", 404, "no-such-thing"),
        ("/rules/bytedance", 404, "bytedance"),
        ("/markets/XX", 404, "XX"),
        ("/obligations?as_of=2020-02-30", 400, "as_of"),
        ("/obligations?as_of=yesterday", 400, "2020-08-31"),
        ("/obligations?state=excellent", 400, "excellent"),
        ("/obligations?modality=duty", 400, "prohibition"),
        ("/obligations?asof=2020-08-31", 400, "as_of"),
        ("/entities?type=planet", 400, "company"),
        ("/entities?limit=0", 400, "limit"),
        ("/paths?from=microsoft", 400, "to"),
        ("/paths?from=microsoft&to=no-such-thing", 404, "no-such-thing"),
        ("/paths?from=microsoft&to=mofcom&k=0", 400, "k"),
        ("/neighbourhood/bytedance?radius=99", 400, "radius"),
        ("/export?format=docx", 400, "graphml"),
        ("/export?format=ttl&focus=no-such-thing", 404, "no-such-thing"),
        ("/sparql?query=SELECT", 400, "parse"),
        ("/no-such-path", 404, "/docs"),
        ("/entities/%3Cscript%3E", 404, "search"),
        ("/entities/a%20b%7D", 404, "search"),
        ("/entities?market=XX", 400, "US"),
        ("/obligations?market=a%20b", 400, "US"),
        ("/rules?market=%3Cx%3E", 400, "US"),
        ("/paths?from=microsoft&to=microsoft", 400, "same"),
        ("/paths?from=microsoft&to=mofcom&include=junk", 400, "junk"),
        ("/export?format=svg&focus=%E4%B8%AD%E6%96%87", 404, "search"),
    ],
)
def test_bad_input_is_a_problem_document_that_says_what_to_do(
    served: Served, path: str, status: int, said: str
) -> None:
    response = served.http.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["type"].startswith("https://w3id.org/vinculum/problem/")
    assert said in body["detail"]
    assert "Traceback" not in response.text


def test_unconnected_things_give_an_empty_answer(served: Served) -> None:
    response = served.http.get("/paths", params={"from": "microsoft", "to": "market-nz"})
    assert response.status_code == 200
    assert response.json()["items"] == []


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_exported(served: Served, format: str) -> None:
    response = served.http.get("/export", params={"format": format, "focus": "tiktok", "as_of": "2020-08-31"})
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == FORMATS[format].media_type.split(";")[0]
    assert len(response.content) > 200


def test_linked_data_leads_to_the_data(served: Served) -> None:
    plain = served.http.get("/id/bytedance")
    assert plain.status_code == 303
    assert plain.headers["location"].endswith("/entities/bytedance")
    turtle = served.http.get("/id/bytedance", headers={"Accept": "text/turtle"}, follow_redirects=True)
    described = rdflib.Graph().parse(data=turtle.text, format="turtle")
    name = rdflib.URIRef("http://www.w3.org/ns/regorg#legalName")
    assert str(described.value(rdflib.URIRef("https://w3id.org/vinculum/id/bytedance"), name)) == "ByteDance Ltd."


def test_search_forgives_typing_errors(served: Served) -> None:
    for wrong, right in [("Byte Danse", "bytedance"), ("microsfot", "microsoft"), ("Trmup", "donald-trump")]:
        hits = served.http.get("/search", params={"q": wrong}).json()["items"]
        assert right in [hit["id"] for hit in hits[:3]], wrong


def test_browsers_of_any_origin_may_read(served: Served) -> None:
    response = served.http.get("/rules", headers={"Origin": "https://example.org"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


def test_metrics_count_requests_by_route(served: Served) -> None:
    served.http.get("/entities/bytedance")
    text = served.http.get("/metrics").text
    assert 'vinculum_requests_total{method="GET",route="/entities/{slug}",status="200"}' in text
    assert "vinculum_store_quads" in text


def test_openapi_names_every_path_of_the_contract(served: Served) -> None:
    paths = served.http.get("/openapi.json").json()["paths"]
    for path in ("/sparql", "/graphs", "/obligations/{id}/explanation", "/neighbourhood/{slug}", "/markets/{code}"):
        assert path in paths


def test_writes_without_the_key_are_refused(served: Served) -> None:
    update = {"update": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}
    before = served.http.get("/health").json()["quads"]
    for client in (served.http, httpx.Client(base_url=served.url, headers={"Authorization": "Bearer wrong"})):
        with client if client is not served.http else httpx.Client(base_url=served.url) as asking:
            response = asking.post("/sparql", data=update)
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert (
                asking.put("/graphs?graph=urn:g", content="", headers={"Content-Type": "text/turtle"}).status_code
                == 401
            )
    assert served.http.get("/health").json()["quads"] == before
