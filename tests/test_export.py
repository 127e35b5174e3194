"""Every export format is read back, with another library than the one that wrote it where there is one."""

import csv
import io
import json
import keyword
import math
import random
import re
import shutil
import subprocess
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import html5lib
import networkx as nx
import pydot
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from graph.export import FORMATS, export
from graph.export.attributes import XML_TYPES, column_types, flatten
from graph.export.csv import HEADER
from graph.export.layout import Box, arrange
from graph.export.style import NODES
from graph.export.text import clusters, width, wrap

SVG = {"s": "http://www.w3.org/2000/svg"}
GRAPHML = {"g": "http://graphml.graphdrawing.org/xmlns"}
GEXF = {"g": "http://gexf.net/1.3"}

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<b>markup</b>",
    "\"quotes\" and 'quotes'",
    "back\\slash\\",
    "two\nlines\r\nand\rthree",
    "&amp; &lt; &",
    "مرحبا بالعالم العربي",
    "\u202eright to left override",
    "👩‍👩‍👧‍👦 🇨🇳 🎉",
    "x" * 500,
    "word " * 120,
    "北京抖音信息服务有限公司对外贸易经营者备案登记表",
    "]]> --> %%title ${1} {{1}}",
    "line\u2028and\u2029paragraph",
    "null\x00bell\x07not\ufffea\ufffftext",
    "a" + "\u0301" * 300,
    "graph",
    "   ",
]


def sample(nodes: int, seed: int = 7) -> nx.MultiDiGraph:
    """A network as the contract describes it: parallel edges, loops, missing values, isolated nodes."""
    chance = random.Random(seed)
    network = nx.MultiDiGraph(
        title=f"A network of {nodes}",
        as_of=date(2025, 1, 19),
        focus="https://w3id.org/vinculum/id/n0",
        source_line="PL 118-50",
    )
    iris = [f"https://w3id.org/vinculum/id/n{number}" for number in range(nodes)]
    for number, iri in enumerate(iris):
        words = ["Ministry", "of", "Commerce", "Beijing", "Technology", "Act", "Ltd."]
        label = " ".join([*chance.choices(words, k=chance.randint(1, 7)), str(number)])
        more: dict[str, Any] = {"url": "https://example.org/"} if number % 2 else {"url": None}
        network.add_node(iri, id=f"n{number}", label=label, kind=chance.choice(list(NODES)), **more)
    linked = iris[: max(1, nodes - 2)]
    for number in range(int(nodes * 1.3)):
        add_edge(network, chance.choice(linked), chance.choice(linked), number)
    if nodes > 3:
        for number, (source, target) in enumerate([(0, 1), (0, 1), (1, 0), (2, 2), (2, 2)], start=nodes * 2):
            add_edge(network, iris[source], iris[target], number)
    return network


def add_edge(network: nx.MultiDiGraph, source: str, target: str, number: int) -> None:
    kind = ("must", "must-not", "may", "owns", "issued")[number % 5]
    network.add_edge(
        source,
        target,
        key=f"https://w3id.org/vinculum/edge/{number}",
        kind=kind,
        predicate=f"https://w3id.org/vinculum/def/edge/{kind}",
        label=kind.replace("-", " "),
        via=None,
        valid_from=date(2024, 4, 24) if number % 3 else None,
        valid_until=None,
        share=Decimal("0.45") if kind == "owns" else None,
        sources=["PL 118-50", "EO 14352"],
        graph="https://w3id.org/vinculum/graph/case",
    )


def hostile() -> nx.MultiDiGraph:
    network = nx.MultiDiGraph(title=HOSTILE[1], as_of=None, focus=None, source_line=HOSTILE[3])
    for number, label in enumerate(HOSTILE):
        network.add_node(f"urn:n:{number}", id=f"n{number}", label=label, kind="company", url="javascript:alert(1)")
    for number, label in enumerate(HOSTILE):
        target = f"urn:n:{(number * 5 + 1) % len(HOSTILE)}"
        network.add_edge(f"urn:n:{number}", target, key=f"k{number}", kind=label, label=label, sources=[label])
    return network


