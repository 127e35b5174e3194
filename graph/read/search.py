"""Finding things by a name that may be partial or misspelt."""

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process, utils

from graph.read.entities import all_entities
from graph.read.references import Ref, refs

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: Below this score (of 100) a name does not count as found.
THRESHOLD = 65.0
#: Records that others are made of; they are found through these.
_HIDDEN = ("source", "entry-kind", "edge-kind", "check", "ownership", "post", "list", "thing")


class Hit(Ref):
    """A found thing with its score (0 to 100) and the name that matched."""

    score: float
    matched: str


def search(graph: "KnowledgeGraph", q: str, limit: int = 20) -> list[Hit]:
    """The things whose label, slug or other name is most like `q`, best first."""
    names = graph.memo("names", lambda: _names(graph))
    found = process.extract(
        q, names, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=THRESHOLD, limit=limit * 5
    )
    named = refs(graph, (iri for _, _, (iri, _) in found))
    best: dict[str, Hit] = {}
    for name, score, (iri, _) in found:
        # a whole match beats a match of a part, and a short name one within a long text
        exact = fuzz.ratio(utils.default_process(q), utils.default_process(name))
        ranked = round(0.8 * score + 0.2 * exact, 1)
        if iri not in best or best[iri].score < ranked:
            best[iri] = Hit(**named[iri].model_dump(), score=ranked, matched=name)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.label))[:limit]


def _names(graph: "KnowledgeGraph") -> dict[tuple[str, int], str]:
    found = {}
    for entity in all_entities(graph):
        if entity.type not in _HIDDEN:
            for n, name in enumerate((entity.label, entity.id.replace("-", " "), *entity.names)):
                found[entity.iri, n] = name
    return found
