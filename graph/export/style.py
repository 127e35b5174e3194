"""How each kind of node and edge looks: the one table that SVG, HTML and DOT share.

Shapes carry Graphviz's names. Related kinds share a shape and differ in colour, and no kind is told by colour alone:
each node also says its kind in its title. The colours keep a contrast of at least 4.5:1 with white.
"""

from dataclasses import dataclass
from typing import Final

INK: Final = "#1f2430"
MUTED: Final = "#667080"
PAPER: Final = "#ffffff"

FONT: Final = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'Noto Sans CJK SC', sans-serif"


@dataclass(frozen=True)
class NodeStyle:
    """A node's outline, by Graphviz's name of the shape, and the colour of its border."""

    shape: str
    colour: str

    @property
    def tint(self) -> str:
        """The border's colour thinned to a background on which dark text is easy to read."""
        return mix(self.colour, PAPER, 0.13)


@dataclass(frozen=True)
class EdgeStyle:
    """An edge's colour and, for a line that is not solid, its SVG dash pattern."""

    colour: str
    dashes: str | None = None


NODES: Final[dict[str, NodeStyle]] = {
    "company": NodeStyle("box", "#2b64a8"),
    "organization": NodeStyle("hexagon", "#1b7280"),
    "authority": NodeStyle("octagon", "#5848a8"),
    "unit": NodeStyle("trapezium", "#456f9a"),
    "person": NodeStyle("ellipse", "#a85a1c"),
    "country": NodeStyle("hexagon", "#4d6a2f"),
    "product": NodeStyle("parallelogram", "#2f7a45"),
    "technology": NodeStyle("parallelogram", "#66751a"),
    "instrument": NodeStyle("note", "#80502c"),
    "provision": NodeStyle("note", "#94701a"),
    "entry": NodeStyle("note", "#71695a"),
    "proceeding": NodeStyle("octagon", "#a63446"),
    "event": NodeStyle("cds", "#b04a2a"),
    "claim": NodeStyle("ellipse", "#9a4583"),
    "position": NodeStyle("invtrapezium", "#86358c"),
    "thing": NodeStyle("box", "#636b78"),
}

#: What binds, forbids and allows stands out; every other edge is drawn like ``PLAIN_EDGE``.
EDGES: Final[dict[str, EdgeStyle]] = {
    "must": EdgeStyle("#22508c"),
    "must-not": EdgeStyle("#a8283c"),
    "may": EdgeStyle("#2f7a45", "6 3"),
    "has-power-to": EdgeStyle("#86358c", "6 3"),
}

PLAIN_EDGE: Final = EdgeStyle("#7b8494")


def node_style(kind: object) -> NodeStyle:
    """The style of a kind of node; an unknown kind looks like a ``thing``."""
    return NODES.get(str(kind), NODES["thing"])


def edge_style(kind: object) -> EdgeStyle:
    """The style of a kind of edge; ``must_not`` and ``must not`` are ``must-not``."""
    return EDGES.get(str(kind).lower().replace("_", "-").replace(" ", "-"), PLAIN_EDGE)


def mix(colour: str, other: str, share: float) -> str:
    """The ``#rrggbb`` colour that is ``share`` of ``colour`` and the rest of ``other``."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
