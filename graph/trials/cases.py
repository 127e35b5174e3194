"""Trial files as they are read: every case with its facts, and every fault with its line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

import pyoxigraph as ox

import ontology
from graph.errors import BadData
from graph.terms import node

#: The graph that holds the facts of the cases.
GRAPH: Final = f"{ontology.BASE}graph/trial"
_CASE: Final = re.compile(r"^[ \t]*\[\[[ \t]*case[ \t]*\]\]", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One case with its facts filled in; `base` is the namespace of its names (``my:``)."""

    file: str
    name: str
    base: str
    facts: Sequence[ox.Quad]
    expects: Sequence[Mapping[str, Any]]


def read_cases(files: Iterable[Path]) -> list[list[Case]]:
    """The cases of each TOML file. `BadData` lists everything that cannot be read, with its line."""
    read: list[list[Case]] = []
    faults: list[str] = []
    for file in files:
        cases: list[Case] = []
        try:
            for case in _Source.read(file).cases():
                if isinstance(case, Case):
                    cases.append(case)
                else:
                    faults.append(case)
        except tomllib.TOMLDecodeError as error:
            faults.append(f"{file}: the TOML does not parse: {error}.")
        read.append(cases)
    if faults:
        raise BadData("\n".join(faults), findings=faults)
    return read


@dataclass(frozen=True)
class _Source:
    """A trial file as text, which knows its lines, and as what it says."""

    file: Path
    text: str
    said: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> "_Source":
        text = file.read_text(encoding="utf-8")
        return cls(file, text, tomllib.loads(text))

    def cases(self) -> Iterator[Case | str]:
        """Each case, or what is wrong with it."""
        for number, case in enumerate(self.said.get("case", []), 1):
            name = str(case.get("name", number))
            base = f"{ontology.BASE}id/trial-{self.file.parent.name}-{self.file.stem}-{number}-"
            given = {**self.said.get("give", {}), **case.get("give", {})}
            parts = [str(part.get("facts", "")) for part in (self.said, case)]
            try:
                filled = [Template(part).substitute(given) for part in parts]
            except (KeyError, ValueError) as error:
                yield f"{self.file}:{self._begin(number)}: {name!r}: the placeholder {error} has no value in `give`."
                continue
            head = _head(base)
            try:
                facts = list(
                    ox.parse(f"{head}{filled[0]}\n{filled[1]}", format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
                )
            except SyntaxError as error:
                line = self._line(number, parts, (error.lineno or 1) - head.count("\n"))
                reason = re.sub(r" at line \d+ (column \d+|between columns \d+ and \d+)", "", str(error))
                yield f"{self.file}:{line}: {name!r}: the facts do not parse: {reason}"
                continue
            place = node(GRAPH)
            quads = [ox.Quad(fact.subject, fact.predicate, fact.object, place) for fact in facts]
            yield Case(str(self.file), name, base, quads, case.get("expect", []))

    def _line(self, number: int, parts: Sequence[str], line: int) -> int:
        """The line of the file for one of the shared facts and those of a case together; where the case begins, if
        its text shows no better (it may be written with escapes)."""
        shared = parts[0].count("\n") + 1
        own = line > shared
        part = parts[own]
        at = self.text.find(part, self._offset(number) if own else 0) if part else -1
        return self.text.count("\n", 0, at) + (line - shared if own else line) if at >= 0 else self._begin(number)

    def _begin(self, number: int) -> int:
        return self.text.count("\n", 0, self._offset(number)) + 1

    def _offset(self, number: int) -> int:
        """Where in the text the case begins."""
        heads = list(_CASE.finditer(self.text))
        return heads[number - 1].start() if number <= len(heads) else 0


def _head(base: str) -> str:
    """The prefixes that the facts of a case may use without declaring them."""
    prefixes = {**ontology.prefixes(), "my": base}
    return "".join(f"@prefix {name}: <{space}> .\n" for name, space in prefixes.items())
