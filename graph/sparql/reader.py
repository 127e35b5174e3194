"""Reading a SELECT as a tree (`graph.sparql.pattern`).

The engine of the store runs a query but does not show its algebra, and rdflib's reader takes some ten milliseconds a
query and forgets the text. Only what conditions may contain is read: SPARQL 1.1 without GRAPH, FROM, SERVICE and
collections.
"""

import re
from functools import lru_cache
from typing import Final

import ontology
from graph.errors import BadQuery
from graph.sparql.pattern import Group, Part, Select, Triple
from graph.sparql.text import terminals

_A: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_AGGREGATES: Final = {
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVG",
    "SAMPLE",
    "GROUP_CONCAT",
    "GROUP",
    "HAVING",
    "LIMIT",
    "OFFSET",
}


@lru_cache(maxsize=4096)
def read_select(text: str) -> Select:
    """Read a SELECT; `BadQuery` where it has something that a condition may not have."""
    return _Reader(text).select()


class _Reader:
    """A recursive descent over the terminals of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str, int]] = []
        place = 0
        for kind, token in terminals(text):
            if kind != "space":
                self._tokens.append((kind, token, place))
            place += len(token)
        self._at = 0
        self._blank = 0

    def select(self) -> Select:
        while self._word() != "SELECT":
            self._next()
        self._next()
        variables, aggregates = self._projection()
        inside = self._place() + 1
        group = self._group()
        tail = {token.upper() for kind, token, _ in self._tokens[self._at :] if kind == "word"}
        return Select(self._text, variables, group, inside, aggregates or bool(tail & _AGGREGATES))

    def _projection(self) -> tuple[tuple[str, ...], bool]:
        """The projected variables up to the brace, and whether any is aggregated."""
        names: list[str] = []
        aggregates, depth, alias = False, 0, False
        while (token := self._peek()) != "{":
            kind, word = self._tokens[self._at][0], self._word()
            depth += (token == "(") - (token == ")")
            aggregates |= kind == "word" and word in _AGGREGATES
            if kind == "variable" and (depth == 0 or alias):
                names.append(f"?{token[1:]}")
            alias = word == "AS"
            self._next()
        return tuple(names), aggregates

    def _group(self) -> Group:
        if self._tokens[self._at + 1][1].upper() == "SELECT":
            return self._subquery()
        self._expect("{")
        group = Group()
        while self._peek() != "}":
            if self._peek() == ".":
                self._next()
                continue
            begin = self._place()
            parts = self._clause()
            for part in parts:
                part.text = part.text or self._text[begin : self._end()].strip()
            group.parts += parts
        self._expect("}")
        return group

    def _clause(self) -> list[Part]:
        word = self._word()
        if self._peek() == "{":
            return [self._braces()]
        if word in ("OPTIONAL", "MINUS"):
            self._next()
            return [Part(word.lower(), "", groups=[self._group()])]
        if word == "FILTER":
            self._next()
            return self._filter()
        if word == "BIND":
            self._next()
            begin = self._at
            groups = self._balanced()
            names = [token for kind, token, _ in self._tokens[begin : self._at] if kind == "variable"]
            return [Part("bind", "", groups=[group for _, group in groups], sets=(f"?{names[-1][1:]}",))]
        if word == "VALUES":
            return [self._values()]
        if word in ("GRAPH", "SERVICE"):
            raise BadQuery(f"{word} cannot be used in a condition: the engine sets its scope.")
        return self._triples()

    def _braces(self) -> Part:
        """A group in braces: alternatives, a subquery, or just a group."""
        groups = [self._group()]
        while self._word() == "UNION":
            self._next()
            groups.append(self._group())
        return Part("union" if len(groups) > 1 else "group", "", groups=groups)

    def _subquery(self) -> Group:
        """A group that is a query of its own."""
        self._expect("{")
        begin = self._place()
        self._next()
        _, aggregates = self._projection()
        inner = self._group()
        while self._peek() != "}":
            aggregates |= self._word() in _AGGREGATES
            self._next()
        text = self._text[begin : self._place()].strip()
        self._expect("}")
        return Group([Part("aggregate" if aggregates else "group", text, groups=[inner])])

    def _filter(self) -> list[Part]:
        if self._word() in ("NOT", "EXISTS"):
            kind = "absent" if self._word() == "NOT" else "exists"
            while self._word() in ("NOT", "EXISTS"):
                self._next()
            return [Part(kind, "", groups=[self._group()])]
        if self._peek() != "(":
            self._next()
        inner = self._balanced()
        filter_ = Part("filter", "")
        return [filter_, *(Part("absent" if negated else "exists", "()", groups=[group]) for negated, group in inner)]

    def _balanced(self) -> list[tuple[bool, Group]]:
        """An expression in parentheses; the groups of EXISTS in it, and whether each is negated."""
        found, depth, words = [], 0, ["", ""]
        while True:
            token = self._peek()
            if token == "{":
                negated = words[-2] == "NOT" or "!" in words
                found.append((negated, self._group()))
                continue
            depth += (token == "(") - (token == ")")
            words.append(self._word() or token)
            self._next()
            if depth == 0:
                return found

    def _values(self) -> Part:
        self._next()
        names = []
        while self._peek() != "{":
            if self._tokens[self._at][0] == "variable":
                names.append(f"?{self._peek()[1:]}")
            self._next()
        while self._peek() != "}":
            self._next()
        self._expect("}")
        return Part("values", "", sets=tuple(names))

    def _triples(self) -> list[Part]:
        """Triples of one subject, up to the full stop or the next clause."""
        found: list[Part] = []
        subject = self._node(found)
        if self._peek() not in (".", "}"):
            self._properties(subject, found)
        return found

    def _properties(self, subject: str, found: list[Part]) -> None:
        while True:
            begin = self._place()
            predicates, plain = self._path()
            verb = self._text[begin : self._end()]
            while True:
                value = self._node(found)
                said = f"{subject} {self._text[begin : self._end()].strip()}" if not subject.startswith("?__") else ""
                triple = Triple(
                    subject, predicates, value, plain, verb, said or self._text[begin : self._end()].strip()
                )
                found.append(Part("triple", triple.text, triple))
                if self._peek() != ",":
                    break
                self._next()
            while self._peek() == ";":
                self._next()
            if self._peek() in (".", "}", "]", "{") or self._word() in _CLAUSES:
                return

    def _path(self) -> tuple[tuple[str, ...], bool]:
        """The predicates of a path, and whether it is just one of them."""
        if self._tokens[self._at][0] == "variable":
            self._next()
            return (), True
        names: list[str] = []
        plain, depth, open_ = True, 0, True
        while open_ or depth or self._peek() in ("/", "|", "*", "+", "?", ")"):
            kind, token, _ = self._tokens[self._at]
            if kind in ("iri", "name") or token == "a":
                names.append(_A if token == "a" else self._iri(token))
                open_ = False
            else:
                plain = False
                depth += (token == "(") - (token == ")")
                open_ = token in ("/", "|", "^", "!", "(")
            self._next()
        return tuple(names), plain

    def _node(self, found: list[Part]) -> str:
        """A subject or object; a blank node with properties becomes a variable of its own."""
        kind, token, place = self._tokens[self._at]
        if token == "[":
            self._next()
            self._blank += 1
            name = f"?__{self._blank}"
            if self._peek() != "]":
                self._properties(name, found)
            self._expect("]")
            return name
        if token == "(":
            raise BadQuery("A collection in parentheses cannot be used in a condition.")
        if kind == "variable":
            self._next()
            return f"?{token[1:]}"
        if kind in ("iri", "name"):
            self._next()
            return f"?__{token[2:]}" if token.startswith("_:") else self._iri(token)
        if kind == "string":
            return self._literal()
        if number := _NUMBER.match(self._text, place):
            while self._at < len(self._tokens) and self._place() < number.end():
                self._next()
            return number.group()
        self._next()
        return token

    def _literal(self) -> str:
        value = self._next()
        if self._tokens[self._at][0] == "tag":
            return value + self._next()
        if self._peek() == "^":
            self._next()
            self._next()
            return f"{value}^^{self._iri(self._next())}"
        return value

    def _iri(self, token: str) -> str:
        if token.startswith("<"):
            return token
        try:
            return f"<{ontology.iri(token)}>"
        except KeyError:
            raise BadQuery(f"The prefix of {token} is not one that the ontology declares.") from None

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            raise BadQuery("The condition ends too early: a brace or parenthesis is not closed.")
        return self._tokens[self._at][1]

    def _word(self) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != "word":
            return ""
        return self._tokens[self._at][1].upper()

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise BadQuery(f"The condition has {self._peek()!r} where {token!r} should stand.")
        self._next()

    def _place(self) -> int:
        self._peek()
        return self._tokens[self._at][2]

    def _end(self) -> int:
        _, token, place = self._tokens[self._at - 1]
        return place + len(token)


_CLAUSES: Final = {"OPTIONAL", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "SERVICE"}
