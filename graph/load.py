"""Filling the store: the shipped knowledge on the first start, and any RDF a user brings.

A file of triples becomes a named graph of its own, which the catalogue declares (`dcat:Dataset`) with its file, hash
and time; a file of quads goes where it says. What is loaded is validated, and nothing stays of a load that fails.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast
from urllib.parse import quote

import pyoxigraph as ox
import rdflib

import ontology
from graph.change import cleared, commit, refuse_derived
from graph.derive import derive
from graph.errors import BadData, BadRequest, NotFound, UnsupportedMedia
from graph.sparql import library
from graph.store import Dataset, EmbeddedStore
from graph.store.embedded import operation
from graph.terms import check_iri, text
from graph.validate import Finding, place, refuse, undescribed, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.knowledge import KnowledgeGraph

#: Wraps an open file so that reading it shows progress.
Watch = Callable[[IO[bytes], Path], IO[bytes]]

DATA: Final = Path(__file__).parent.parent / "data"
#: Formats that rdflib reads and the engine does not, by file suffix.
_BY_RDFLIB: Final = {".trix": "trix", ".hext": "hext", ".xml": "xml", ".owl": "xml"}
#: What counts as RDF in a folder.
_SUFFIXES: Final = (".ttl", ".nt", ".nq", ".trig", ".n3", ".rdf", ".owl", ".jsonld", ".trix", ".hext")


def fill(graph: "KnowledgeGraph", at: datetime, watch: Watch | None = None) -> None:
    """Put the ontology and the shipped data into an empty store, validated, derived, all or nothing."""
    with stage(type(graph), at, watch=watch) as staged:
        derive(staged)
        graph.store.extend(cast("EmbeddedStore", staged.store).quads())


def stage(
    kind: "type[KnowledgeGraph]", at: datetime, drafts: Sequence[Path] = (), watch: Watch | None = None
) -> "KnowledgeGraph":
    """A graph in memory with the ontology, the shipped data and the drafts, not derived.

    The triples of the drafts become one graph. With drafts, everything is validated (what is shipped has been already),
    and `BadData` lists what is not well-formed.
    """
    store = EmbeddedStore()
    staged = kind(store)
    for file in ontology.LOADED:
        with _opened(file, watch) as data:
            store.load(data, ox.RdfFormat.TURTLE, ontology.ONTOLOGY_GRAPH)
    store.extend(_declaration(ontology.ONTOLOGY_GRAPH, "The vocabulary of Vinculum", ontology.LOADED, at))
    folders: dict[str, list[Path]] = {}
    for file in shipped_files():
        folders.setdefault(f"{ontology.BASE}graph/{file.parent.relative_to(DATA).as_posix()}", []).append(file)
    new = [file for file in drafts if file.resolve() not in map(Path.resolve, shipped_files())]
    if new:
        folders[f"{ontology.BASE}graph/draft"] = new
    for name, files in folders.items():
        for file in files:
            with _opened(file, watch) as data:
                _parsing(file, partial(store.load, data, *_shipped_as(file, name)))
        store.extend(_declaration(name, None, files, at))
    if new:
        refuse((replace(finding, warning=False) for finding in check_staged(staged, new)), "The data")
    return staged


def check_staged(staged: "KnowledgeGraph", drafts: Sequence[Path] = ()) -> list[Finding]:
    """What is wrong with the shipped data and drafts, with file and line."""
    world = staged.world()
    graphs = [name for name in world.default if name]
    found = validate(staged.store, graphs) + undescribed(staged.store, graphs, world)
    return place(found, [*shipped_files(), *drafts])


def load_files(
    graph: "KnowledgeGraph", paths: Iterable[Path], at: datetime, name: str | None = None, watch: Watch | None = None
) -> list[str]:
    """Load files (or all RDF files of folders) and derive anew; the graphs that received something.

    With `name`, triples are added to that graph; without, a file's own graph is replaced. Quads go to the graphs they
    name, which are asserted too, unless the file's own catalogue says which are, or they are claims or scenarios.
    """
    if name is not None:
        refuse_derived(name)
        check_iri(name, "--graph")
    sources = _targets(paths, name)
    bulk: list[str] = []
    try:
        with graph.writing:
            parts = [_statements(graph, file, target, at, watch, bulk, anew=name is None) for file, target in sources]
            commit(graph, " ;\n".join(statements for statements, _ in parts))
    except BaseException:
        for new in bulk:
            graph.store.drop(new)
        raise
    return list(dict.fromkeys(touched for _, names in parts for touched in names))


def shipped_files() -> list[Path]:
    """The RDF files of the package."""
    return sorted(file for file in DATA.rglob("*") if file.suffix in (".ttl", ".trig"))


def format_of(name: str | Path) -> ox.RdfFormat:
    """The engine's format for a file name; `UnsupportedMedia` lists what is read."""
    found = ox.RdfFormat.from_extension(Path(name).suffix.lstrip("."))
    if not found:
        raise UnsupportedMedia(f"{name}: no RDF format has this ending. Known endings: {' '.join(_SUFFIXES)}.")
    return found


