"""Checking without changing: files before they are loaded, or what a store holds."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import ontology
from graph.errors import BadData
from graph.load import known_concepts, rdf_files, read_file
from graph.store import Dataset
from graph.terms import node
from graph.validate import Finding, place, undescribed, validate

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def check_store(graph: "KnowledgeGraph") -> list[Finding]:
    """What is wrong with the asserted graphs of the store."""
    graphs = [name for name in graph.world(derived=False).default if name and name != ontology.ONTOLOGY_GRAPH]
    return validate(graph.store, graphs, known_concepts(graph)) + undescribed(graph.store, graphs, graph.world())


def check_files(graph: "KnowledgeGraph", paths: Iterable[Path]) -> list[Finding]:
    """What is wrong with the files, which may refer to what the graph describes.

    A file that does not parse is one finding.
    """
    found = []
    for file in [f for path in paths for f in rdf_files(path)]:
        try:
            staged = read_file(file, f"{ontology.BASE}graph/file/{file.stem}")
        except BadData as error:
            found.append(Finding(file.name, error.detail))
            continue
        names = staged.graphs()
        faults = validate(staged, names, known_concepts(graph))
        faults += undescribed(staged, names, Dataset(()), lambda iri: bool(graph.rows("described", node=node(iri))))
        found += place(faults, [file])
    return found
