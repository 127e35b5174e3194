"""One HTML page to explore a network, from disk and without a network connection.

The page holds the same drawing as the SVG, so it shows something even where scripts are off and prints as a picture;
the script adds panning, zooming, details, search and switches for the kinds of edges. The data lie in the page as
Cytoscape.js JSON. Standards: https://html.spec.whatwg.org/, https://www.w3.org/TR/CSP3/.

Nothing in a label can run: text is escaped where it is placed, ``<``, ``>``, ``&`` and JavaScript's line separators
are escaped in the JSON, the script adds text only as text and links only to the web, and the page's
Content-Security-Policy allows its own script and style, by their hashes, and nothing from elsewhere.
"""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from graph.export.attributes import Network, flatten
from graph.export.cytoscape import elements
from graph.export.drawing import draw, number
from graph.export.style import EDGES, FONT, NODES, PAPER, PLAIN_EDGE, mix
from graph.export.svg import node_kinds, swatch

_MARGIN: Final = 24.0
_NIGHT: Final = "#171a21"
_ESCAPES: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class _Page(Template):
    delimiter = "%%"


def write(network: Network) -> bytes:
    """The network as one UTF-8 HTML page with everything in it."""
    flat = flatten(network)
    style = _part("page.css") + _night_rules()
    script = _part("page.js")
    facts = {name: escape(str(flat.graph.get(name, ""))) for name in ("title", "as_of", "source_line")}
    page = _Page(_part("page.html")).substitute(
        title=facts["title"] or "Network",
        as_of=f"As of {facts['as_of']}" if facts["as_of"] else "",
        source_line=facts["source_line"],
        legend="".join(_legend_entry(kind) for kind in node_kinds(flat)),
        drawing=_drawing(flat),
        data=_embedded({"data": flat.graph, "elements": elements(flat)}),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )
    return page.encode()


def _part(name: str) -> str:
    return files("graph.export").joinpath(name).read_text(encoding="utf-8")


def _embedded(data: object) -> str:
    """The data as JSON that stays JSON inside a ``<script>`` element, whatever its texts are."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).translate(_ESCAPES)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _drawing(flat: Network) -> str:
    drawing = draw(flat)
    area = drawing.area
    corner = area.left - _MARGIN, area.top - _MARGIN
    view = (*corner, area.width + 2 * _MARGIN, area.height + 2 * _MARGIN)
    root = Element("svg", {"id": "canvas", "viewBox": " ".join(map(number, view)), "font-family": FONT})
    root.append(drawing.group)
    return ElementTree.tostring(root, encoding="unicode")


def _legend_entry(kind: str) -> str:
    icon = Element("svg", {"viewBox": "-14 -9 28 18", "width": "28", "height": "18", "aria-hidden": "true"})
    icon.append(swatch(kind))
    return f"<li>{ElementTree.tostring(icon, encoding='unicode')}{kind}</li>"


def _night_rules() -> str:
    """What each colour of the drawing turns into at night."""
    colours = [node.colour for node in NODES.values()] + [edge.colour for edge in (*EDGES.values(), PLAIN_EDGE)]
    lines = {colour: mix(colour, PAPER, 0.68) for colour in colours}
    areas = {style.tint: mix(style.colour, _NIGHT, 0.3) for style in NODES.values()}
    rules = [f'svg [stroke="{day}"] {{ stroke: {night} }}' for day, night in lines.items()]
    rules += [f'svg [fill="{day}"] {{ fill: {night} }}' for day, night in (lines | areas).items()]
    return "@media screen and (prefers-color-scheme: dark) {\n  " + "\n  ".join(rules) + "\n}"
