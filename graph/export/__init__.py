"""Export: a network of legal bonds in the formats that graph tools, spreadsheets and browsers read.

``export(network, "gexf")`` gives the bytes of a file. ``attributes`` has the one rule by which values are flattened,
``style`` the one table of looks; each other module is a format, or a part of the drawing that SVG and HTML share.
What a format cannot carry is said in its module.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from graph.export import csv, cytoscape, dot, gexf, graphml, html, svg
from graph.export.attributes import Network

__all__ = ["FORMATS", "Format", "Network", "export"]


@dataclass(frozen=True)
class Format:
    """A file format: its name here, its media type (RFC 6838), its file suffix, and what writes it."""

    name: str
    media_type: str
    suffix: str
    write: Callable[[Network], bytes]


#: The formats by name.
FORMATS: Final[dict[str, Format]] = {
    known.name: known
    for known in (
        Format("graphml", "application/graphml+xml", ".graphml", graphml.write),
        Format("gexf", "application/gexf+xml", ".gexf", gexf.write),
        Format("cytoscape", "application/json", ".cyjs", cytoscape.write),
        Format("dot", "text/vnd.graphviz; charset=utf-8", ".gv", dot.write),
        Format("csv", "text/csv; charset=utf-8; header=present", ".csv", csv.write),
        Format("svg", "image/svg+xml", ".svg", svg.write),
        Format("html", "text/html; charset=utf-8", ".html", html.write),
    )
}


def export(network: Network, format: str) -> bytes:
    """The network as a file of this format; equal networks give equal bytes.

    ``ValueError`` for an unknown format, ``TypeError`` for an attribute that is not a scalar, date or list.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}: known are {', '.join(FORMATS)}")
    return FORMATS[format].write(network)
