"""Content negotiation (RFC 9110, section 12): which of the formats on offer suits the Accept header best."""

from collections.abc import Sequence

from graph.errors import NotAcceptable


def choose(accept: str | None, offers: Sequence[str]) -> str:
    """The best offer by quality, then by order of the offers; `NotAcceptable` lists them where none is acceptable."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()] if accept else [("*/*", 1.0)]
    best, quality = offers[0], 0.0
    for offer in offers:
        weight = _quality(offer, ranges)
        if weight > quality:
            best, quality = offer, weight
    if not quality:
        raise NotAcceptable(f"None of the formats in {accept!r} is on offer here. There are: {', '.join(offers)}.")
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    quality = next((p.partition("=")[2] for p in parameters if p.lower().startswith("q=")), "1")
    try:
        return media.lower(), float(quality)
    except ValueError:
        return media.lower(), 0.0


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most specific range that covers the offer."""
    for wanted in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        for media, quality in ranges:
            if media == wanted:
                return quality
    return 0.0
