"""CSV by RFC 4180: one table of edges, with a header.

A node without any edge has a row of its own in which it is the source and everything about edge and target is empty.
Of the nodes' attributes the table carries label and kind only, and nothing of the network's own facts. Empty means
missing. Text is written as it is, so a spreadsheet should import the columns as text, not calculate them.
"""

import csv
import io
from typing import Final

import networkx as nx

from graph.export.attributes import Network, Row, as_text, flatten

_EDGE: Final = ("kind", "predicate", "label", "via", "valid_from", "valid_until", "share", "sources", "graph")

#: The columns, always all of them and in this order.
HEADER: Final = ("id", "source", "source_label", "source_kind", "target", "target_label", "target_kind", *_EDGE)


def write(network: Network) -> bytes:
    """The edges as UTF-8 CSV with CRLF line ends, isolated nodes behind them."""
    flat = flatten(network)
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, HEADER, extrasaction="ignore")
    table.writeheader()
    for source, target, edge_id, row in flat.edges(keys=True, data=True):
        ends = _end("source", source, flat.nodes[source]) | _end("target", target, flat.nodes[target])
        table.writerow({"id": edge_id, **_texts(row), **ends})
    for node in nx.isolates(flat):
        table.writerow(_end("source", node, flat.nodes[node]))
    return text.getvalue().encode()


def _end(side: str, node: str, row: Row) -> dict[str, str]:
    return {side: node, **{f"{side}_{name}": as_text(row.get(name, "")) for name in ("label", "kind")}}


def _texts(row: Row) -> dict[str, str]:
    return {name: as_text(value) for name, value in row.items()}