# ---- Random networks.

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
dates = st.dates(date(1000, 1, 1))
longs = st.integers(-(2**53), 2**53)
decimals = st.decimals(0, 1, places=4)
values = {
    "note": st.none() | texts,
    "listed": st.none() | st.booleans(),
    "employees": st.none() | longs,
    "weight": st.none() | st.floats(allow_nan=True),
    "founded": st.none() | dates,
    "names": st.none() | st.lists(texts, max_size=3) | st.tuples(texts, texts),
    "mixed": st.none() | st.booleans() | longs | texts,
}
node_data = st.fixed_dictionaries(
    {"id": st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), "label": texts, "kind": st.sampled_from(list(NODES))},
    optional=values,
)
edge_data = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["owns", "must", "must-not", "may", "issued"]),
        "predicate": st.just("https://w3id.org/vinculum/def/edge/owns"),
        "label": texts,
        "via": st.none() | st.just("urn:via"),
        "valid_from": st.none() | dates,
        "valid_until": st.none() | dates,
        "share": st.none() | decimals,
        "sources": st.lists(texts, max_size=2),
        "graph": st.just("urn:graph"),
    }
)


@st.composite
def networks(draw: st.DrawFn) -> nx.MultiDiGraph:
    facts = st.fixed_dictionaries(
        {"title": texts, "as_of": st.none() | dates, "focus": st.none(), "source_line": st.none() | texts}
    )
    network = nx.MultiDiGraph(**draw(facts))
    names = [f"urn:n:{number}" for number in range(draw(st.integers(0, 5)))]
    for name in names:
        network.add_node(name, **draw(node_data))
    if names:
        ends = st.sampled_from(names)
        keys = st.sampled_from(["a", "b", "a~2", "urn:n:0"])
        for source, target, key, data in draw(st.lists(st.tuples(ends, ends, keys, edge_data), max_size=8)):
            network.add_edge(source, target, key=key)
            network.edges[source, target, key].update(data)
    return network


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Rows = dict[str, dict[str, Any]]
Ends = dict[str, tuple[str, str]]


def expected(network: nx.MultiDiGraph) -> tuple[Rows, Rows, Ends]:
    """Nodes by IRI, edges by id, and the ends of the edges, all flat."""
    flat = flatten(network)
    edges = list(flat.edges(keys=True, data=True))
    return (
        {node: dict(row) for node, row in flat.nodes(data=True)},
        {edge: dict(row) for _, _, edge, row in edges},
        {edge: (source, target) for source, target, edge, _ in edges},
    )


# ---- The rule of the attributes.


@pytest.mark.parametrize(
    ("value", "flat"),
    [
        ("text", "text"),
        ("", None),
        (None, None),
        ([], None),
        (True, True),
        (3, 3),
        (0.5, 0.5),
        (math.nan, None),
        (Decimal("0.45"), 0.45),
        (Decimal("NaN"), None),
        (date(2025, 1, 19), "2025-01-19"),
        (["a", "b"], "a | b"),
        ((1, date(2025, 1, 19), None), "1 | 2025-01-19"),
        ("a\x00\x1b\x9b\ufdd0\U0001ffff\ud800b\r\nc\rd", "ab\nc\nd"),
    ],
)
def test_a_value_is_flattened_by_the_rule(value: object, flat: object) -> None:
    network = nx.MultiDiGraph()
    network.add_node("urn:n", value=value)
    assert flatten(network).nodes["urn:n"].get("value") == flat


def test_an_attribute_has_one_type_in_the_whole_network() -> None:
    network = nx.MultiDiGraph()
    network.add_node("urn:1", size=1, flag=True)
    network.add_node("urn:2", size=0.5, flag="yes")
    assert dict(flatten(network).nodes["urn:1"]) == {"size": 1.0, "flag": "true"}
    assert isinstance(flatten(network).nodes["urn:1"]["size"], float)


