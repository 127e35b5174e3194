"""The HTTP application: assembly, nothing else."""

import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.routes import deals, graph, graphs, network, sparql, system
from api.settings import Settings
from api.state import Server
from graph import KnowledgeGraph
from graph.sparql.pool import Limits
from graph.sparql.service import QueryService

_DESCRIPTION = (
    "Who must, must not or may do what, towards whom, in which market, by when, under which rule, "
    "and which source says so. Information, not legal advice."
)


def create_app(knowledge: KnowledgeGraph, settings: Settings) -> FastAPI:
    """The application over an open graph, which it does not close."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        limits = Limits(settings.query_timeout, settings.query_memory, settings.query_workers)
        queries = QueryService(knowledge, limits)
        threads = ThreadPoolExecutor(settings.query_workers, "deals")
        app.state.server = Server(knowledge, queries, threads, settings)
        yield
        threads.shutdown(wait=False, cancel_futures=True)
        await queries.close()

    app = FastAPI(title="Vinculum", version=version("vinculum"), description=_DESCRIPTION, lifespan=lifespan)
    app.state.metrics = registry = CollectorRegistry()
    Gauge("vinculum_store_quads", "Quads in the store", registry=registry).set_function(knowledge.store.size)
    app.add_middleware(_Measured, registry=registry)
    app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["*"], allow_headers=["*"])
    problems.install(app)
    for part in (system, sparql, graphs, graph, network, deals):
        app.include_router(part.router)
    return app


class _Measured:
    """Counts and times requests by route."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ["method", "route", "status"]
        self._count = Counter("vinculum_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "vinculum_request_seconds", "Seconds until the answer ended", labels[:2], registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._count.labels(scope["method"], route, status).inc()
            self._seconds.labels(scope["method"], route).observe(time.perf_counter() - began)
