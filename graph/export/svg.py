"""SVG 1.1: a labelled picture that needs nothing but itself, no font file, no script, no style sheet.

Standard: https://www.w3.org/TR/SVG11/. The same network gives the same bytes. Labels longer than three lines end in an
ellipsis, with the whole text in the node's ``<title>``; dates and sources of edges are in theirs. Attributes beyond
these are not in the picture.
"""

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from graph.export.attributes import Network, flatten
from graph.export.drawing import add_text, draw, number, polygon, text_height
from graph.export.shapes import outline
from graph.export.style import EDGES, FONT, INK, MUTED, NODES, PAPER, edge_style, node_style
from graph.export.text import Lines, wrap

_MARGIN: Final = 28.0
_NARROWEST: Final = 480.0
_TITLE_FONT: Final = 20.0
_SMALL_FONT: Final = 11.0
_SWATCH: Final = (24.0, 14.0)


def write(network: Network) -> bytes:
    """The network as a UTF-8 SVG document: title and date above, legend and source line below the drawing."""
    flat = flatten(network)
    drawing = draw(flat)
    width = max(drawing.area.width + 2 * _MARGIN, _NARROWEST)
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font-family": FONT})
    SubElement(root, "title").text = str(flat.graph.get("title", "Network"))
    paper = SubElement(root, "rect", {"fill": PAPER})

    y = _add_header(root, flat, width) + _MARGIN / 2
    left = (width - drawing.area.width) / 2
    shift = number(left - drawing.area.left), number(y - drawing.area.top)
    drawing.group.set("transform", f"translate({shift[0]} {shift[1]})")
    root.append(drawing.group)
    height = _add_footer(root, flat, width, y + drawing.area.height + _MARGIN) + _MARGIN / 2

    size = {"width": number(width), "height": number(height)}
    for element in (root, paper):
        element.attrib.update(size)
    root.set("viewBox", f"0 0 {size['width']} {size['height']}")
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def swatch(kind: str) -> Element:
    """A node's outline in small, at the origin, as the legend shows it."""
    style = node_style(kind)
    corners = outline(style.shape, *_SWATCH)
    return Element("polygon", {"points": polygon(corners), "fill": style.tint, "stroke": style.colour})


def node_kinds(flat: Network) -> list[str]:
    """The kinds of nodes that occur, in the order of the table of styles, unknown ones as ``thing``."""
    present = [node_style(row.get("kind")) for row in flat.nodes.values()]
    return [kind for kind, style in NODES.items() if style in present]


def edge_kinds(flat: Network) -> list[str]:
    """The kinds of edges with a look of their own that occur."""
    present = [edge_style(row.get("modality", row.get("kind"))) for row in flat.edges.values()]
    return [kind for kind, style in EDGES.items() if style in present]


def _add_header(root: Element, flat: Network, width: float) -> float:
    """Draw title and date at the top; the height they end at."""
    y = _MARGIN
    title = wrap(str(flat.graph.get("title", "")), _TITLE_FONT, (width - 2 * _MARGIN) / 1.08, 2)
    y = _add_block(root, title, _TITLE_FONT, y, INK, bold=True)
    if "as_of" in flat.graph:
        line = wrap(f"As of {flat.graph['as_of']}", _SMALL_FONT, width - 2 * _MARGIN, 1)
        y = _add_block(root, line, _SMALL_FONT, y + 2, MUTED)
    return y


def _add_footer(root: Element, flat: Network, width: float, y: float) -> float:
    """Draw legend and source line from this height on; the height they end at."""
    legend = SubElement(root, "g", {"class": "legend"})
    entries = [(kind, swatch(kind)) for kind in node_kinds(flat)] + [(kind, _dash(kind)) for kind in edge_kinds(flat)]
    y = _add_legend(legend, entries, width, y)
    source = wrap(str(flat.graph.get("source_line", "")), _SMALL_FONT, width - 2 * _MARGIN, 3)
    return _add_block(root, source, _SMALL_FONT, y, MUTED)


def _add_legend(parent: Element, entries: Iterable[tuple[str, Element]], width: float, y: float) -> float:
    x, line_height = _MARGIN, 22.0
    y += line_height / 2
    for name, symbol in entries:
        label = wrap(name, _SMALL_FONT, width, 1)
        needed = _SWATCH[0] + 7 + label.width + 18
        if x > _MARGIN and x + needed > width - _MARGIN:
            x, y = _MARGIN, y + line_height
        symbol.set("transform", f"translate({number(x + _SWATCH[0] / 2)} {number(y)})")
        parent.append(symbol)
        add_text(parent, label, _SMALL_FONT, (x + _SWATCH[0] + 7, y), fill=INK)
        x += needed
    return y + line_height / 2 + 4


def _dash(kind: str) -> Element:
    style = edge_style(kind)
    dashes = {"stroke-dasharray": style.dashes} if style.dashes else {}
    half = number(_SWATCH[0] / 2)
    return Element("path", {"d": f"M-{half} 0 H{half}", "stroke": style.colour, "stroke-width": "2", **dashes})


def _add_block(root: Element, text: Lines, size: float, y: float, colour: str, *, bold: bool = False) -> float:
    """Draw lines at the left margin from this height on; the height they end at."""
    if not text.lines:
        return y
    height = text_height(text, size)
    weight = {"font-weight": "bold"} if bold else {}
    add_text(root, text, size, (_MARGIN, y + height / 2), fill=colour, **weight)
    return y + height