def test_reserved_names_are_changed() -> None:
    network = nx.MultiDiGraph()
    network.add_node("urn:1", id="slug", source="a", target="b", parent="c")
    assert dict(flatten(network).nodes["urn:1"]) == {"slug": "slug", "source_": "a", "target_": "b", "parent_": "c"}


def test_a_value_without_a_rule_is_refused() -> None:
    network = nx.MultiDiGraph()
    network.add_node("urn:1", odd={1, 2})
    with pytest.raises(TypeError, match="set"):
        export(network, "csv")


@given(networks())
@quick
def test_edge_ids_are_unique_in_the_document(network: nx.MultiDiGraph) -> None:
    nodes, edges, _ = expected(network)
    assert len(edges) == network.number_of_edges()
    assert not set(edges) & set(nodes)


# ---- All formats.


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="graphml, gexf, cytoscape, dot, csv, svg, html"):
        export(sample(2), "pdf")


def test_a_format_is_registered_under_its_name() -> None:
    assert [known.name for known in FORMATS.values()] == list(FORMATS)
    assert len({known.suffix for known in FORMATS.values()}) == len(FORMATS)
    assert not any(keyword.iskeyword(name) for name in FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_equal_networks_give_equal_bytes(name: str) -> None:
    network = sample(12)
    again = nx.MultiDiGraph(**network.graph)
    again.add_nodes_from(reversed(list(network.nodes(data=True))))
    again.add_edges_from(reversed(list(network.edges(keys=True, data=True))))
    assert export(network, name) == export(again, name)


@pytest.mark.parametrize("name", FORMATS)
def test_writing_leaves_the_network_as_it_was(name: str) -> None:
    network, before = sample(6), sample(6)
    export(network, name)
    assert nx.utils.graphs_equal(network, before)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("nodes", [0, 1])
def test_tiny_networks_can_be_written(name: str, nodes: int) -> None:
    assert export(sample(nodes) if nodes else nx.MultiDiGraph(), name).decode()


@pytest.mark.parametrize("name", ["graphml", "gexf", "cytoscape", "dot", "csv", "svg", "html"])
def test_hostile_labels_are_written(name: str) -> None:
    assert export(hostile(), name).decode()


# ---- GraphML.


def typed(text: str | None, kind: str) -> Any:
    assert text is not None
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    return {"string": str, "long": int, "double": float}[kind](text)


def graphml_rows(document: etree._Element, name: str) -> Rows:
    keys = {key.get("id"): key for key in document.findall("g:key", GRAPHML)}

    def row(element: etree._Element) -> dict[str, Any]:
        pairs = [(keys[data.get("key")], data.text) for data in element.findall("g:data", GRAPHML)]
        assert all(key.get("for") == name for key, _ in pairs)
        return {key.get("attr.name"): typed(text, key.get("attr.type")) for key, text in pairs}

    return {element.get("id"): row(element) for element in document.iterfind(f".//g:{name}", GRAPHML)}


@given(networks())
@quick
def test_graphml_keeps_types_parallel_edges_and_missing_values(network: nx.MultiDiGraph) -> None:
    document = etree.fromstring(export(network, "graphml"))
    nodes, edges, ends = expected(network)
    assert graphml_rows(document, "node") == nodes
    assert graphml_rows(document, "edge") == edges
    assert graphml_rows(document, "graph")[None] == flatten(network).graph  # type: ignore[index]
    found = {
        edge.get("id"): (edge.get("source"), edge.get("target")) for edge in document.iterfind(".//g:edge", GRAPHML)
    }
    assert found == ends


@given(networks())
@quick
def test_graphml_is_read_by_networkx(network: nx.MultiDiGraph) -> None:
    read = nx.read_graphml(io.BytesIO(export(network, "graphml")), edge_key_type=str, force_multigraph=True)
    assert nx.utils.graphs_equal(read_without_defaults(read), flatten(network))


def read_without_defaults(read: nx.MultiDiGraph) -> nx.MultiDiGraph:
    for name in ("node_default", "edge_default"):
        read.graph.pop(name, None)
    return read


def test_graphml_has_the_structure_of_its_schema() -> None:
    document = etree.fromstring(export(sample(8), "graphml"))
    names = [etree.QName(child).localname for child in document]
    assert names == ["key"] * (len(names) - 1) + ["graph"]
    assert {key.get("attr.type") for key in document.iterfind("g:key", GRAPHML)} <= {
        "boolean",
        "long",
        "double",
        "string",
    }
    graph = document.find("g:graph", GRAPHML)
    assert graph is not None
    assert graph.get("edgedefault") == "directed"


# ---- GEXF.


def gexf_rows(document: etree._Element, name: str) -> Rows:
    declared = document.iterfind(f".//g:attributes[@class='{name}']/g:attribute", GEXF)
    columns = {column.get("id"): column for column in declared}

    def row(element: etree._Element) -> dict[str, Any]:
        pairs = [(columns[value.get("for")], value.get("value")) for value in element.iterfind(".//g:attvalue", GEXF)]
        return {column.get("title"): typed(text, column.get("type")) for column, text in pairs}

    return {element.get("id"): row(element) for element in document.iterfind(f".//g:{name}", GEXF)}


@given(networks())
@quick
def test_gexf_keeps_types_parallel_edges_and_missing_values(network: nx.MultiDiGraph) -> None:
    document = etree.fromstring(export(network, "gexf"))
    nodes, edges, ends = expected(network)
    assert gexf_rows(document, "node") == {node: unlabelled(row) for node, row in nodes.items()}
    assert gexf_rows(document, "edge") == {edge: unlabelled(row) for edge, row in edges.items()}
    for element in document.iterfind(".//g:node", GEXF):
        assert element.get("label") == nodes[element.get("id")].get("label", element.get("id"))
    for element in document.iterfind(".//g:edge", GEXF):
        row = edges[element.get("id")]
        assert (element.get("source"), element.get("target")) == ends[element.get("id")]
        assert (element.get("label"), element.get("kind")) == (row.get("label"), row["kind"])


def unlabelled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "label"}


