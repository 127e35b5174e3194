"""How actions relate: which is a kind of which, what doing one takes, what it excludes and what it undoes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import ontology
from graph.terms import text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def closure(begin: Iterable[str], *steps: Mapping[str, Iterable[str]]) -> dict[str, None]:
    """All that the steps lead to from the beginning, nearest first."""
    seen = dict.fromkeys(begin)
    left = list(seen)
    while left:
        left = [to for here in left for step in steps for to in sorted(step.get(here, ())) if to not in seen]
        seen |= dict.fromkeys(left)
    return seen


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

    def ladder(self, action: str) -> list[str]:
        """The action and every broader one, nearest first."""
        return list(closure([action], self._related["broader"]))

    def kinds(self, action: str) -> set[str]:
        """The action and every broader one: doing the action is doing those."""
        return set(self.ladder(action))

    def is_kind(self, action: str, broad: str) -> bool:
        """Whether doing the one action is doing the other."""
        return action == broad or broad in self.ladder(action)

    def entailed(self, action: str) -> set[str]:
        """Everything that is done, or must be done, by who does the action."""
        return set(closure([action], self._related["broader"], self._related["needs"]))

    def excluded(self, action: str) -> set[str]:
        """What who does the action leaves undone: the contraries of it and of its kinds."""
        return {other for kind in self.kinds(action) for other in self._related["contrary"].get(kind, ())}

    def undone(self, action: str) -> set[str]:
        """What the action brings back to the state before."""
        return {other for kind in self.kinds(action) for other in self._related["undoes"].get(kind, ())}


def read_actions(graph: "KnowledgeGraph") -> Actions:
    """The lattice of actions as the graph has it now."""
    return graph.memo("actions", lambda: Actions(graph))
