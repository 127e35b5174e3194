"""A network drawn: the SVG group of its edges and nodes and the area it covers, for the picture and the page alike.

Edges lie below their labels, labels below nodes. A label of an edge takes the place along the edge where it covers
least; nodes cover whatever still lies under them, so a node's label is always whole. Every node and edge says its full
text in its ``<title>``, and carries ``data-id`` and ``data-kind`` for scripts.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from graph.export.attributes import Network, Row
from graph.export.layout import Box, around, arrange, cheapest
from graph.export.routes import Route, loop_height, routes
from graph.export.shapes import Point, outline, size_around
from graph.export.style import INK, PAPER, edge_style, node_style
from graph.export.text import Lines, wrap

_NODE_FONT: Final = 12.0
_EDGE_FONT: Final = 10.0
_LEADING: Final = 1.25
_NODE_WIDTH: Final = 150.0
_EDGE_WIDTH: Final = 110.0
_PADDING: Final = (22.0, 14.0)
_SPOTS: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)


@dataclass(frozen=True)
class Drawing:
    """A ``<g>`` element and the box everything in it lies within."""

    group: Element
    area: Box


def draw(flat: Network) -> Drawing:
    """The drawing of a flat network, laid out anew."""
    labels = {node: wrap(node_label(node, row), _NODE_FONT, _NODE_WIDTH, 3) for node, row in flat.nodes(data=True)}
    sizes = {node: _node_size(row, labels[node]) for node, row in flat.nodes(data=True)}
    boxes = _boxes(flat, sizes)
    outlines = {node: _outline(row, boxes[node]) for node, row in flat.nodes(data=True)}
    edges = list(flat.edges(keys=True, data=True))
    ways = routes([(source, target) for source, target, *_ in edges], boxes, outlines)
    texts = [wrap(str(row.get("label", "")), _EDGE_FONT, _EDGE_WIDTH, 2) for *_, row in edges]
    plates = _plates(texts, ways, list(boxes.values()))

    group = Element("g", {"class": "network"})
    for (source, target, edge_id, row), way in zip(edges, ways, strict=True):
        _add_line(group, edge_id, row, way, _edge_title(flat, source, target, row))
    for (*_, edge_id, row), text, plate in zip(edges, texts, plates, strict=True):
        if text.lines:
            _add_edge_label(group, edge_id, row, text, plate)
    for node, row in flat.nodes(data=True):
        focused = node == flat.graph.get("focus")
        _add_node(group, node, row, labels[node], boxes[node], outlines[node], focused=focused)
    bends = [Box(*point, 0, 0) for way in ways for point in (way.at(0.25), way.at(0.5), way.at(0.75))]
    return Drawing(group, around([*boxes.values(), *plates, *bends]))


def node_label(node: str, row: Row) -> str:
    """What a node is called: its label, or else its slug, or else its IRI."""
    return str(row.get("label") or row.get("slug") or node)


def add_text(parent: Element, text: Lines, size: float, at: Point, **words: str) -> Element:
    """Lines of text below each other, the middle of the whole block at a height of ``at``; returns the ``<text>``."""
    x, y = at
    first = y - (len(text.lines) - 1) * size * _LEADING / 2 + size * 0.35
    element = SubElement(parent, "text", {"font-size": number(size), **words})
    for place, line in enumerate(text.lines):
        where = {"x": number(x), "y": number(first + place * size * _LEADING)}
        SubElement(element, "tspan", where).text = line
    return element


def text_height(text: Lines, size: float) -> float:
    """The height of the lines of text."""
    return len(text.lines) * size * _LEADING


def polygon(corners: list[Point]) -> str:
    """Corners as SVG's ``points``."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def number(value: float) -> str:
    """A coordinate with one decimal, so that rounding errors do not reach the file."""
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def _node_size(row: Row, label: Lines) -> tuple[float, float]:
    width, height = label.width + _PADDING[0], text_height(label, _NODE_FONT) + _PADDING[1]
    return size_around(node_style(row.get("kind")).shape, max(width, 44), height)


