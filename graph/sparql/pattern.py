"""The graph pattern of a SELECT as a tree: which triples it asks for, which of them must be absent, and in which words.

A rule needs both: the patterns, to know what it depends on and what a changed fact touches, and the author's own words,
to say which part of a condition fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Triple:
    """One triple pattern. Terms are written as in N-Triples, variables with their question mark.

    `predicates` are those of its path; a variable predicate gives none. `plain` is false for a path. `verb` is the
    predicate or path as the author wrote it, `text` the whole.
    """

    subject: str
    predicates: tuple[str, ...]
    object: str
    plain: bool
    verb: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject} {self.verb} {self.object} ."


@dataclass
class Group:
    """A group of patterns: its own triples, what is joined to it, and what it leaves out, in the author's order."""

    parts: "list[Part]" = field(default_factory=list)

    def triples(self) -> Iterator[Triple]:
        """The triples that every solution of the group must match."""
        for part in self.parts:
            if isinstance(part.content, Triple):
                yield part.content
            elif part.kind == "group":
                yield from part.groups[0].triples()


@dataclass
class Part:
    """One element of a group: a triple, or a clause with the groups in it.

    Kinds: triple, group, optional, minus, union, select, values, bind, filter, exists, absent.
    """

    kind: str
    text: str
    content: Triple | None = None
    groups: list[Group] = field(default_factory=list)
    #: The variables that VALUES or BIND sets.
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Occurrence:
    """A triple with the triples around it that hold whenever it matters, and whether more of it can mean less.

    `adverse` is true inside MINUS, NOT EXISTS, OPTIONAL and aggregated subqueries.
    """

    triple: Triple
    context: tuple[Triple, ...]
    adverse: bool


@dataclass(frozen=True)
class Select:
    """A SELECT query read as a tree."""

    text: str
    variables: tuple[str, ...]
    group: Group
    #: Where the text of the group begins, behind its brace.
    inside: int
    aggregates: bool

    @property
    def fixed(self) -> frozenset[str]:
        """The variables that VALUES or BIND sets somewhere: they cannot be set from outside."""
        return frozenset(name for part in _parts(self.group) for name in part.sets)

    @property
    def bound(self) -> frozenset[str]:
        """The variables that a triple, VALUES or BIND binds somewhere."""
        triples = (occurrence.triple for occurrence in self.occurrences())
        return self.fixed | {term for triple in triples for term in (triple.subject, triple.object)}

    def occurrences(self) -> list[Occurrence]:
        """Every triple of the query, wherever it stands."""
        return list(_occurrences(self.group, (), self.aggregates))

    def narrowed(self, clause: str) -> str:
        """The query with a clause put before its first pattern."""
        return f"{self.text[: self.inside]} {clause} {self.text[self.inside :]}"


def _parts(group: Group) -> Iterator[Part]:
    for part in group.parts:
        yield part
        for inner in part.groups:
            yield from _parts(inner)


def _occurrences(group: Group, around: tuple[Triple, ...], adverse: bool) -> Iterator[Occurrence]:
    here = (*around, *group.triples())
    for part in group.parts:
        if isinstance(part.content, Triple):
            yield Occurrence(part.content, here, adverse)
        inner_adverse = adverse or part.kind in ("optional", "minus", "absent", "aggregate")
        for inner in part.groups:
            yield from _occurrences(inner, here, inner_adverse)
