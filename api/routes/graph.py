"""The graph API: entities, obligations, rules, markets, claims, events, search."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import LIMIT, MOST, Page, answer, page
from api.routing import StrictRoute
from api.state import Graph
from graph.conflicts import Conflict, conflict, conflicts
from graph.read.claims import Claim, claim, claims
from graph.read.entities import Entity, EntityDetail, Ownership, entities, entity, ownerships
from graph.read.explanations import Explanation, explain, provenance
from graph.read.instruments import Rule, RuleDetail, rule, rules
from graph.read.markets import Market, MarketDetail, market, markets
from graph.read.obligations import Obligation, obligation, obligations
from graph.read.search import Hit, search
from graph.read.timeline import Event, timeline
from graph.read.whynot import WhyNot, why_not

router = APIRouter(route_class=StrictRoute)

AsOf = Annotated[date | None, Query(description="The day the answer is about (YYYY-MM-DD); today unless given.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items to give.")]
Offset = Annotated[int, Query(ge=0, description="How many items to skip.")]
Slug = Annotated[str | None, Query(description="The id of a thing, such as `bytedance`.")]


@router.get("/entities", response_model=Page[Entity], tags=["entities"])
def list_entities(
    request: Request,
    graph: Graph,
    type: Annotated[str | None, Query(description="A kind: company, authority, person, instrument …")] = None,
    market: Annotated[str | None, Query(description="A country code such as US.")] = None,
    q: Annotated[str | None, Query(description="A word in the name.")] = None,
    as_of: AsOf = None,
    limit: Limit = LIMIT,
    offset: Offset = 0,
) -> Response:
    """The parties and things of the graph."""
    return answer(request, page(request, entities(graph, as_of, kind=type, market=market, q=q), limit, offset))


@router.get("/entities/{slug}", response_model=EntityDetail, tags=["entities"])
def get_entity(request: Request, graph: Graph, slug: str, as_of: AsOf = None) -> Response:
    """One thing with its ownership, posts, bonds, deals, claims, events and sources on a day."""
    return answer(request, entity(graph, slug, _day(as_of)))


@router.get("/ownerships", response_model=Page[Ownership], tags=["entities"])
def list_ownerships(
    request: Request, graph: Graph, owner: Slug = None, object: Slug = None, as_of: AsOf = None,
    limit: Limit = LIMIT, offset: Offset = 0,
) -> Response:  # fmt: skip
    """Who owned what on a day."""
    return answer(request, page(request, ownerships(graph, _day(as_of), owner, object), limit, offset))


@router.get("/obligations", response_model=Page[Obligation], tags=["obligations"])
def list_obligations(
    request: Request,
    graph: Graph,
    bearer: Slug = None,
    counterparty: Slug = None,
    market: Annotated[str | None, Query(description="Whose law: a country code such as US.")] = None,
    modality: Annotated[str | None, Query(description="obligation, prohibition, permission or power.")] = None,
    state: Annotated[
        str | None, Query(description="pending, active, fulfilled, violated, waived, suspended, lapsed or unknown.")
    ] = None,
    instrument: Slug = None,
    norm: Slug = None,
    due_before: Annotated[date | None, Query(description="Only what is due before this day.")] = None,
    as_of: AsOf = None,
    limit: Limit = LIMIT,
    offset: Offset = 0,
) -> Response:
    """Legal positions of every modality that can be seen on a day, with their state on it."""
    found = obligations(
        graph,
        _day(as_of),
        norm=norm,
        bearer=bearer,
        counterparty=counterparty,
        market=market,
        modality=modality,
        state=state,
        instrument=instrument,
        due_before=due_before,
    )
    return answer(request, page(request, found, limit, offset))


@router.get("/obligations/{id}", response_model=Obligation, tags=["obligations"])
def get_obligation(request: Request, graph: Graph, id: str, as_of: AsOf = None) -> Response:
    """One legal position on a day."""
    return answer(request, obligation(graph, id, _day(as_of)))


@router.get("/obligations/{id}/explanation", response_model=Explanation, tags=["obligations"])
def get_explanation(request: Request, graph: Graph, id: str, as_of: AsOf = None) -> Response:
    """Why a legal position exists and how it stands: rule, facts, clock, acts, each with its sources."""
    return answer(request, explain(graph, id, _day(as_of)), lambda: provenance(graph, id, _day(as_of)))


@router.get("/norms/{slug}/why-not", response_model=WhyNot, tags=["obligations"])
def get_why_not(
    request: Request,
    graph: Graph,
    slug: str,
    party: Annotated[str, Query(description="The id of the party to try the norm on.")],
    as_of: AsOf = None,
) -> Response:
    """Whether a norm binds a party on a day, and if not, which part of its condition fails."""
    return answer(request, why_not(graph, slug, party, _day(as_of)))


@router.get("/conflicts", response_model=Page[Conflict], tags=["conflicts"])
def list_conflicts(
    request: Request, graph: Graph, about: Slug = None, as_of: AsOf = None, limit: Limit = LIMIT, offset: Offset = 0
) -> Response:
    """Legal positions that cannot all be met on a day, with who can lift each and the ways out."""
    return answer(request, page(request, conflicts(graph, _day(as_of), about=about), limit, offset))


@router.get("/conflicts/{id}", response_model=Conflict, tags=["conflicts"])
def get_conflict(request: Request, graph: Graph, id: str, as_of: AsOf = None) -> Response:
    """One conflict on a day."""
    return answer(request, conflict(graph, id, _day(as_of)))


@router.get("/rules", response_model=Page[Rule], tags=["rules"])
def list_rules(
    request: Request,
    graph: Graph,
    market: Annotated[str | None, Query(description="A country code such as CN.")] = None,
    as_of: AsOf = None,
    limit: Limit = LIMIT,
    offset: Offset = 0,
) -> Response:
    """The instruments of law with their status on a day."""
    return answer(request, page(request, rules(graph, _day(as_of), market), limit, offset))


@router.get("/rules/{slug}", response_model=RuleDetail, tags=["rules"])
def get_rule(request: Request, graph: Graph, slug: str, as_of: AsOf = None) -> Response:
    """One instrument with its provisions, norms, history and status on a day."""
    return answer(request, rule(graph, slug, _day(as_of)))


@router.get("/markets", response_model=Page[Market], tags=["markets"])
def list_markets(request: Request, graph: Graph) -> Response:
    """The markets the knowledge covers."""
    found = markets(graph)
    return answer(request, page(request, found, len(found), 0))


@router.get("/markets/{code}", response_model=MarketDetail, tags=["markets"])
def get_market(request: Request, graph: Graph, code: str, as_of: AsOf = None) -> Response:
    """A market's instruments, authorities and legal positions on a day."""
    return answer(request, market(graph, code, _day(as_of)))


