"""SPARQL as text: what kind of request it is, what it may not contain, and how parameters are bound.

The text is cut into the terminals of the grammar (SPARQL 1.1, section 19.8) and never rewritten by pattern matching, so
a keyword inside a string, an IRI or a comment is never mistaken for one outside.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from graph.errors import BadQuery
from graph.terms import Term

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "UPDATE"]

_TERMINAL = re.compile(
    r"""
    (?P<space>\s+|\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
  | (?P<string>\"{3}(?:\\.|(?!\"{3}).)*\"{3}|'{3}(?:\\.|(?!'{3}).)*'{3}|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*')
  | (?P<variable>[?$]\w+)
  | (?P<tag>@[A-Za-z][\w-]*)
  | (?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:[\w:.%-]|\\.)*|_:[\w.-]+)
  | (?P<word>[^\W\d]\w*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
_UPDATES = {"INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"}
_CALL = re.compile(r"(?:TRUE|FALSE)?(SERVICE|LOAD)(?:SILENT)?")
_REMOTE = {"SERVICE": "SERVICE would call another server", "LOAD": "LOAD would fetch from the network"}


@dataclass(frozen=True)
class Request:
    """What a SPARQL text asks for: its form, and whether it names its own dataset (FROM, USING, WITH) or any graph."""

    form: Form
    names_dataset: bool
    names_graph: bool


@lru_cache(maxsize=1024)
def inspect(text: str) -> Request:
    """Classify a query or update; raise `BadQuery` where it would reach out to the network or is neither."""
    words = [word for _, word in _keywords(text)]
    refuse_remote(text)
    for word in words:
        if word in _FORMS:
            return Request(word, "FROM" in words, "GRAPH" in words)  # type: ignore[arg-type]
        if word in _UPDATES:
            return Request("UPDATE", "USING" in words or "WITH" in words, "GRAPH" in words)
    raise BadQuery("This is neither a query (SELECT, ASK, CONSTRUCT, DESCRIBE) nor an update.")


def refuse_remote(text: str) -> None:
    """Raise `BadQuery` where the text has a SERVICE or LOAD that would make the server call out.

    Codepoint escapes (section 19.2) may spell a keyword, so the unescaped text is looked at too; and since the engine
    reads ``SERVICE:name`` and ``trueSERVICE:name`` as several tokens, prefixes of that form are refused as well.
    """
    for version in {text, _unescape(text)}:
        for _, word in _keywords(version, names=True):
            if found := _CALL.fullmatch(word):
                raise BadQuery(
                    f"{_REMOTE[found[1]]}, which is not allowed here (nor is a prefix of that name). "
                    "Load the data and ask for it locally."
                )


def bind(text: str, parameters: Mapping[str, Term | Iterable[Term] | None]) -> str:
    """Put terms in the place of ``$name`` parameters; ``?name`` variables are left alone.

    A sequence puts several terms (inside VALUES), and an empty one matches nothing; ``None`` puts ``UNDEF``, which
    matches anything.
    ``KeyError`` for a parameter the text has but the caller does not give.
    """
    return "".join(
        _written(parameters[token[1:]]) if kind == "variable" and token.startswith("$") else token
        for kind, token in terminals(text)
    )


def followed_by(update: str, *more: str) -> str:
    """An update with further operations after it, whatever comments or semicolons it ends with."""
    parts = list(terminals(update))
    while parts and (parts[-1][0] == "space" or parts[-1][1] == ";"):
        parts.pop()
    return " ;\n".join(["".join(token for _, token in parts), *more])


def data_operations(update: str) -> list[tuple[str, str]] | None:
    """The operations of an update that is nothing but INSERT DATA and DELETE DATA; ``None`` for any other.

    Each is given with its verb, and as an INSERT DATA with the prologue, so that an empty store shows its quads.
    """
    found: list[tuple[str, str]] = []
    prologue, current, depth = "", "", 0
    words: list[str] = []
    for kind, token in terminals(update):
        depth += (token == "{") - (token == "}") if kind == "other" else 0
        current += token
        if kind == "word" and depth == 0:
            words.append(token.upper())
        if kind == "other" and token == "}" and depth == 0:
            if words[-2:] not in (["INSERT", "DATA"], ["DELETE", "DATA"]):
                return None
            head, _, data = current.partition("{")
            opening = list(terminals(head))
            cut = next(i for i, (_, part) in enumerate(opening) if part.upper() == words[-2])
            prologue += "".join(part for _, part in opening[:cut]).lstrip("; \n\r\t")
            found.append((words[-2], f"{prologue} INSERT DATA {{{data}"))
            current, words = "", []
    return found if found and not words and not current.strip(" ;\n\r\t") else None


def _written(value: Term | Iterable[Term] | None) -> str:
    if value is None:
        return "UNDEF"
    if isinstance(value, Term):
        return str(value)
    return " ".join(map(str, value))


def _keywords(text: str, names: bool = False) -> Iterator[tuple[str, str]]:
    """The bare words in upper case; with `names` also the prefixes of prefixed names."""
    for kind, token in terminals(text):
        if kind == "word":
            yield kind, token.upper()
        elif names and kind == "name":
            yield kind, token.partition(":")[0].upper()


def terminals(text: str) -> Iterator[tuple[str, str]]:
    """The terminals of the text, each with its kind; together they are the text."""
    for match in _TERMINAL.finditer(text):
        yield match.lastgroup or "other", match.group()


def _unescape(text: str) -> str:
    return re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", lambda m: chr(min(int(m[1] or m[2], 16), 0x10FFFF)), text)
