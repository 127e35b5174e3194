"""The one rule by which every format flattens a network's attributes.

===================  =================================================================================
value                written as
===================  =================================================================================
str                  itself; line ends become ``\\n``; other control characters but the tab, Unicode's
                     noncharacters and lone surrogates go, which are what XML 1.0 and HTML forbid
bool, int            itself, typed where the format has types
float, Decimal       a double; NaN and infinities say nothing and count as missing
date, datetime       its ISO 8601 text
list, tuple          its items joined by ``" | "``
None, ``""``, empty  nothing: the attribute is absent, and is absent again when the file is read
===================  =================================================================================

An attribute has one type in the whole network, as GEXF and GraphML demand: where values differ, int and float
become float, and any other mixture becomes text.

Names that formats keep for themselves are changed everywhere: ``id`` (the slug) becomes ``slug``, while ``source``,
``target`` and ``parent`` get an underscore at their end. An edge's key becomes its id and is unique in the document,
among the nodes too: an edge whose key is already used gets ``~2``, ``~3`` and so on behind it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import networkx as nx

if TYPE_CHECKING:
    Network: TypeAlias = nx.MultiDiGraph[str]
else:
    Network = nx.MultiDiGraph

Scalar: TypeAlias = str | int | float | bool
Row: TypeAlias = dict[str, Scalar]

#: The type words GraphML and GEXF share (both follow Java and XML Schema).
XML_TYPES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "long", float: "double"}

_RENAMED: Final = {"id": "slug", "source": "source_", "target": "target_", "parent": "parent_"}
_LINE_END: Final = re.compile("\r\n|\r|\x85")
_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_FORBIDDEN: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


def flatten(network: Network) -> Network:
    """A copy of the network with flat attributes, sorted, and with edge keys that are unique in the document.

    Networks that are equal give the same copy, whatever the order they were built in. ``TypeError`` for a value the
    rule does not know.
    """
    nodes = sorted(network.nodes.items(), key=lambda node: node[0])
    edges = sorted(network.edges(keys=True, data=True), key=lambda edge: edge[:3])
    node_rows = _with_one_type([_row(data) for _, data in nodes])
    edge_rows = _with_one_type([_row(data) for *_, data in edges])
    edge_ids = _unique_ids((clean(str(key)) for *_, key, _ in edges), taken=(node for node, _ in nodes))

    flat: Network = nx.MultiDiGraph()
    flat.graph.update(_row(network.graph))
    for (node, _), row in zip(nodes, node_rows, strict=True):
        flat.add_node(node, **row)
    for (source, target, *_), edge_id, row in zip(edges, edge_ids, edge_rows, strict=True):
        flat.add_edge(source, target, edge_id)
        flat.edges[source, target, edge_id].update(row)
    return flat


def column_types(rows: Iterable[Mapping[str, Scalar]]) -> dict[str, type]:
    """The attributes that occur in the rows, in alphabetical order, each with the type that holds all its values."""
    found: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, set()).add(type(value))
    return {name: _widest(found[name]) for name in sorted(found)}


def as_text(value: Scalar) -> str:
    """A flat value as text: XML Schema's spelling, thus ``true`` and ``false``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def clean(text: str) -> str:
    """The text with ``\\n`` line ends and without the characters that XML 1.0 or HTML forbids."""
    return _FORBIDDEN.sub("", _LINE_END.sub("\n", text))


def _row(data: Mapping[str, Any]) -> Row:
    flat = ((_RENAMED.get(name, name), _flat(value)) for name, value in data.items())
    return {name: value for name, value in flat if value is not None}


def _flat(value: object) -> Scalar | None:
    match value:
        case None:
            return None
        case bool() | int():
            return value
        case float() | Decimal():
            return float(value) if math.isfinite(value) else None
        case str():
            return clean(value) or None
        case date():
            return value.isoformat()
        case list() | tuple():
            parts = (_flat(item) for item in value)
            return " | ".join(as_text(part) for part in parts if part is not None) or None
    raise TypeError(f"no format carries a value of type {type(value).__name__}: {value!r}")


def _with_one_type(rows: list[Row]) -> list[Row]:
    types = column_types(rows)
    return [{name: _as(types[name], value) for name, value in row.items()} for row in rows]


def _widest(types: set[type]) -> type:
    if len(types) == 1:
        return next(iter(types))
    return float if types == {int, float} else str


def _as(wanted: type, value: Scalar) -> Scalar:
    if wanted is float:
        return float(value)
    return as_text(value) if wanted is str else value


def _unique_ids(keys: Iterable[str], taken: Iterable[str]) -> list[str]:
    used, times = set(taken), Counter[str]()
    ids = []
    for key in keys:
        edge_id = key
        while edge_id in used or not edge_id:
            times[key] += 1
            edge_id = f"{key}~{times[key] + 1}"
        used.add(edge_id)
        ids.append(edge_id)
    return ids
