"""The data and the queries: a made-up economy of any size, the same triples on every run.

The small world for queries uses a vocabulary of its own (``bench:``), so that every server holds plain triples and
none has to understand them. The network for paths is written in the ontology of Vinculum, as a user would load it.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: Triples of one entity, ownership and obligation; a "block" is 5 of the first two and 10 of the last.
BLOCK: Final = 5 * 5 + 5 * 3 + 10 * 6
#: How many obligations one register lists, and so how many rows its query gives.
REGISTER: Final = 10_000
NETWORK_GRAPH: Final = "https://w3id.org/vinculum/graph/file/network"

_BENCH: Final = "http://bench.example/"
_RDF_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_VIN: Final = "https://w3id.org/vinculum/ns#"
_ID: Final = "https://w3id.org/vinculum/id/"
_PREFIX: Final = f"PREFIX bench: <{_BENCH}ns#>\n"


def write_world(file: Path, triples: int) -> None:
    """Write a world of that many triples (a multiple of `BLOCK`) as N-Triples."""
    blocks = triples // BLOCK
    chance = random.Random(20_200_806)
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line} .\n" for line in _world(blocks, chance))


def point_queries(triples: int, count: int, seed: int = 1) -> list[str]:
    """What is known of one entity: five rows."""
    return [f"SELECT ?p ?o WHERE {{ <{_BENCH}entity/{e}> ?p ?o }}" for e in _entities(triples, count, seed)]


def join_queries(triples: int, count: int, seed: int = 2) -> list[str]:
    """Who owns one entity, what are they called, and what do they owe: three joins, some rows."""
    return [
        f"{_PREFIX}SELECT ?owner ?name ?amount WHERE {{ ?share bench:owned <{_BENCH}entity/{e}> ; bench:owner ?owner . "
        "?owner bench:name ?name . ?duty bench:bearer ?owner ; bench:amount ?amount }"
        for e in _entities(triples, count, seed)
    ]


def grouped_query() -> str:
    """What the owners of one sector's entities owe, by country: some hundred paths through four joins, grouped."""
    return (
        f"{_PREFIX}SELECT ?country (SUM(?amount) AS ?owed) WHERE {{ ?entity bench:sector <{_BENCH}sector/7> . "
        "?share bench:owned ?entity ; bench:owner ?owner . ?owner bench:country ?country . "
        "?duty bench:bearer ?owner ; bench:amount ?amount } GROUP BY ?country"
    )


def long_query() -> str:
    """Everything one register lists: 10,000 rows."""
    return (
        f"{_PREFIX}SELECT ?duty ?amount ?due WHERE "
        f"{{ ?duty bench:register <{_BENCH}register/0> ; bench:amount ?amount ; bench:due ?due }}"
    )


def every_triple(rows: int) -> str:
    """That many rows of everything."""
    return f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {rows}"


def network_edges(nodes: int, edges: int) -> list[tuple[int, int]]:
    """Who owns whom: mostly neighbours in a ring, one edge in ten anywhere; no loops and no repetitions."""
    chance = random.Random(7)
    found: dict[tuple[int, int], None] = {}
    while len(found) < edges:
        a = chance.randrange(nodes)
        b = chance.randrange(nodes) if chance.random() < 0.1 else (a + chance.randint(1, 200)) % nodes
        if a != b:
            found[(a, b)] = None
    return list(found)


def company(number: int) -> str:
    """The IRI of a company of the network."""
    return f"{_ID}company-{number}"


def write_network(file: Path, nodes: int, edges: list[tuple[int, int]]) -> None:
    """Write companies and ownerships with labels, shares, sources and confidence as N-Triples."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line} .\n" for line in _network(nodes, edges))


def _entities(triples: int, count: int, seed: int) -> list[int]:
    return random.Random(seed).sample(range(triples // BLOCK * 5), count)


def _world(blocks: int, chance: random.Random) -> Iterator[str]:
    entities = blocks * 5

    def ns(name: str) -> str:
        return f"<{_BENCH}ns#{name}>"

    def any_entity() -> str:
        return f"<{_BENCH}entity/{chance.randrange(entities)}>"

    for n in range(entities):
        me = f"<{_BENCH}entity/{n}>"
        yield f"{me} {_RDF_TYPE} {ns('Entity')}"
        yield f'{me} {ns("name")} "Entity number {n} Limited"'
        yield f"{me} {ns('country')} <{_BENCH}country/{chance.randrange(200)}>"
        yield f'{me} {ns("founded")} "{_day(chance)}"^^<{_XSD}date>'
        yield f"{me} {ns('sector')} <{_BENCH}sector/{chance.randrange(40)}>"
    for n in range(entities):
        me = f"<{_BENCH}share/{n}>"
        yield f"{me} {ns('owner')} {any_entity()}"
        yield f"{me} {ns('owned')} <{_BENCH}entity/{n}>"
        yield f'{me} {ns("percent")} "{chance.randint(1, 10_000) / 100}"^^<{_XSD}decimal>'
    for n in range(blocks * 10):
        me = f"<{_BENCH}duty/{n}>"
        yield f"{me} {_RDF_TYPE} {ns('Obligation')}"
        yield f"{me} {ns('bearer')} {any_entity()}"
        yield f"{me} {ns('counterparty')} {any_entity()}"
        yield f'{me} {ns("amount")} "{chance.randint(1, 9_999_999)}"^^<{_XSD}integer>'
        yield f'{me} {ns("due")} "{_day(chance)}"^^<{_XSD}date>'
        yield f"{me} {ns('register')} <{_BENCH}register/{n // REGISTER}>"


def _network(nodes: int, edges: list[tuple[int, int]]) -> Iterator[str]:
    label, source = "<http://www.w3.org/2000/01/rdf-schema#label>", "<http://purl.org/dc/terms/source>"
    for n in range(nodes):
        yield f"<{company(n)}> {_RDF_TYPE} <http://www.w3.org/ns/regorg#RegisteredOrganization>"
        yield f'<{company(n)}> {label} "Company {n} Limited"@en'
        yield f"<{company(n)}> {source} <{_ID}source-{n % 100}>"
        yield f"<{company(n)}> <{_VIN}confidence> <{_VIN}HighConfidence>"
    for number, (a, b) in enumerate(edges):
        me = f"<{_ID}holding-{number}>"
        yield f"{me} {_RDF_TYPE} <{_VIN}Ownership>"
        yield f'{me} {label} "Company {a} Limited owns a part of Company {b} Limited"@en'
        yield f"{me} <{_VIN}owner> <{company(a)}>"
        yield f"{me} <{_VIN}object> <{company(b)}>"
        yield f'{me} <{_VIN}share> "{number % 5}.5"^^<{_XSD}decimal>'
        yield f"{me} {source} <{_ID}source-{number % 100}>"
        yield f"{me} <{_VIN}confidence> <{_VIN}HighConfidence>"


def _day(chance: random.Random) -> str:
    return f"{chance.randint(1980, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