@given(networks())
@quick
def test_gexf_is_read_by_networkx(network: nx.MultiDiGraph) -> None:
    read = nx.read_gexf(io.BytesIO(export(network, "gexf")), version="1.3")
    nodes, edges, ends = expected(network)
    assert dict(read.nodes(data=True)) == {n: {"label": n, **row} for n, row in nodes.items()}
    found = {row.pop("id"): ((source, target), row) for source, target, row in read.edges(data=True)}
    assert found == {edge: (ends[edge], row) for edge, row in edges.items()}


def test_gexf_has_the_structure_of_its_schema() -> None:
    document = etree.fromstring(export(sample(8), "gexf"))
    assert document.get("version") == "1.3"
    assert [etree.QName(child).localname for child in document] == ["meta", "graph"]
    graph = document.find("g:graph", GEXF)
    assert graph is not None
    assert dict(graph.attrib) == {"mode": "static", "defaultedgetype": "directed", "idtype": "string"}
    assert [etree.QName(child).localname for child in graph] == ["attributes", "attributes", "nodes", "edges"]
    assert "As of 2025-01-19" in document.findtext("g:meta/g:description", "", GEXF)


# ---- Cytoscape.js JSON.


@given(networks())
@quick
def test_cytoscape_keeps_types_parallel_edges_and_missing_values(network: nx.MultiDiGraph) -> None:
    assert_elements(json.loads(export(network, "cytoscape")), network)


def assert_elements(document: Any, network: nx.MultiDiGraph) -> None:
    nodes, edges, ends = expected(network)
    assert document["data"] == flatten(network).graph
    read_nodes = [node["data"] for node in document["elements"]["nodes"]]
    read_edges = [edge["data"] for edge in document["elements"]["edges"]]
    assert read_nodes == [{"id": node, **row} for node, row in nodes.items()]
    expected_edges = [
        {"id": edge, "source": ends[edge][0], "target": ends[edge][1], **row} for edge, row in edges.items()
    ]
    assert read_edges == expected_edges
    for read, wanted in zip([*read_nodes, *read_edges], [*nodes.values(), *edges.values()], strict=True):
        assert all(type(read[name]) is type(value) for name, value in wanted.items())


