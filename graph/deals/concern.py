"""Which legal positions concern a deal, out of all that a day shows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.conflicts.things import Things
from graph.deals.facts import Facts
from graph.derive.rules import chain_of, read_resources
from graph.read.obligations import Obligation
from graph.terms import node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def concerning(world: "KnowledgeGraph", facts: Facts, positions: Iterable[Obligation], day: date) -> list[Obligation]:
    """Those of the positions that concern the deal.

    They bind or empower a party of it, or are owed to one, and rest on a fact of the deal, stand between two parties,
    or are about what the deal is about. What else an instrument that does so asks of a party about itself (to notify,
    to certify) goes with it. What is over is left out, unless it came from the deal.
    """
    found = list(positions)
    concern = _Concern(world, facts, found, day)
    chosen = [position for position in found if concern.direct(position)]
    instruments = {position.instrument.iri for position in chosen}
    return [p for p in found if p in chosen or concern.goes_along(p, instruments)]


class _Concern:
    """What the deal is about, and what each position rests on."""

    def __init__(self, world: "KnowledgeGraph", facts: Facts, positions: list[Obligation], day: date) -> None:
        self._things = Things(world, day)
        self._resources = read_resources(world)
        self._deal = facts.deal
        self._about = set(facts.things) | self._things.with_parts(facts.deal)
        self._parties = set(facts.parties) | set(facts.things)
        self._stated = {quad.subject.value for quad in facts.quads if isinstance(quad.subject, ox.NamedNode)}
        self._grounds: dict[str, set[str]] = defaultdict(set)
        for row in world.rows("grounds-of", nodes=[node(position.iri) for position in positions]):
            self._grounds[str(text(row, "node"))].add(str(text(row, "premise")))

    def direct(self, position: Obligation) -> bool:
        """Whether the position itself concerns the deal."""
        if self._of_another_deal(position):
            return False
        thing = {position.object.iri} if position.object else set()
        rests = not self._stated.isdisjoint(self._grounds[position.iri] | thing)
        if position.state == "pending" and position.modality == "permission" and self._after_closing(position):
            return False
        if position.state == "lapsed":
            return rests and self._of_a_party(position)
        between = {position.bearer.iri, position.counterparty.iri if position.counterparty else ""} <= self._parties
        return self._of_a_party(position) and (rests or between or self._touches(position))

    def goes_along(self, position: Obligation, instruments: set[str]) -> bool:
        """Whether an instrument that concerns the deal asks this of a party about the instrument itself."""
        if position.instrument.iri not in instruments or position.state == "lapsed" or not self._of_a_party(position):
            return False
        if position.object is None:
            return position.counterparty is None or position.counterparty.type == "authority"
        chain = chain_of(self._resources, position.object.iri)
        return any(resource.iri == position.instrument.iri for resource in chain)

    def _after_closing(self, position: Obligation) -> bool:
        """Whether it begins only when the deal is closed, as planned."""
        way = self._things.ways.get(self._deal)
        return bool(way and way.day and position.valid_from and position.valid_from > way.day)

    def _of_a_party(self, position: Obligation) -> bool:
        return not self._parties.isdisjoint(self._named(position))

    def _named(self, position: Obligation) -> set[str]:
        return {part.iri for part in (position.bearer, position.counterparty, position.object) if part}

    def _touches(self, position: Obligation) -> bool:
        """Whether its object, or a part of it, is what the deal is about."""
        thing = position.object
        return thing is not None and not self._about.isdisjoint(self._things.with_parts(thing.iri))

    def _of_another_deal(self, position: Obligation) -> bool:
        thing = position.object
        return thing is not None and thing.iri in self._things.ways and thing.iri != self._deal
