"""A condition in which some patterns need not be met: they become optional, and what is undecided counts as met."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ontology
from graph.derive.rules import Query, with_prefixes
from graph.sparql.pattern import Group, Part, Triple

_TYPE = f"<{ontology.iri('rdf:type')}>"
_RELATORS = frozenset(
    f"<{ontology.iri(name)}>" for name in ("vin:Figure", "vin:DataHolding", "vin:Qualification", "vin:Ownership")
)
_SELECT = re.compile(r"\bSELECT\b", re.IGNORECASE)
_PRICE = f"<{ontology.iri('schema:price')}>"


@dataclass(frozen=True)
class Pattern:
    """Triples that are one fact: a relator with all that is said of it, or a single triple."""

    triples: tuple[Triple, ...]

    def value(self, predicate: str) -> str | None:
        """The term that the predicate (a prefixed name) has as its object."""
        wanted = f"<{ontology.iri(predicate)}>"
        return next((t.object for t in self.triples if wanted in t.predicates), None)

    def subject(self, predicate: str) -> str | None:
        """The term of which the predicate is said."""
        wanted = f"<{ontology.iri(predicate)}>"
        return next((t.subject for t in self.triples if wanted in t.predicates), None)

    def a(self, kind: str) -> bool:
        """Whether it is a relator of that class."""
        return any(t.object == f"<{ontology.iri(kind)}>" and _TYPE in t.predicates for t in self.triples)


@dataclass(frozen=True)
class Open:
    """A pattern that need not be met: the variable that is bound where it is."""

    marker: str
    pattern: Pattern


@dataclass(frozen=True)
class Relaxed:
    """A condition with optional patterns."""

    where: str
    open: tuple[Open, ...]
    variables: tuple[str, ...]

    def narrowed(self, variable: str, values: str) -> str:
        """The runnable query for some values of a variable."""
        names = " ".join((*self.variables, *(one.marker for one in self.open)))
        return with_prefixes(f"SELECT DISTINCT {names} WHERE {{ VALUES {variable} {{ {values} }} {self.where} }}")


def relax(query: Query, may_miss: Callable[[Pattern], bool]) -> Relaxed | None:
    """The condition with every pattern optional that `may_miss`; what is absent or optional already stays as it is.

    Nothing for a condition that counts by a subquery: a sum over facts that are not told says nothing.
    """
    if len(_SELECT.findall(query.text)) > 1:
        return None
    writer = _Writer(may_miss)
    where = writer.group(query.pattern.group)
    return Relaxed(where, tuple(writer.open), tuple(dict.fromkeys(writer.variables)))


class _Writer:
    """Writes a group anew."""

    def __init__(self, may_miss: Callable[[Pattern], bool]) -> None:
        self._may_miss = may_miss
        self.open: list[Open] = []
        self.variables: list[str] = []

    def group(self, group: Group) -> str:
        patterns = {id(t): pattern for pattern in _patterns(group) for t in pattern.triples}
        written: list[str] = []
        done: set[Pattern] = set()
        for part in group.parts:
            if part.content is None:
                written.append(self._clause(part))
            elif (pattern := patterns[id(part.content)]) not in done:
                done.add(pattern)
                written.append(self._pattern(pattern))
        return "\n".join(written)

    def _pattern(self, pattern: Pattern) -> str:
        said = " ".join(str(triple) for triple in pattern.triples)
        terms = [term for t in pattern.triples for term in (t.subject, t.object)]
        self.variables += [term for term in terms if term.startswith("?") and not term.startswith("?__")]
        if not self._may_miss(pattern):
            return said
        marker = f"?__told{len(self.open)}"
        self.open.append(Open(marker, pattern))
        return f"OPTIONAL {{ {said} BIND(true AS {marker}) }}"

    def _clause(self, part: Part) -> str:
        if part.kind in ("union", "group"):
            return " UNION ".join(f"{{ {self.group(inner)} }}" for inner in part.groups)
        if part.text == "()":
            return ""
        test = part.text.removeprefix("FILTER").strip()
        return f"FILTER(COALESCE({test}, true))" if part.kind == "filter" and test.startswith("(") else part.text


def _patterns(group: Group) -> Iterator[Pattern]:
    """The triples of a group by the fact that they are about."""
    triples = [part.content for part in group.parts if part.content]
    relators = {
        t.subject for t in triples if (_TYPE in t.predicates and t.object in _RELATORS) or _PRICE in t.predicates
    }
    for relator in relators:
        yield Pattern(tuple(t for t in triples if _about(t, relators) == relator))
    for triple in triples:
        if _about(triple, relators) is None:
            yield Pattern((triple,))


def _about(triple: Triple, relators: set[str]) -> str | None:
    """The relator that the triple says something of; that it is used by another counts too."""
    if triple.subject in relators:
        return triple.subject
    return triple.object if triple.object in relators else None