def read_file(file: Path, target: str, watch: Watch | None = None) -> EmbeddedStore:
    """The file in a store of its own; quads that name no graph at all count as triples of `target`."""
    media, staged = _media(file), EmbeddedStore()
    with _opened(file, watch) as data:
        source = BytesIO(_through_rdflib(file, data)) if file.suffix in _BY_RDFLIB else data
        _parsing(file, lambda: staged.load(source, media, None if media.supports_datasets else target))
    if media.supports_datasets and not staged.graphs():
        buffer = BytesIO()
        staged.dump(buffer, ox.RdfFormat.N_TRIPLES)
        staged = EmbeddedStore()
        staged.load(BytesIO(buffer.getvalue()), ox.RdfFormat.N_TRIPLES, target)
    return staged


def rdf_files(path: Path) -> list[Path]:
    """The file, or the RDF files of the folder; `NotFound` where there is none."""
    return files_of(path, _SUFFIXES)


def files_of(path: Path, suffixes: Sequence[str]) -> list[Path]:
    """The file, or those of the folder with one of the endings; `NotFound` where there is none."""
    if not path.exists():
        raise NotFound(f"{path}: there is no such file or folder.")
    if path.is_file():
        return [path]
    known = [file for file in sorted(path.rglob("*")) if file.suffix in suffixes]
    if not known:
        raise NotFound(f"{path}: the folder has no such file ({' '.join(suffixes)}).")
    return known


def known_concepts(graph: "KnowledgeGraph") -> list[ox.Triple]:
    """The classes of what the world offers to refer to."""
    return graph.store.construct(library.query("concepts"), graph.world())


def _targets(paths: Iterable[Path], name: str | None) -> list[tuple[Path, str]]:
    """The files with the graphs they go to; `BadRequest` where two files would be one graph."""
    found: list[tuple[Path, str]] = []
    for path in paths:
        for file in rdf_files(path):
            own = file.stem if path == file else f"{path.resolve().name}/{file.relative_to(path).with_suffix('')}"
            found.append((file, name or f"{ontology.BASE}graph/file/{quote(own)}"))
    twice = [target for target, count in Counter(target for _, target in found).items() if count > 1]
    if name is None and twice:
        files = ", ".join(str(file) for file, target in found if target in twice)
        raise BadRequest(f"{files} would be one graph, <{twice[0]}>. Load them one by one with --graph.")
    return found


