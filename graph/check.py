"""Checking without changing: files before they are loaded, or what a store holds."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

import ontology
from graph.errors import BadData
from graph.load import known_concepts, rdf_files, read_file
from graph.soundness import unsound
from graph.store import Dataset, EmbeddedStore
from graph.terms import node
from graph.validate import Finding, place, undescribed, validate

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def check_store(graph: "KnowledgeGraph") -> list[Finding]:
    """What is wrong with the asserted graphs of the store."""
    graphs = [name for name in graph.world(derived=False).default if name and name != ontology.ONTOLOGY_GRAPH]
    found = validate(graph.store, graphs, known_concepts(graph)) + undescribed(graph.store, graphs, graph.world())
    return found + unsound(graph)


def check_files(graph: "KnowledgeGraph", paths: Iterable[Path]) -> list[Finding]:
    """What is wrong with the files together, which may refer to each other and to what the graph describes.

    A file that does not parse is one finding.
    """
    files = [file for path in paths for file in rdf_files(path)]
    store = EmbeddedStore()
    found = []
    for number, file in enumerate(files):
        try:
            store.extend(read_file(file, f"{ontology.BASE}graph/file/{number}").quads())
        except BadData as error:
            found.append(Finding(file.name, error.detail))
    names = store.graphs()
    with type(graph)(store) as draft:
        _assert(draft, names)
        faults = validate(store, names, known_concepts(graph))
        faults += undescribed(store, names, Dataset(()), lambda iri: bool(graph.rows("described", node=node(iri))))
        faults += unsound(graph, draft)
    return found + place(faults, files)


def _assert(draft: "KnowledgeGraph", names: Iterable[str]) -> None:
    """Let all graphs of the draft count as asserted."""
    kind, dataset = node(ontology.iri("rdf:type")), node(ontology.iri("dcat:Dataset"))
    draft.store.extend([ox.Quad(node(name), kind, dataset) for name in names])
