"""The one path of a user's query: look at it, refuse what may not run, set its dataset, run it with limits, stream.

HTTP, the command line and notebooks all take it. Over an embedded store a pool of workers answers; over a remote one
its endpoint does.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

import httpx

from graph.errors import BadQuery, NotAcceptable, QueryTimeout, StoreError, StoreUnavailable
from graph.sparql.pool import Limits, WorkerPool
from graph.sparql.text import Form, inspect
from graph.store import Dataset
from graph.store.remote import RemoteStore

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: The media types of results, the preferred one first.
TABLES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
#: Short names for people.
SHORT = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
}
#: Names that clients use for the first two.
ALIASES = {
    "application/json": ("application/sparql-results+json", "application/ld+json"),
    "application/xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "text/xml": ("application/sparql-results+xml", "application/rdf+xml"),
}
GRAPHS = (
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/rdf+xml",
    "application/trig",
    "application/n-quads",
)


class _Engine(Protocol):
    def answer(
        self, query: str, media: str, dataset: Dataset | None = None, seconds: float | None = None
    ) -> AsyncIterator[bytes]: ...

    async def close(self) -> None: ...


class QueryService:
    """Runs users' queries over the graph; `close` it at the end."""

    def __init__(self, graph: "KnowledgeGraph", limits: Limits | None = None) -> None:
        self._graph = graph
        limits = limits or Limits()
        store = graph.store
        self._engine: _Engine = (
            _Endpoint(store, limits) if isinstance(store, RemoteStore) else WorkerPool(store, limits)
        )

    def stream(
        self, query: str, media: str, dataset: Dataset | None = None, seconds: float | None = None
    ) -> AsyncIterator[bytes]:
        """The answer's bytes in a media type that `offers` names for the query.

        Without a `dataset`, a query that names none itself runs over the default world. `BadQuery` for an update, for
        SERVICE, or for what does not parse; `NotAcceptable`; `QueryTimeout` where it is stopped.
        """
        request = inspect(query)
        if media not in offers(request.form):
            raise NotAcceptable(
                f"A {request.form} query cannot be answered as {media}. There are: {', '.join(offers(request.form))}."
            )
        if dataset is None and not request.names_dataset:
            dataset = self._graph.world()
        return self._engine.answer(query, media, dataset, seconds)

    async def close(self) -> None:
        """Stop what runs."""
        await self._engine.close()


def offers(form: Form) -> tuple[str, ...]:
    """The media types in which a query of this form can be answered; `BadQuery` for an update."""
    if form == "UPDATE":
        raise BadQuery("This is an update. Send it as `update`, with the write key.")
    return TABLES if form in ("SELECT", "ASK") else GRAPHS


class _Endpoint:
    """A remote SPARQL endpoint, whose bytes are handed on."""

    def __init__(self, store: RemoteStore, limits: Limits) -> None:
        self._store, self._limits = store, limits
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(limits.seconds, connect=10))

    async def answer(
        self, query: str, media: str, dataset: Dataset | None = None, seconds: float | None = None
    ) -> AsyncIterator[bytes]:
        form = await asyncio.to_thread(self._store.form, query, dataset)
        try:
            async with self._http.stream(
                "POST", self._store.location, data=form, headers={"Accept": media}
            ) as response:
                if response.status_code == httpx.codes.BAD_REQUEST:
                    raise BadQuery(f"The SPARQL endpoint refuses the query: {(await response.aread())[:500].decode()}")
                if response.is_error:
                    raise StoreError(f"The SPARQL endpoint answers {response.status_code}.")
                async for block in response.aiter_bytes():
                    yield block
        except httpx.TimeoutException:
            raise QueryTimeout(f"The endpoint did not answer within {self._limits.seconds:g} seconds.") from None
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"The SPARQL endpoint {self._store.location} does not answer: {error}") from None

    async def close(self) -> None:
        await self._http.aclose()
