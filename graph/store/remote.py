"""Any SPARQL 1.1 endpoint as a store: Virtuoso, the Oxigraph server, and the like.

A SPARQL protocol request cannot name the default graph, so the catalogue lives in a named graph of its own here.
"""

from collections.abc import Iterable
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

import httpx
import pyoxigraph as ox

from graph.errors import BadData, BadQuery, StoreError, StoreUnavailable
from graph.sparql.text import inspect
from graph.store.base import CATALOGUE, EVERYTHING, Dataset
from graph.store.embedded import operation
from graph.terms import Row

_BATCH = 2_000
#: The graphs of a new Virtuoso.
_SYSTEM = ("http://www.openlinksw.com/", "http://localuriqaserver/", "http://www.w3.org/ns/ldp#", "urn:activitystreams")
_ROWS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"


class RemoteStore:
    """The endpoint at `url`; updates go to `update_url`, or to ``…/update`` where the query URL ends in ``/query``."""

    #: The named graph that stands for the default graph.
    catalogue: str | None = CATALOGUE

    def __init__(self, url: str, update_url: str | None = None, timeout: float = 60) -> None:
        self.version = 0
        self._known: tuple[int, list[str]] | None = None
        self.location = url
        self._updates = update_url or (f"{url.removesuffix('/query')}/update" if url.endswith("/query") else url)
        self._http = httpx.Client(timeout=timeout, follow_redirects=False)

    def select(self, query: str, dataset: Dataset | None = None) -> list[Row]:
        """The solutions of a SELECT."""
        found = ox.parse_query_results(self._ask(query, dataset, _ROWS), format=ox.QueryResultsFormat.JSON)
        if not isinstance(found, ox.QuerySolutions):
            raise BadQuery("A SELECT query is needed here.")
        names = [variable.value for variable in found.variables]
        return [{name: term for name, term in zip(names, row, strict=True) if term is not None} for row in found]

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """The answer of an ASK."""
        found = ox.parse_query_results(self._ask(query, dataset, _ROWS), format=ox.QueryResultsFormat.JSON)
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        return any(True for _ in found)  # Virtuoso answers ASK with a table of no or one row

    def construct(self, query: str, dataset: Dataset | None = None) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE."""
        body = self._ask(query, dataset, _TRIPLES)
        return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]

    def update(self, update: str) -> None:
        """Run one SPARQL update; the endpoint says whether it is atomic."""
        self._post(self._updates, {"update": update}, "*/*")
        self.version += 1

    def load(self, data: IO[bytes], media: ox.RdfFormat, graph: str | None, base: str | None = None) -> None:
        """Parse the whole document here first, then insert it."""
        try:
            quads = list(ox.parse(data, format=media, base_iri=base, rename_blank_nodes=True))
        except (SyntaxError, ValueError) as error:
            raise BadData(f"The RDF does not parse: {error}") from None
        target = ox.NamedNode(graph) if graph else ox.DefaultGraph()
        self.extend(
            quad if media.supports_datasets else ox.Quad(quad.subject, quad.predicate, quad.object, target)
            for quad in quads
        )

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Insert quads, some thousand a request. Blank nodes become IRIs, so that requests can share them."""
        self._send("INSERT", quads)

    def amend(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> None:
        """Delete some quads and insert others, some thousand a request."""
        self._send("DELETE", gone)
        self._send("INSERT", new)

    def dump(self, output: IO[bytes], media: ox.RdfFormat, graph: str | None = None, *, whole: bool = False) -> None:
        """Fetch the quads and write them in the format."""
        names: list[str | None] = [None, *(g for g in self.graphs() if g != CATALOGUE)] if whole else [graph]
        quads = (
            ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(name) if name and whole else ox.DefaultGraph())
            for name in names
            for t in self.construct(EVERYTHING, Dataset((name,)))
        )
        ox.serialize(quads, output, media)

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs."""
        return sorted(str(row["g"].value) for row in self.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"))  # type: ignore[union-attr]

    def drop(self, graph: str | None) -> None:
        """Remove a graph and its triples."""
        self.update(f"DROP SILENT GRAPH {ox.NamedNode(graph or CATALOGUE)}")

    def empty(self) -> bool:
        """Whether there is nothing but what a new Virtuoso brings along."""
        own = [graph for graph in self.graphs() if not graph.startswith(_SYSTEM)]
        return not own and (bool(self.graphs()) or not self.ask("ASK { ?s ?p ?o }"))

    def size(self) -> int:
        """How many quads there are in named graphs."""
        rows = self.select("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }")
        return int(rows[0]["n"].value)  # type: ignore[union-attr]

    def snapshot(self, folder: Path) -> None:
        """A local copy of the whole remote store."""
        folder.mkdir(parents=True, exist_ok=True)
        copy, buffer = ox.Store(str(folder)), BytesIO()
        self.dump(buffer, ox.RdfFormat.N_QUADS, whole=True)
        buffer.seek(0)
        copy.bulk_load(buffer, ox.RdfFormat.N_QUADS)
        copy.flush()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def form(self, query: str, dataset: Dataset | None) -> dict[str, str | list[str]]:
        """The form fields of a SPARQL 1.1 Protocol query.

        A request that names default graphs hides all others, so a query that uses GRAPH gets them by name.
        """
        form: dict[str, str | list[str]] = {"query": query}
        if dataset is not None:
            form["default-graph-uri"] = [graph or CATALOGUE for graph in dataset.default]
            if dataset.named is not None:
                form["named-graph-uri"] = list(dataset.named)
            elif inspect(query).names_graph:
                form["named-graph-uri"] = self._names()
        return form

    def _names(self) -> list[str]:
        """The named graphs as of the last change made here: asking for them anew takes Virtuoso seconds."""
        if self._known is None or self._known[0] != self.version:
            self._known = (self.version, self.graphs())
        return self._known[1]

    def _send(self, verb: str, quads: Iterable[ox.Quad]) -> None:
        rest = iter(quads)
        while batch := list(islice(rest, _BATCH)):
            self.update(operation(verb, map(_skolemised, batch), CATALOGUE))

    def _ask(self, query: str, dataset: Dataset | None, accept: str) -> bytes:
        return self._post(self.location, self.form(query, dataset), accept)

    def _post(self, url: str, form: dict[str, str | list[str]], accept: str) -> bytes:
        try:
            response = self._http.post(url, data=form, headers={"Accept": accept})
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"The SPARQL endpoint {url} does not answer: {error}") from None
        if response.status_code == httpx.codes.BAD_REQUEST:
            raise BadQuery(f"The SPARQL endpoint refuses the request: {response.text[:500]}")
        if response.is_error:
            raise StoreError(f"The SPARQL endpoint {url} answers {response.status_code}: {response.text[:500]}")
        return response.content


def _skolemised(quad: ox.Quad) -> ox.Quad:
    def named(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Any:
        return ox.NamedNode(f"urn:skolem:{term.value}") if isinstance(term, ox.BlankNode) else term

    return ox.Quad(named(quad.subject), quad.predicate, named(quad.object), quad.graph_name)
