"""GEXF 1.3: the XML format of Gephi.

Standard: https://gexf.net/schema.html. NetworkX's own writer is not used because it stamps the day of writing on the
file, invents edge ids and knows no edge kinds. Gephi merges parallel edges unless their ``kind`` differs, so each
edge's kind is written both as that XML attribute and as a column.
"""

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from graph.export.attributes import XML_TYPES, Network, Row, as_text, column_types, flatten

_NAMESPACE = "http://gexf.net/1.3"


def write(network: Network) -> bytes:
    """The network as a UTF-8 GEXF document: static, directed, typed columns, labels where Gephi looks for them.

    GEXF has no columns for the network itself: title, date and source line go into the description, the focus is lost.
    """
    flat = flatten(network)
    root = Element("gexf", xmlns=_NAMESPACE, version="1.3")
    _describe(root, flat.graph)
    graph = SubElement(root, "graph", mode="static", defaultedgetype="directed", idtype="string")
    node_columns = _declare(graph, "node", (row for _, row in flat.nodes(data=True)))
    edge_columns = _declare(graph, "edge", (row for *_, row in flat.edges(data=True)))

    nodes = SubElement(graph, "nodes")
    for node, row in flat.nodes(data=True):
        element = SubElement(nodes, "node", id=node, label=str(row.get("label", node)))
        _add_values(element, node_columns, row)
    edges = SubElement(graph, "edges")
    for source, target, edge_id, row in flat.edges(keys=True, data=True):
        element = SubElement(edges, "edge", id=edge_id, source=source, target=target)
        element.attrib.update({word: str(row[word]) for word in ("label", "kind") if word in row})
        _add_values(element, edge_columns, row)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _describe(root: Element, facts: Row) -> None:
    meta = SubElement(root, "meta")
    SubElement(meta, "creator").text = "Vinculum"
    as_of = f"As of {facts['as_of']}" if "as_of" in facts else None
    sentences = (facts.get("title"), as_of, facts.get("source_line"))
    SubElement(meta, "description").text = "\n".join(str(sentence) for sentence in sentences if sentence)


def _declare(graph: Element, owner: str, rows: Iterable[Row]) -> dict[str, str]:
    types = {name: kind for name, kind in column_types(rows).items() if name != "label"}
    columns = {name: f"{owner}-{name}" for name in types}
    element = SubElement(graph, "attributes", {"class": owner, "mode": "static"})
    for name, column in columns.items():
        SubElement(element, "attribute", id=column, title=name, type=XML_TYPES[types[name]])
    return columns


def _add_values(element: Element, columns: dict[str, str], row: Row) -> None:
    values = SubElement(element, "attvalues")
    for name, column in columns.items():
        if name in row:
            SubElement(values, "attvalue", {"for": column, "value": as_text(row[name])})
