"""The whole graph or a neighbourhood as a file: RDF, graph formats, pictures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Final

import networkx as nx
import pyoxigraph as ox

import ontology
from graph import export
from graph.errors import BadRequest
from graph.network import described, neighbourhood, network
from graph.read.references import resolve
from graph.sparql import library
from graph.store import EVERYTHING, Dataset
from graph.terms import node

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


@dataclass(frozen=True)
class Format:
    """A file format: its name, media type and file suffix."""

    name: str
    media_type: str
    suffix: str


_RDF: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
}
#: Every format by name.
FORMATS: Final[dict[str, Format]] = {
    **{name: Format(name, kind.media_type, kind.suffix) for name, kind in export.FORMATS.items()},
    **{name: Format(name, kind.media_type, f".{kind.file_extension}") for name, kind in _RDF.items()},
}


def write(
    graph: "KnowledgeGraph",
    format: str,
    *,
    focus: str | None = None,
    radius: int = 1,
    as_of: date | None = None,
    include: Sequence[str] = (),
) -> tuple[bytes, Format]:
    """The file's bytes and its format. Without `focus` (a slug) everything; `as_of` leaves out what is not seen then.

    `BadRequest` for an unknown format, `NotFound` for an unknown focus.
    """
    if format not in FORMATS:
        raise BadRequest(f"format: {format!r} is none of {', '.join(FORMATS)}.")
    centre = resolve(graph, focus) if focus else None
    if format in _RDF and centre is None and as_of is None:
        return _whole(graph, _RDF[format]), FORMATS[format]
    if centre:
        part = neighbourhood(graph, centre.iri, radius, as_of, frozenset(include))
    else:
        part = network(graph, as_of, frozenset(include))
    if format in _RDF:
        return _described(graph, part, _RDF[format]), FORMATS[format]
    part = described(graph, part)
    part.graph.update(
        title=centre.label if centre else "Vinculum",
        as_of=as_of,
        focus=centre.iri if centre else None,
        source_line="Vinculum: entities, norms and obligations, with their sources. Information, not legal advice.",
    )
    return export.export(part, format), FORMATS[format]


def _whole(graph: "KnowledgeGraph", media: ox.RdfFormat) -> bytes:
    """The default world: its graphs by name, or, where the format has none, merged without the catalogue."""
    world = graph.world().default
    names = world if media.supports_datasets else [name for name in world if name]
    return _serialised(_quads(graph, names, EVERYTHING), media)


def _described(graph: "KnowledgeGraph", part: "nx.MultiDiGraph[str]", media: ox.RdfFormat) -> bytes:
    """What the world says of the network's things and of what carries its relations."""
    carriers = {data["via"] for _, _, data in part.edges(data=True) if data["via"]}
    nodes = [node(iri) for iri in sorted(carriers | set(part))]
    names = [name for name in graph.world().default if name]
    return _serialised(_quads(graph, names, library.query("description", nodes=list(nodes))), media)


def _quads(graph: "KnowledgeGraph", names: Iterable[str | None], construct: str) -> Iterator[ox.Quad]:
    for name in names:
        place = ox.NamedNode(name) if name else ox.DefaultGraph()
        for triple in graph.store.construct(construct, Dataset((name,))):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, place)


def _serialised(quads: Iterable[ox.Quad], media: ox.RdfFormat) -> bytes:
    """The distinct quads, sorted so that a file is the same each time; as triples where the format has no graphs."""
    output = BytesIO()
    found = sorted(set(quads), key=str)
    prefixes = ontology.prefixes() if media in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None
    if media.supports_datasets:
        ox.serialize(found, output, media, prefixes=prefixes)
    else:
        ox.serialize(sorted({quad.triple for quad in found}, key=str), output, media, prefixes=prefixes)
    return output.getvalue()
