"""DOT, Graphviz's language, through pydot.

Standard: https://graphviz.org/doc/info/lang.html. Each node and edge has what Graphviz draws (label, shape, colours,
tooltip, and ``URL`` where it is a web address) and, as ``data_`` and its name, each flat attribute; DOT knows no types,
so they are text. All text is quoted here, for pydot takes a label like ``<b>`` for markup. In quoted text a backslash
is written ``\\\\`` and a line end ``\\n``, as Graphviz reads them; labels and tooltips also write ``&`` as ``&amp;``.
"""

import re
from typing import Any, Final

import pydot

from graph.export.attributes import Network, Row, as_text, flatten
from graph.export.drawing import node_label
from graph.export.style import EdgeStyle, NodeStyle, edge_style, node_style
from graph.export.text import wrap

_FONT_SIZE: Final = 12.0
_LABEL_WIDTH: Final = 150.0
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)


def write(network: Network) -> bytes:
    """The network as a UTF-8 DOT ``digraph``; lay it out with ``dot``, ``neato`` or ``sfdp``."""
    flat = flatten(network)
    graph = pydot.Dot("network", graph_type="digraph")
    for name, value in (_graph(flat.graph) | _data(flat.graph)).items():
        graph.set(name, value)
    graph.set_node_defaults(fontname="Helvetica", fontsize="12")
    graph.set_edge_defaults(fontname="Helvetica", fontsize="10")
    for node, row in flat.nodes(data=True):
        graph.add_node(pydot.Node(quoted(node), **_node(node, row), **_data(row)))
    for source, target, edge_id, row in flat.edges(keys=True, data=True):
        graph.add_edge(pydot.Edge(quoted(source), quoted(target), **_edge(edge_id, row), **_data(row)))
    return str(graph.to_string()).encode()


def quoted(text: str) -> str:
    """A DOT quoted string that Graphviz reads as this text."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _label(text: str) -> str:
    return quoted(text.replace("&", "&amp;"))


def _graph(facts: Row) -> dict[str, Any]:
    title = _label(str(facts.get("title", "")))
    return {"charset": quoted("UTF-8"), "rankdir": "LR", "fontname": "Helvetica", "label": title}


def _node(node: str, row: Row) -> dict[str, Any]:
    style: NodeStyle = node_style(row.get("kind"))
    lines = wrap(node_label(node, row), _FONT_SIZE, _LABEL_WIDTH, 3).lines
    url = str(row.get("url", ""))
    return {
        "label": _label("\n".join(lines)),
        "tooltip": _label(f"{node_label(node, row)} ({row.get('kind', 'thing')})"),
        "shape": style.shape,
        "style": "filled",
        "color": quoted(style.colour),
        "fillcolor": quoted(style.tint),
        **({"URL": quoted(url)} if _WEB.match(url) else {}),
    }


def _edge(edge_id: str, row: Row) -> dict[str, Any]:
    style: EdgeStyle = edge_style(row.get("modality", row.get("kind")))
    return {
        "id": quoted(edge_id),
        "label": _label(str(row.get("label", ""))),
        "color": quoted(style.colour),
        "fontcolor": quoted(style.colour),
        "style": "dashed" if style.dashes else "solid",
    }


def _data(row: Row) -> dict[str, Any]:
    return {f"data_{re.sub(r'[^A-Za-z0-9_]', '_', name)}": quoted(as_text(value)) for name, value in row.items()}