@router.get("/claims", response_model=Page[Claim], tags=["claims"])
def list_claims(
    request: Request, graph: Graph, speaker: Slug = None, about: Slug = None, as_of: AsOf = None,
    limit: Limit = LIMIT, offset: Offset = 0,
) -> Response:  # fmt: skip
    """Who claimed what, how, when and where, and what the primary material says next to it."""
    return answer(request, page(request, claims(graph, _day(as_of), speaker=speaker, about=about), limit, offset))


@router.get("/claims/{slug}", response_model=Claim, tags=["claims"])
def get_claim(request: Request, graph: Graph, slug: str, as_of: AsOf = None) -> Response:
    """One claim."""
    return answer(request, claim(graph, slug, _day(as_of)))


@router.get("/timeline", response_model=Page[Event], tags=["timeline"])
def list_events(
    request: Request,
    graph: Graph,
    about: Slug = None,
    begin: Annotated[date | None, Query(alias="from", description="The first day.")] = None,
    end: Annotated[date | None, Query(alias="to", description="The last day.")] = None,
    limit: Limit = LIMIT,
    offset: Offset = 0,
) -> Response:
    """Dated events, oldest first."""
    return answer(request, page(request, timeline(graph, about, begin, end), limit, offset))


@router.get("/search", response_model=Page[Hit], tags=["search"])
def find(
    request: Request,
    graph: Graph,
    q: Annotated[str, Query(min_length=1, max_length=200, description="A name, also partial or misspelt.")],
    limit: Limit = 20,
) -> Response:
    """Things by name, best match first; typing errors are forgiven."""
    found = search(graph, q, limit)
    return answer(request, page(request, found, limit, 0))


def _day(given: date | None) -> date:
    return given or date.today()
