"""GraphML: XML for graph libraries and editors such as igraph, NetworkX, yEd and Cytoscape.

Standard: http://graphml.graphdrawing.org/specification.html. NetworkX's own writer is not used because it spells
booleans ``True``, writes ``None`` as text, repeats edge ids, and changes its bytes with the libraries installed.

Ids are IRIs. The GraphML schema asks for XML name tokens, which IRIs are not; every reader takes any text, and a node
that keeps its name serves better than one renamed ``n0``.
"""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from graph.export.attributes import XML_TYPES, Network, Row, as_text, column_types, flatten


def write(network: Network) -> bytes:
    """The network as a UTF-8 GraphML document: typed keys, one edge per parallel edge, the network's facts as data."""
    flat = flatten(network)
    rows: dict[str, list[Row]] = {
        "graph": [flat.graph],
        "node": [row for _, row in flat.nodes(data=True)],
        "edge": [row for *_, row in flat.edges(data=True)],
    }
    root = Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    keys = {scope: _declare(root, scope, column_types(rows[scope])) for scope in rows}

    graph = SubElement(root, "graph", edgedefault="directed")
    _add_data(graph, keys["graph"], flat.graph)
    for node, row in flat.nodes(data=True):
        _add_data(SubElement(graph, "node", id=node), keys["node"], row)
    for source, target, edge_id, row in flat.edges(keys=True, data=True):
        edge = SubElement(graph, "edge", id=edge_id, source=source, target=target)
        _add_data(edge, keys["edge"], row)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _declare(root: Element, scope: str, types: dict[str, type]) -> dict[str, str]:
    keys = {name: f"{scope}{number}" for number, name in enumerate(types)}
    for name, key in keys.items():
        words = {"id": key, "for": scope, "attr.name": name, "attr.type": XML_TYPES[types[name]]}
        SubElement(root, "key", words)
    return keys


def _add_data(element: Element, keys: dict[str, str], row: Row) -> None:
    for name, value in row.items():
        SubElement(element, "data", key=keys[name]).text = as_text(value)