# ---- DOT.

unquoted = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def dot_text(quoted: str) -> str:
    assert quoted[0] == quoted[-1] == '"'
    return re.sub(r'\\[\\"n]', lambda found: unquoted[found[0]], quoted[1:-1])


def dot_data(attributes: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("data_"): dot_text(text) for name, text in attributes.items() if name.startswith("data_")}


def as_texts(row: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in row.items()}


@given(networks())
@settings(quick, max_examples=15)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:pydot")
def test_dot_is_read_by_pydot(network: nx.MultiDiGraph) -> None:
    (graph,) = pydot.graph_from_dot_data(export(network, "dot").decode()) or []
    nodes, edges, ends = expected(network)
    read_nodes = {dot_text(n.get_name()): n for n in graph.get_nodes() if n.get_name() not in ("node", "edge")}
    assert {name: dot_data(node.get_attributes()) for name, node in read_nodes.items()} == {
        node: as_texts(row) for node, row in nodes.items()
    }
    read_edges = {dot_text(edge.get("id")): edge for edge in graph.get_edges()}
    assert {edge: dot_data(read.get_attributes()) for edge, read in read_edges.items()} == {
        edge: as_texts(row) for edge, row in edges.items()
    }
    assert {
        e: (dot_text(read.get_source()), dot_text(read.get_destination())) for e, read in read_edges.items()
    } == ends


if shutil.which("dot"):  # Graphviz is a system package, which the project's CI installs

    @pytest.mark.parametrize("network", [sample(12), hostile()], ids=["sample", "hostile"])
    def test_dot_is_read_by_graphviz(network: nx.MultiDiGraph) -> None:
        run = subprocess.run(
            ["dot", "-Tdot_json"], input=export(network, "dot"), capture_output=True, check=True, timeout=30
        )
        read = json.loads(run.stdout)
        nodes, edges, _ = expected(network)
        assert {node["name"] for node in read["objects"]} == set(nodes)
        assert Counter(edge["id"] for edge in read["edges"]) == Counter(list(edges))
        assert not run.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pydot")
def test_dot_takes_no_label_for_markup() -> None:
    (graph,) = pydot.graph_from_dot_data(export(hostile(), "dot").decode()) or []
    labels = [node.get("label") for node in graph.get_nodes() if node.get("label")]
    assert all(label.startswith('"') for label in labels)
    assert not [node for node in graph.get_nodes() if node.get("URL")]


# ---- CSV.


@given(networks())
@quick
def test_csv_has_each_edge_and_each_isolated_node(network: nx.MultiDiGraph) -> None:
    text = export(network, "csv").decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    nodes, edges, ends = expected(network)
    assert text.startswith(",".join(HEADER) + "\r\n")
    linked = [row for row in rows if row["target"]]
    assert {row["id"]: (row["source"], row["target"]) for row in linked} == ends
    for row in linked:
        told = {name: text for name, text in row.items() if text and name in edges[row["id"]]}
        assert told == as_texts(edges[row["id"]])
        assert row["source_label"] == nodes[row["source"]].get("label", "")
    alone = [row for row in rows if not row["target"]]
    assert [row["source"] for row in alone] == list(nx.isolates(flatten(network)))
    assert {row["source_label"] for row in alone} == {nodes[row["source"]].get("label", "") for row in alone}
    assert {row["source"] for row in rows} | {row["target"] for row in linked} == set(nodes)


# ---- SVG.


def picture(network: nx.MultiDiGraph) -> etree._Element:
    return etree.fromstring(export(network, "svg"))


def node_groups(document: etree._Element) -> list[etree._Element]:
    return document.xpath("//s:g[contains(concat(' ', @class, ' '), ' node ')]", namespaces=SVG)  # type: ignore[return-value]


