"""What is written about deals: one assessed, several compared, or the changes that save one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from api.assessment import text_of
from api.comparison import comparison_text, search_text
from graph.deals.assess import Description, assessed
from graph.deals.output import SHORT, write
from graph.deals.rescue import Watch, rescues
from graph.deals.variants import compare
from graph.errors import BadRequest

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def dealings(
    graph: "KnowledgeGraph",
    told: Sequence[Description],
    format: str,
    paper: Console | None = None,
    search: Watch | None = None,
) -> bytes:
    """The assessment of a deal; of several, what differs; with `search`, which is told of the progress, what saves it.

    `paper` is the terminal that text is meant for. `BadRequest` for a format that there is not.
    """
    known = ("text", "json") if search or len(told) > 1 else ("text", *SHORT)
    if format not in known:
        raise BadRequest(f"--format: {format!r} is none of {', '.join(known)}.")
    if search:
        saved = rescues(graph, told[0], search)
        return (search_text(saved, paper) if format == "text" else saved.model_dump_json(indent=2)).encode()
    if len(told) > 1:
        compared = compare(graph, told)
        return (comparison_text(compared, paper) if format == "text" else compared.model_dump_json(indent=2)).encode()
    found = assessed(graph, told[0])
    return text_of(found, paper).encode() if format == "text" else write(found, SHORT[format])