def _boxes(flat: Network, sizes: dict[str, tuple[float, float]]) -> dict[str, Box]:
    """The nodes' boxes; a node with loops gets room for them on both sides, so that it stays the middle."""
    loops = Counter(source for source, target in flat.edges() if source == target)
    rooms = {node: (width, height + _room(loops[node])) for node, (width, height) in sizes.items()}
    places = arrange(rooms, flat.edges())
    return {node: Box(places[node].x, places[node].y, *sizes[node]) for node in sizes}


def _room(loops: int) -> float:
    return 2 * loop_height(loops - 1) if loops else 0.0


def _outline(row: Row, box: Box) -> list[Point]:
    corners = outline(node_style(row.get("kind")).shape, box.width, box.height)
    return [(box.x + x, box.y + y) for x, y in corners]


def _plates(texts: list[Lines], ways: list[Route], taken: list[Box]) -> list[Box]:
    """Where the labels of the edges go: for each the spot on its edge where it covers least of what is taken."""
    taken, plates = list(taken), []
    for text, way in zip(texts, ways, strict=True):
        size = (text.width + 6, text_height(text, _EDGE_FONT) + 2) if text.lines else (0.0, 0.0)
        spots = (Box(*way.at(t), *size) for t in _SPOTS)
        best = cheapest(spots, lambda spot: sum(map(spot.overlap, taken)))
        taken.append(best)
        plates.append(best)
    return plates


def _add_line(parent: Element, edge_id: str, row: Row, way: Route, title: str) -> None:
    style = edge_style(row.get("modality", row.get("kind")))
    edge = SubElement(parent, "g", _words("edge", edge_id, row))
    SubElement(edge, "title").text = title
    points = [f"{number(x)} {number(y)}" for x, y in (way.start, way.first, way.second, way.end)]
    line = {"class": "line", "d": f"M{points[0]} C{', '.join(points[1:])}", "fill": "none", "stroke": style.colour}
    dashes = {"stroke-dasharray": style.dashes} if style.dashes else {}
    SubElement(edge, "path", {**line, "stroke-width": "1.3", **dashes})
    SubElement(edge, "polygon", {"class": "head", "points": polygon(way.arrow()), "fill": style.colour})


def _add_edge_label(parent: Element, edge_id: str, row: Row, text: Lines, plate: Box) -> None:
    label = SubElement(parent, "g", _words("edge-label", edge_id, row))
    corner = {"x": number(plate.left), "y": number(plate.top)}
    size = {"width": number(plate.width), "height": number(plate.height)}
    paper = {"class": "plate", "rx": "3", "fill": PAPER, "fill-opacity": "0.88"}
    SubElement(label, "rect", {**corner, **size, **paper})
    words = {"text-anchor": "middle", "fill": edge_style(row.get("modality", row.get("kind"))).colour}
    add_text(label, text, _EDGE_FONT, (plate.x, plate.y), **words)


def _add_node(
    parent: Element, node: str, row: Row, label: Lines, box: Box, corners: list[Point], *, focused: bool
) -> None:
    style = node_style(row.get("kind"))
    element = SubElement(parent, "g", _words("node focus" if focused else "node", node, row))
    SubElement(element, "title").text = f"{node_label(node, row)} ({row.get('kind', 'thing')})"
    shape = {"class": "shape", "points": polygon(corners), "fill": style.tint, "stroke": style.colour}
    SubElement(element, "polygon", {**shape, "stroke-width": "3" if focused else "1.4", "stroke-linejoin": "round"})
    weight = {"font-weight": "bold"} if focused else {}
    add_text(element, label, _NODE_FONT, (box.x, box.y), **{"text-anchor": "middle", "fill": INK}, **weight)


def _edge_title(flat: Network, source: str, target: str, row: Row) -> str:
    ends = (node_label(node, flat.nodes[node]) for node in (source, target))
    told = [name for name in ("valid_from", "valid_until", "share", "sources") if name in row]
    facts = [f"{name.replace('_', ' ')}: {row[name]}" for name in told]
    return "\n".join([f" {row.get('label') or row.get('kind', '→')} ".join(ends), *facts])


def _words(name: str, identity: str, row: Row) -> dict[str, str]:
    return {"class": name, "data-id": identity, "data-kind": str(row.get("kind", ""))}
