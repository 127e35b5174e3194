"""How actions relate, and what goes with a thing when something is done to it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import ontology
from graph.terms import text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Actions:
    """The lattice of actions: kinds, what doing one takes, what excludes another, what undoes it."""

    def __init__(self, graph: "KnowledgeGraph") -> None:
        self._related: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in graph.rows("action-relations"):
            action, other = str(text(row, "action")), str(text(row, "other"))
            relation = ontology.slug_of(str(text(row, "relation")))
            self._related[relation][action].add(other)
            if relation == "contrary":
                self._related[relation][other].add(action)

    def kinds(self, action: str) -> set[str]:
        """The action and every broader one: doing the action is doing those."""
        return self._closure([action], ("broader",))

    def entailed(self, action: str) -> set[str]:
        """Everything that is done, or must be done, by who does the action."""
        return self._closure([action], ("broader", "needs"))

    def excluded(self, action: str) -> set[str]:
        """What who does the action leaves undone: the contraries of it and of its kinds."""
        return {other for kind in self.kinds(action) for other in self._related["contrary"].get(kind, ())}

    def undone(self, action: str) -> set[str]:
        """What the action brings back to the state before."""
        return {other for kind in self.kinds(action) for other in self._related["undoes"].get(kind, ())}

    def _closure(self, begin: Iterable[str], relations: Iterable[str]) -> set[str]:
        seen, left = set[str](), list(begin)
        while left:
            action = left.pop()
            if action not in seen:
                seen.add(action)
                left += [other for relation in relations for other in self._related[relation].get(action, ())]
        return seen


class Things:
    """What goes with a thing, and the deals in which it is sold."""

    def __init__(self, graph: "KnowledgeGraph") -> None:
        self._parts: dict[str, set[str]] = defaultdict(set)
        for row in graph.rows("goes-with"):
            self._parts[str(text(row, "thing"))].add(str(text(row, "part")))
        self.deals: dict[str, dict[str, set[str]]] = {}
        for row in graph.rows("ways"):
            deal = self.deals.setdefault(str(text(row, "deal")), defaultdict(set))
            for name in ("seller", "buyer", "object", "status"):
                if value := text(row, name):
                    deal[name].add(value)

    def with_parts(self, thing: str | None) -> set[str]:
        """The thing and all that goes with it."""
        seen, left = set[str](), [thing] if thing else []
        while left:
            current = left.pop()
            if current not in seen:
                seen.add(current)
                left += self._parts.get(current, ())
        return seen

    def ways(self, seller: str, thing: str | None) -> list[str]:
        """The open deals by which the seller would give the thing away."""
        wanted = self.with_parts(thing)
        return [
            deal
            for deal, said in self.deals.items()
            if seller in said["seller"]
            and not wanted.isdisjoint(said["object"])
            and not any(status.endswith(("FailedActionStatus", "CompletedActionStatus")) for status in said["status"])
        ]

    def done(self, deal: str | None) -> bool:
        """Whether the deal is recorded as completed."""
        said = self.deals.get(deal or "")
        return bool(said) and any(status.endswith("CompletedActionStatus") for status in (said or {})["status"])
