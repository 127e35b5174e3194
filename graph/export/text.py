"""How wide text is, and how it breaks into lines, without asking a font.

The metric is Helvetica's: the advance widths of its AFM file for ASCII, which Arial and Liberation Sans share. Letters
with accents are as wide as without. Wide East Asian characters take one em, emoji 1.3, marks and joiners nothing;
everything else is taken to be 0.68 em, more than most Greek, Cyrillic, Hebrew and Arabic letters need, so that text is
rather given too much room than too little.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

_ADVANCES: Final = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r", 334: "{}", 355: '"', 389: "*", 469: "^",
    500: "Jckvsxyz", 556: "#$0123456789?L_abdeghnopqu", 584: "+<=>~", 611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw",
    778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1015: "@",
}  # fmt: skip
_WIDTHS: Final = {letter: advance / 1000 for advance, letters in _ADVANCES.items() for letter in letters}
_ELLIPSIS: Final = "…"
_LONGEST_CLUSTER: Final = 12


@dataclass(frozen=True)
class Lines:
    """Text broken into lines: at most as many as asked for, and whether an ellipsis stands for the rest."""

    lines: tuple[str, ...]
    width: float
    shortened: bool


def width(text: str, size: float) -> float:
    """The width of one line of text in a font of this size, in the size's unit."""
    return sum(_cluster_width(cluster) for cluster in clusters(text)) * size


def wrap(text: str, size: float, widest: float, most: int) -> Lines:
    """The text in lines no wider than ``widest``, at most ``most`` of them, evenly filled.

    Words too long for a line break inside, but never between a letter and its marks. What does not fit is replaced by
    an ellipsis.
    """
    lines = _filled(text, size, widest)
    if len(lines) > most:
        shortened = (*lines[: most - 1], _with_ellipsis(lines[most - 1], size, widest))
        return Lines(shortened, max(width(line, size) for line in shortened), shortened=True)
    even = _evenly_filled(text, size, widest, len(lines))
    return Lines(tuple(even), max((width(line, size) for line in even), default=0), shortened=False)


def clusters(text: str) -> list[str]:
    """The text cut where a line may be cut: letters with their marks, emoji sequences and flags stay whole.

    A simple reading of Unicode Standard Annex 29. Marks piled beyond a dozen, as in "zalgo" text, are dropped.
    """
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            if len(found[-1]) < _LONGEST_CLUSTER:
                found[-1] += character
        else:
            found.append(character)
    return found


def _joins(cluster: str, character: str) -> bool:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or 0x1F3FB <= ord(character) <= 0x1F3FF:
        return True
    return cluster[-1] == "\u200d" or (len(cluster) == 1 and _is_flag_letter(cluster) and _is_flag_letter(character))


def _is_flag_letter(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _cluster_width(cluster: str) -> float:
    return max(_character_width(character) for character in cluster)


@cache
def _character_width(character: str) -> float:
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if ord(character) >= 0x1F000:
        return 1.3
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base]
    return 1 if unicodedata.east_asian_width(character) in "WF" or unicodedata.category(character) == "So" else 0.68


def _evenly_filled(text: str, size: float, widest: float, count: int) -> list[str]:
    for share in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        lines = _filled(text, size, share * widest)
        if len(lines) <= count and not _breaks_words(lines, text):
            return lines
    return _filled(text, size, widest)


def _breaks_words(lines: list[str], text: str) -> bool:
    return " ".join(lines) != " ".join(text.split())


def _filled(text: str, size: float, widest: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        for number, piece in enumerate(_pieces(word, size, widest)):
            longer = f"{lines[-1]} {piece}" if lines else piece
            if lines and number == 0 and width(longer, size) <= widest:
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines


def _pieces(word: str, size: float, widest: float) -> list[str]:
    if width(word, size) <= widest:
        return [word]
    pieces = [""]
    for cluster in clusters(word):
        if pieces[-1] and width(pieces[-1] + cluster, size) > widest:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def _with_ellipsis(line: str, size: float, widest: float) -> str:
    kept = clusters(line)
    while kept and width("".join(kept) + _ELLIPSIS, size) > widest:
        kept.pop()
    return "".join(kept).rstrip() + _ELLIPSIS