def shift(document: etree._Element) -> tuple[float, float]:
    group = document.find(".//s:g[@class='network']", SVG)
    assert group is not None
    x, y = re.findall(r"-?[\d.]+", group.get("transform", ""))
    return float(x), float(y)


def text_box(text: etree._Element, moved: tuple[float, float] = (0, 0)) -> Box:
    """The box of a text, from the places and the font size in the file."""
    size = float(text.get("font-size", ""))
    lines = [(float(line.get("x", "")), float(line.get("y", "")), width(line.text or "", size)) for line in text]
    widest = max(length for *_, length in lines)
    x = lines[0][0] if text.get("text-anchor") == "middle" else lines[0][0] + widest / 2
    top, bottom = lines[0][1] - size, lines[-1][1] + size * 0.3
    return Box(x + moved[0], (top + bottom) / 2 + moved[1], widest, bottom - top)


@pytest.mark.parametrize("nodes", [1, 10, 40, 120])
def test_every_label_is_on_the_page_and_none_covers_another(nodes: int) -> None:
    network = sample(nodes)
    document = picture(network)
    groups, moved = node_groups(document), shift(document)
    assert {group.get("data-id") for group in groups} == set(network)
    _, _, page_width, page_height = map(float, document.get("viewBox", "").split())
    page = Box(page_width / 2, page_height / 2, page_width, page_height)
    boxes = []
    for group in groups:
        text = group.find("s:text", SVG)
        assert text is not None
        drawn = " ".join(line.text or "" for line in text)
        label = network.nodes[group.get("data-id")]["label"]
        assert drawn == label or (drawn.endswith("…") and label.startswith(drawn[:-1]))
        boxes.append(text_box(text, moved))
    for text in document.iter("{*}text"):
        inside = text.xpath("ancestor::s:g[@class='network']", namespaces=SVG)
        box = text_box(text, moved if inside else (0, 0))
        assert box.overlap(page) == pytest.approx(box.width * box.height)
    for one, other in combinations(boxes, 2):
        assert one.overlap(other) <= 0.2 * min(one.width * one.height, other.width * other.height)


@pytest.mark.parametrize("network", [sample(25), hostile()], ids=["sample", "hostile"])
def test_a_label_lies_within_its_shape(network: nx.MultiDiGraph) -> None:
    for group in node_groups(picture(network)):
        text, shape = group.find("s:text", SVG), group.find("s:polygon", SVG)
        assert shape is not None
        corners = [tuple(map(float, point.split(","))) for point in shape.get("points", "").split()]
        if text is not None and len(text):
            box = text_box(text)
            assert min(x for x, _ in corners) <= box.left
            assert max(x for x, _ in corners) >= box.right


def test_the_picture_draws_every_edge_with_an_arrow_and_parallel_edges_apart() -> None:
    network = sample(20)
    document = picture(network)
    edges = document.findall(".//s:g[@class='edge']", SVG)
    assert {edge.get("data-id") for edge in edges} == {key for *_, key in network.edges(keys=True)}
    assert all(edge.find("s:polygon", SVG) is not None for edge in edges)
    ways = [edge.find("s:path", SVG).get("d") for edge in edges]  # type: ignore[union-attr]
    assert len(set(ways)) == len(ways)


def test_the_picture_has_title_date_source_and_a_legend_of_what_occurs() -> None:
    network = sample(10)
    document = picture(network)
    texts = [" ".join(text.itertext()) for text in document.iter("{*}text")]
    assert {"A network of 10", "As of 2025-01-19", "PL 118-50"} <= set(texts)
    legend = document.find(".//s:g[@class='legend']", SVG)
    assert legend is not None
    named = {" ".join(text.itertext()) for text in legend.iterfind("s:text", SVG)}
    kinds = {kind for _, kind in network.nodes(data="kind")}
    assert named == kinds | ({kind for *_, kind in network.edges(data="kind")} & {"must", "must-not", "may"})


