"""An assessment written down: as JSON, as RDF, or as a memorandum on paper."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import pyoxigraph as ox

import ontology
from graph.deals.assess import Assessed
from graph.deals.statements import statements
from graph.errors import BadRequest
from graph.export.memorandum import memorandum


def write(found: Assessed, media: str) -> bytes:
    """The assessment as UTF-8 in one of `MEDIA`; `BadRequest` for another."""
    if media not in _WRITERS:
        raise BadRequest(f"format: {media!r} is none of {', '.join(_WRITERS)}.")
    return _WRITERS[media](found)


def _json(found: Assessed) -> bytes:
    return found.assessment.model_dump_json(indent=2).encode() + b"\n"


def _rdf(media: str) -> Callable[[Assessed], bytes]:
    def written(found: Assessed) -> bytes:
        output = BytesIO()
        prefixes = ontology.prefixes() if media == "text/turtle" else None
        ox.serialize(statements(found), output, ox.RdfFormat.from_media_type(media), prefixes=prefixes)
        return output.getvalue()

    return written


_WRITERS: Final[dict[str, Callable[[Assessed], bytes]]] = {
    "application/json": _json,
    **{media: _rdf(media) for media in ("application/ld+json", "text/turtle", "application/n-triples")},
    "text/html": memorandum,
}
#: What an assessment can be had as, the preferred one first.
MEDIA: Final = tuple(_WRITERS)
#: Short names for people.
SHORT: Final = {
    "json": "application/json",
    "jsonld": "application/ld+json",
    "turtle": "text/turtle",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "html": "text/html",
}
