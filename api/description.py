"""What the SPARQL service says of itself (SPARQL 1.1 Service Description)."""

from io import BytesIO

import pyoxigraph as ox
from fastapi import Request, Response

from api.negotiation import choose
from api.state import server_of
from graph.sparql.service import GRAPHS

_SD = "http://www.w3.org/ns/sparql-service-description#"
_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_SYNTAXES = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads")


def service_description(request: Request) -> Response:
    """The description in the RDF format the client prefers, Turtle unless it says."""
    media = choose(_without_html(request.headers.get("accept")), GRAPHS)
    output = BytesIO()
    ox.serialize(_triples(request), output, ox.RdfFormat.from_media_type(media))
    return Response(output.getvalue(), media_type=media, headers={"Vary": "Accept"})


def _triples(request: Request) -> list[ox.Triple]:
    endpoint = ox.NamedNode(str(request.url_for("get_sparql")))
    service, dataset, default = (ox.NamedNode(f"{endpoint.value}#{part}") for part in ("service", "dataset", "world"))
    graph = server_of(request).graph
    triples = [
        ox.Triple(service, _RDF_TYPE, _sd("Service")),
        ox.Triple(service, _sd("endpoint"), endpoint),
        ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Update")),
        ox.Triple(service, _sd("defaultDataset"), dataset),
        ox.Triple(dataset, _RDF_TYPE, _sd("Dataset")),
        ox.Triple(dataset, _sd("defaultGraph"), default),
        ox.Triple(default, _RDF_TYPE, _sd("Graph")),
    ]
    triples += [ox.Triple(service, _sd("resultFormat"), ox.NamedNode(_FORMATS + f)) for f in (*_RESULTS, *_SYNTAXES)]
    for name in graph.store.graphs():
        entry = ox.BlankNode()
        triples += [
            ox.Triple(dataset, _sd("namedGraph"), entry),
            ox.Triple(entry, _RDF_TYPE, _sd("NamedGraph")),
            ox.Triple(entry, _sd("name"), ox.NamedNode(name)),
        ]
    return triples


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)


def _without_html(accept: str | None) -> str | None:
    """A browser that asks for HTML gets Turtle."""
    return None if accept and "text/html" in accept else accept
