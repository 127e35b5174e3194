"""RDF terms as the engine hands them out, and plain Python values from them."""

from datetime import date
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

import ontology
from graph.errors import BadDate, BadRequest

#: A term of a solution.
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
#: One solution: the bound variables by name.
Row = dict[str, Term]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATE = ox.NamedNode(f"{_XSD}date")


def node(iri: str) -> ox.NamedNode:
    """The IRI as a term."""
    return ox.NamedNode(iri)


def nodes(*names: str) -> frozenset[ox.NamedNode]:
    """The terms of the ontology with these prefixed names (``vin:share``)."""
    return frozenset(ox.NamedNode(ontology.iri(name)) for name in names)


def check_iri(value: str, name: str) -> str:
    """The value if it is an absolute IRI; `BadRequest` names the parameter otherwise."""
    try:
        return ox.NamedNode(value).value
    except ValueError as error:
        raise BadRequest(f"{name}: {value!r} is no IRI: {error}") from None


def day(value: date) -> ox.Literal:
    """The day as an ``xsd:date`` term."""
    return ox.Literal(value.isoformat(), datatype=_DATE)


def text(row: Row, name: str) -> str | None:
    """The lexical form or IRI bound to a variable."""
    term = row.get(name)
    return None if term is None or isinstance(term, ox.Triple) else term.value


def date_of(row: Row, name: str) -> date | None:
    """The day bound to a variable (of a dateTime its day); ``None`` where the value is no day."""
    try:
        return date.fromisoformat((text(row, name) or "")[:10])
    except ValueError:
        return None


def decimal_of(row: Row, name: str) -> Decimal | None:
    """The number bound to a variable; ``None`` where the value is no number."""
    try:
        value = Decimal(text(row, name) or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def parse_date(value: str, name: str = "date") -> date:
    """The day written as ISO 8601 (``2020-08-31``); `BadDate` names the parameter otherwise."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadDate(f"{name}: {value!r} is not a day. Write it as YYYY-MM-DD, for example 2020-08-31.") from None
