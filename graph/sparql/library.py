"""The named queries: `.rq` files beside this module, read by name.

Each begins with a comment: the question it answers, its ``$parameters`` and its columns.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from graph.sparql.text import bind
from graph.terms import Term

_FOLDER = files(__package__) / "queries"


@cache
def text_of(name: str) -> str:
    """The text of the query file `name` (without ``.rq``)."""
    return (_FOLDER / f"{name}.rq").read_text(encoding="utf-8")


def query(name: str, **parameters: Term | Sequence[Term] | None) -> str:
    """The query `name` with its parameters bound."""
    return bind(text_of(name), parameters)
