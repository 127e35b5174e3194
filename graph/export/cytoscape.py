"""Cytoscape.js JSON, which Cytoscape desktop reads as well.

Format: https://js.cytoscape.org/#notation/elements-json. NetworkX's ``cytoscape_data`` is not used because it gives
edges no id, without which parallel edges cannot be told apart, and repeats every name three times.
"""

import json

from graph.export.attributes import Network, Scalar, flatten

Elements = dict[str, list[dict[str, dict[str, Scalar]]]]


def write(network: Network) -> bytes:
    """The network as UTF-8 JSON: ``{"data": {...}, "elements": {"nodes": [...], "edges": [...]}}``."""
    flat = flatten(network)
    document = {"data": flat.graph, "elements": elements(flat)}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def elements(flat: Network) -> Elements:
    """The nodes and edges of a flat network, each as ``{"data": {"id": ..., ...}}``; edges have source and target."""
    nodes = [{"data": {"id": node, **row}} for node, row in flat.nodes(data=True)]
    edges = [
        {"data": {"id": edge_id, "source": source, "target": target, **row}}
        for source, target, edge_id, row in flat.edges(keys=True, data=True)
    ]
    return {"nodes": nodes, "edges": edges}
