"""Is the data well-formed? The SHACL shapes, and what they cannot say: conditions that parse, sums, references.

pySHACL runs on an in-memory copy of the records that the shapes speak about, never of the whole store.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.namespace import RDF, SH

import ontology
from graph.derive.rules import runnable
from graph.errors import BadData, BadQuery
from graph.sparql import library
from graph.sparql.pattern import Select
from graph.sparql.reader import read_select
from graph.store import Dataset, EmbeddedStore, Store
from graph.terms import text

_ERROR_AT: Final = re.compile(r"error at (\d+):\d+")


@dataclass(frozen=True)
class Finding:
    """One fault: which node, what is wrong, and where it stands in a file if that is known."""

    node: str
    message: str
    property: str | None = None
    warning: bool = False
    file: str | None = None
    line: int | None = None
    #: The query that it is about and the line in it, counted from 1.
    within: tuple[str, int] | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        about = f" ({ontology.slug_of(self.property)})" if self.property else ""
        return f"{where}{'warning: ' if self.warning else ''}{ontology.slug_of(self.node)}{about}: {self.message}"


def validate(store: Store, graphs: Sequence[str], known: Iterable[ox.Triple] = ()) -> list[Finding]:
    """What the shapes and the engine find wrong with the given graphs of `store`, sorted by node.

    `known` are the classes of nodes elsewhere that the graphs may refer to (the query ``concepts`` gives them).
    """
    dataset = Dataset(tuple(graphs))
    records = store.construct(library.query("records"), dataset)
    own = store.construct(library.query("concepts"), dataset)
    found = _shape_findings([*records, *own, *known]) if records else []
    found += _condition_findings(store, dataset)
    found += _share_findings(store, dataset)
    return _sorted(found)


def undescribed(
    store: Store, graphs: Sequence[str], context: Dataset, elsewhere: Callable[[str], bool] = lambda _: False
) -> list[Finding]:
    """The references of the given graphs to things of our namespaces that neither they nor `context` describe.

    `elsewhere` says of a thing whether another store describes it.
    """
    around = Dataset(tuple(dict.fromkeys((*graphs, *context.default, ontology.ONTOLOGY_GRAPH))))
    subjects = {str(t.subject) for t in store.construct(library.query("records"), Dataset(tuple(graphs)))}
    return _sorted(
        Finding(
            str(text(row, "subject")),
            f"It refers to {text(row, 'thing')}, which nothing describes.",
            text(row, "property"),
        )
        for row in store.select(library.query("undescribed"), around)
        if str(row["subject"]) in subjects and not elsewhere(str(text(row, "thing")))
    )


def place(findings: Iterable[Finding], files: Sequence[Path]) -> list[Finding]:
    """The findings with the file and line where their node is described, as far as the text shows it."""
    texts = {file: file.read_text(encoding="utf-8", errors="replace").splitlines() for file in files}
    return [_placed(finding, texts) for finding in findings]


def refuse(found: Iterable[Finding], what: str) -> None:
    """Raise `BadData` with every finding that is more than a warning, if there is one."""
    findings = [finding for finding in found if not finding.warning]
    if findings:
        listed = "\n".join(f"- {finding}" for finding in findings[:50])
        more = f"\n- and {len(findings) - 50} more" if len(findings) > 50 else ""
        raise BadData(
            f"{what} is not well-formed; nothing was changed.\n{listed}{more}", findings=[str(f) for f in findings]
        )


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(set(found), key=lambda finding: (finding.node, finding.message))


def _shape_findings(triples: list[ox.Triple]) -> list[Finding]:
    data = _rdflib_graph(triples)
    _, report, _ = pyshacl.validate(data, shacl_graph=_shapes(), ont_graph=None, inference="none")
    return [
        Finding(
            node=_owner(data, report.value(result, SH.focusNode)),
            message=str(report.value(result, SH.resultMessage)),
            property=str(path) if isinstance(path := report.value(result, SH.resultPath), rdflib.URIRef) else None,
            warning=report.value(result, SH.resultSeverity) != SH.Violation,
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if (None, SH.detail, result) not in report
    ]


def _owner(data: rdflib.Graph, focus: rdflib.term.Node | None) -> str:
    """The thing that a fault is about: a blank node has no name, so it is what the node belongs to."""
    seen = set()
    while isinstance(focus, rdflib.BNode) and focus not in seen:
        seen.add(focus)
        focus = min(data.subjects(None, focus), key=str, default=focus)
    return str(focus)


def _condition_findings(store: Store, dataset: Dataset) -> list[Finding]:
    found = []
    for row in store.select(library.query("conditions"), dataset):
        norm, select, party = str(text(row, "norm")), str(text(row, "select")), text(row, "party")
        try:
            EmbeddedStore().select(runnable(select))
        except BadQuery as error:
            told = _ERROR_AT.search(error.detail)
            line = int(told[1]) if told else 1
            found.append(Finding(norm, f"Its condition cannot be run. {error.detail}", within=(select, line)))
            continue
        if party and not _binds(read_select(select), f"?{party}"):
            message = f"Its condition does not bind ?{party}. Project the variable, and bind it in a pattern."
            found.append(Finding(norm, message, within=(select, 1)))
    return found


def _binds(select: Select, variable: str) -> bool:
    """Whether the query gives the variable: it is bound inside and projected, or computed in the projection."""
    head = select.text[: select.inside]
    if re.search(rf"\bAS\s+[?$]{variable[1:]}\b", head, re.IGNORECASE):
        return True
    return variable in select.bound and (variable in select.variables or "*" in head)


def _share_findings(store: Store, dataset: Dataset) -> list[Finding]:
    return [
        Finding(
            str(text(row, "ownership")),
            f"On the day it begins, the shares held of {text(row, 'thing')} add up to {text(row, 'total')} percent.",
        )
        for row in store.select(library.query("share-sums"), dataset)
    ]


def _placed(finding: Finding, texts: dict[Path, list[str]]) -> Finding:
    for file, lines in texts.items() if finding.within else ():
        query, inner = finding.within or ("", 0)
        whole = "\n".join(lines)
        if query.strip() and (at := whole.find(query)) >= 0:
            return replace(finding, file=str(file), line=whole.count("\n", 0, at) + inner)
    names = {f"<{finding.node}>"} | {
        f"{prefix}:{finding.node.removeprefix(space)}"
        for prefix, space in ontology.prefixes().items()
        if finding.node.startswith(space)
    }
    for file, lines in texts.items():
        for number, line in enumerate(lines, 1):
            if line.split(maxsplit=1)[:1] and line.split(maxsplit=1)[0] in names:
                return replace(finding, file=str(file), line=number)
    return finding


def _rdflib_graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    buffer = BytesIO()
    ox.serialize(triples, buffer, ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=buffer.getvalue(), format="nt")


@cache
def _shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(ontology.SHAPES).parse(ontology.VOCABULARY)