def _statements(
    graph: "KnowledgeGraph", file: Path, target: str, at: datetime, watch: Watch | None, bulk: list[str], *, anew: bool
) -> tuple[str, list[str]]:
    """The update statements that finish the loading of a file, and the graphs it goes to.

    Triples for a new graph are loaded in bulk at once (`bulk` tells which); nobody sees them before the catalogue
    declares the graph.
    """
    media = _media(file)
    if not media.supports_datasets and target not in graph.store.graphs():
        bulk.append(target)
        with _opened(file, watch) as data:
            _parsing(file, lambda: graph.store.load(data, media, target, base=file.resolve().as_uri()))
        refuse(place(validate(graph.store, [target], known_concepts(graph)), [file]), str(file))
        return operation("INSERT", _declaration(target, file.name, [file], at), graph.store.catalogue), [target]
    staged = read_file(file, target, watch)
    names = staged.graphs()
    if names != [target] and not anew:
        raise BadRequest(f"{file} names its graphs itself. Leave out --graph.")
    refuse(place(validate(staged, names, known_concepts(graph)), [file]), str(file))
    for name in names:
        refuse_derived(name)
    begin = cleared(target) if anew and names == [target] else ""
    facts = [quad for name in _to_declare(staged, names) for quad in _declaration(name, file.name, [file], at)]
    return f"{begin}{operation('INSERT', [*staged.quads(), *facts], graph.store.catalogue)}", names


def _to_declare(staged: EmbeddedStore, names: list[str]) -> list[str]:
    """The graphs that loading the file asserts: all unless it declares some itself, never claims and scenarios."""
    rows = staged.select(library.query("graph-kinds"), Dataset((None, *names)))
    told = {str(text(row, "graph")): text(row, "kind") for row in rows}
    if ontology.iri("dcat:Dataset") in told.values():
        return []
    return [name for name in names if name not in told]


def _through_rdflib(file: Path, data: IO[bytes]) -> bytes:
    try:
        return (
            rdflib.Dataset()
            .parse(data=data.read(), format=_BY_RDFLIB[file.suffix])
            .serialize(format="nquads", encoding="utf-8")
        )
    except Exception as error:  # rdflib's parsers raise whatever their XML and JSON readers raise
        raise BadData(f"{file}: the RDF does not parse: {error}") from None


def _parsing(file: Path, load: Callable[[], None]) -> None:
    try:
        load()
    except BadData as error:
        raise BadData(f"{file}: {error.detail}") from None


def _declaration(name: str, title: str | None, files: Sequence[Path], at: datetime) -> list[ox.Quad]:
    """What the catalogue says of a graph: that it is asserted, and what it was loaded from."""
    subject, stamp = ox.NamedNode(name), ox.Literal(at.isoformat(timespec="seconds"), datatype=_xsd("dateTime"))
    facts: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (subject, "rdf:type", ox.NamedNode(ontology.iri("dcat:Dataset"))),
        (subject, "prov:generatedAtTime", stamp),
    ]
    if title:
        facts.append((subject, "dcterms:title", ox.Literal(title)))
    for file in files:
        part = ox.NamedNode(f"{name}#{quote(file.name)}")
        content = file.read_bytes()
        facts += [
            (subject, "dcat:distribution", part),
            (part, "rdf:type", ox.NamedNode(ontology.iri("dcat:Distribution"))),
            (part, "dcterms:title", ox.Literal(file.name)),
            (part, "dcat:byteSize", ox.Literal(len(content))),
            (part, "dcterms:identifier", ox.Literal(f"sha256:{hashlib.sha256(content).hexdigest()}")),
        ]
    return [ox.Quad(s, ox.NamedNode(ontology.iri(p)), o, ox.DefaultGraph()) for s, p, o in facts]


def _shipped_as(file: Path, name: str) -> tuple[ox.RdfFormat, str | None]:
    return (ox.RdfFormat.TRIG, None) if file.suffix == ".trig" else (ox.RdfFormat.TURTLE, name)


def _media(file: Path) -> ox.RdfFormat:
    return ox.RdfFormat.N_QUADS if file.suffix in _BY_RDFLIB else format_of(file)


@contextmanager
def _opened(file: Path, watch: Watch | None) -> "Iterator[IO[bytes]]":
    with file.open("rb") as data:
        yield watch(data, file) if watch else data


def _xsd(name: str) -> ox.NamedNode:
    return ox.NamedNode(ontology.iri(f"xsd:{name}"))