def test_the_picture_is_harmless_and_self_contained() -> None:
    document = picture(hostile())
    names = {etree.QName(element).localname for element in document.iter()}
    assert names <= {"svg", "title", "rect", "g", "path", "polygon", "text", "tspan"}
    assert not any(name.startswith("on") or "href" in name for element in document.iter() for name in element.attrib)
    titles = [group.findtext("s:title", "", SVG) for group in node_groups(document)]
    assert any("x" * 500 in title for title in titles)
    assert all(len(text) <= 3 for text in document.iter("{*}text"))


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40), st.integers(1, 15))
@quick
def test_no_two_boxes_overlap(pairs: list[tuple[int, int]], count: int) -> None:
    sizes = {f"n{number}": (40.0 + 31 * number % 130, 20.0 + 17 * number % 40) for number in range(count)}
    links = [(f"n{one % count}", f"n{other % count}") for one, other in pairs]
    boxes = arrange(sizes, links)
    assert boxes == arrange(dict(reversed(sizes.items())), [(b, a) for a, b in reversed(links)])
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes.values(), 2))


@given(texts, st.integers(1, 4))
@quick
def test_wrapped_text_is_the_text(text: str, most: int) -> None:
    lines = wrap(text, 12, 80, most)
    assert len(lines.lines) <= most
    assert all(
        width(line, 12) <= max(80, max(width(cluster, 12) for cluster in clusters(line))) for line in lines.lines
    )
    if not lines.shortened:
        assert "".join("".join(lines.lines).split()) == "".join(
            cluster for word in text.split() for cluster in clusters(word)
        )


# ---- HTML.

PAGE = "{http://www.w3.org/1999/xhtml}"


def page(network: nx.MultiDiGraph) -> Any:
    parser = html5lib.HTMLParser(html5lib.treebuilders.getTreeBuilder("lxml"), strict=True)
    return parser.parse(export(network, "html").decode())


def embedded(document: Any) -> Any:
    (data,) = document.iterfind(f".//{PAGE}script[@type='application/json']")
    return json.loads(data.text)


@given(networks())
@settings(quick, max_examples=25)
def test_the_page_holds_the_network(network: nx.MultiDiGraph) -> None:
    assert_elements(embedded(page(network)), network)


@pytest.mark.parametrize("network", [sample(15), hostile()], ids=["sample", "hostile"])
def test_the_page_is_harmless_and_self_contained(network: nx.MultiDiGraph) -> None:
    document = page(network)
    assert_elements(embedded(document), network)
    assert len(list(document.iter(f"{PAGE}script"))) == 2
    assert not list(document.iter(f"{PAGE}img", f"{PAGE}link", f"{PAGE}iframe", f"{PAGE}b"))
    attributes = [name for element in document.iter("{*}*") for name in element.attrib]
    assert not [name for name in attributes if name.startswith("on") or name in ("src", "href", "style")]
    style = document.findtext(f".//{PAGE}style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_page_allows_only_its_own_script_and_style() -> None:
    document = page(sample(3))
    policy = document.find(f".//{PAGE}meta[@http-equiv]").get("content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_page_shows_title_date_source_legend_and_drawing() -> None:
    network = sample(9)
    document = page(network)
    assert document.findtext(f".//{PAGE}h1") == "A network of 9"
    assert document.findtext(f".//{PAGE}p[@id='as-of']") == "As of 2025-01-19"
    assert document.findtext(f".//{PAGE}footer") == "PL 118-50"
    legend = {"".join(entry.itertext()) for entry in document.iterfind(f".//{PAGE}ul[@class='legend']/{PAGE}li")}
    assert legend == {kind for _, kind in network.nodes(data="kind")}
    drawn = {group.get("data-id") for group in document.iterfind(".//{*}g[@data-id]")}
    assert drawn == set(network) | {key for *_, key in network.edges(keys=True)}


def test_every_type_of_column_has_a_word() -> None:
    rows = [{"a": "x", "b": True, "c": 1, "d": 0.5}]
    assert [XML_TYPES[kind] for kind in column_types(rows).values()] == ["string", "boolean", "long", "double"]
