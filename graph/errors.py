"""What can go wrong, in one tree.

    VinculumError                  base: message for people, HTTP status, stable type name
    ├── BadRequest          400    a parameter or body that cannot be understood
    │   ├── BadDate
    │   └── BadQuery               SPARQL that does not parse or may not run here
    ├── Unauthorized        401    a write without the right key
    ├── Forbidden           403    a write where nobody may write
    ├── NotFound            404    no such thing
    ├── NotAcceptable       406    no such format
    ├── TooLarge            413    a body larger than the setting allows
    ├── UnsupportedMedia    415    a body in a format nobody reads
    ├── BadData             422    RDF that does not parse, or breaks a shape or the rules for norms
    ├── BadDeal             422    a description of a deal with faults; `errors` lists them by field
    ├── StoreError          500    the store cannot be opened, read or written
    ├── StoreUnavailable    503    the remote store does not answer
    ├── Busy                503    too many queries at once
    └── QueryTimeout        504    a query was stopped: too long, or too much memory

Every error says what is wrong, where, and what to do. `fields` are extra members for machines.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from graph.deals.reading import Fault


class VinculumError(Exception):
    """Base of all errors shown to users."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields

    @property
    def kind(self) -> str:
        """The stable name of the error class, in lower case with hyphens."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


class BadRequest(VinculumError):
    """A parameter or body that cannot be understood."""

    status = 400
    title = "Bad request"


class BadDate(BadRequest):
    """A date that is not an ISO 8601 day."""

    title = "Bad date"


class BadQuery(BadRequest):
    """SPARQL that does not parse, or that may not run here."""

    title = "Bad query"


class Unauthorized(VinculumError):
    """A write without the right key."""

    status = 401
    title = "Unauthorized"


class Forbidden(VinculumError):
    """A write where nobody may write."""

    status = 403
    title = "Forbidden"


class NotFound(VinculumError):
    """No such thing."""

    status = 404
    title = "Not found"


class NotAcceptable(VinculumError):
    """No such format."""

    status = 406
    title = "Not acceptable"


class TooLarge(VinculumError):
    """A body larger than the setting allows."""

    status = 413
    title = "Too large"


class UnsupportedMedia(VinculumError):
    """A body in a format nobody reads here."""

    status = 415
    title = "Unsupported media type"


class BadData(VinculumError):
    """RDF that does not parse, or that breaks a shape or the rules for norms."""

    status = 422
    title = "Bad data"


class BadDeal(VinculumError):
    """A description of a deal that contradicts itself, or names what is not known."""

    status = 422
    title = "Bad deal"

    @classmethod
    def of(cls, faults: "Iterable[Fault]") -> "BadDeal":
        """The error for all faults of a description."""
        found = list(dict.fromkeys(faults))
        said = "\n".join(f"  {fault}" for fault in found)
        head = "The deal has a fault" if len(found) == 1 else f"The deal has {len(found)} faults"
        return cls(f"{head}:\n{said}", errors=[{"field": f.field, "detail": f.detail} for f in found])


class StoreError(VinculumError):
    """The store cannot be opened, read or written."""

    title = "Store error"


class StoreUnavailable(VinculumError):
    """The remote store does not answer."""

    status = 503
    title = "Store unavailable"


class Busy(VinculumError):
    """Too many queries at once."""

    status = 503
    title = "Busy"


class QueryTimeout(VinculumError):
    """A query was stopped because it took too long or too much memory."""

    status = 504
    title = "Query stopped"
