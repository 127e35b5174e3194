"""Where the triples lie: in memory, in a folder, or behind a SPARQL endpoint."""

from pathlib import Path

from graph.errors import BadRequest
from graph.store.base import EVERYTHING, Dataset, Store
from graph.store.embedded import EmbeddedStore

__all__ = ["EVERYTHING", "Dataset", "EmbeddedStore", "Store", "open_store"]


def open_store(location: str | Path) -> Store:
    """The store at `location`: ``memory``, the URL of a SPARQL endpoint, or a folder (made where it is missing)."""
    place = str(location)
    if place == "memory":
        return EmbeddedStore()
    if place.startswith(("http://", "https://")):
        from graph.store.remote import RemoteStore  # its HTTP client is slow to import, and query workers need none

        return RemoteStore(place)
    if "://" in place:
        raise BadRequest(
            f"--store {place}: name a folder, `memory`, or an endpoint that begins with http:// or https://."
        )
    return EmbeddedStore(Path(place))
