"""The words of Vinculum: where the vocabulary's files are, and how its IRIs are named.

The vocabulary itself is RDF beside this module; Python only names it. Things have a *slug*, the last segment of
their IRI; a market's slug stands for its DPV location (``market-us`` for ``loc:US``).
"""

from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

FOLDER: Final = Path(__file__).parent
VOCABULARY: Final = FOLDER / "vinculum.ttl"
SHAPES: Final = FOLDER / "shapes.ttl"
CONTEXT: Final = FOLDER / "context.jsonld"
#: What the store is filled with: the vocabulary, its growing concept lists and the display rules, not the alignments.
LOADED: Final = (VOCABULARY, *sorted((FOLDER / "def").glob("*.ttl")), FOLDER / "display.ttl")

BASE: Final = "https://w3id.org/vinculum/"
ONTOLOGY_GRAPH: Final = f"{BASE}graph/ontology"
DERIVED_GRAPH: Final = f"{BASE}graph/derived/base"
MARKETS: Final = ("US", "CA", "AU", "NZ", "CN")

_LOCATION: Final = "https://w3id.org/dpv/loc#"
_PLACES: Final = tuple(f"{BASE}{part}/" for part in ("id", "claim", "position", "qualification", "scenario"))


@cache
def prefixes() -> dict[str, str]:
    """The namespaces by prefix, as the ontology declares them (``sh:declare``)."""
    sh = "http://www.w3.org/ns/shacl#"
    names: dict[str, dict[str, str]] = {}
    for quad in ox.parse(path=str(VOCABULARY)):
        if quad.predicate.value in (f"{sh}prefix", f"{sh}namespace"):
            names.setdefault(str(quad.subject), {})[quad.predicate.value.removeprefix(sh)] = quad.object.value
    return {name["prefix"]: name["namespace"] for name in names.values()}


def iri(name: str) -> str:
    """The IRI of a prefixed name: ``iri("vin:Norm")``. ``KeyError`` for an undeclared prefix."""
    prefix, _, local = name.partition(":")
    return prefixes()[prefix] + local


def slug_of(iri: str) -> str:
    """The slug of a thing: the last segment of its IRI, ``market-us`` for a location."""
    if iri.startswith(_LOCATION):
        return f"market-{iri.removeprefix(_LOCATION).lower()}"
    return iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]


def iris_of(slug: str) -> list[str]:
    """The IRIs a slug can stand for, most likely first; a whole IRI stands for itself."""
    if "://" in slug or slug.startswith("urn:"):
        return [slug]
    if slug.startswith("market-"):
        return [_LOCATION + slug.removeprefix("market-").upper()]
    return [place + slug for place in _PLACES]


def market_iri(code: str) -> str:
    """The location of a market or country code: ``US``, ``us`` and ``market-us`` are ``loc:US``."""
    return _LOCATION + code.lower().removeprefix("market-").upper()
