"""What a description says against what the graph knows: ids, concepts, markets, currencies, parameters, norms."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import ontology
from graph.deals.description import Deal, Money, Technology
from graph.deals.facts import concept, thing
from graph.deals.money import Rates
from graph.deals.reading import Fault, nearest
from graph.deals.tested import tested_by_entries
from graph.derive.law import read_law
from graph.read.search import search
from graph.terms import node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def check(graph: "KnowledgeGraph", law: "KnowledgeGraph", deal: Deal, rates: Rates) -> Iterator[Fault]:
    """What is wrong with the description as the graph sees it, with the names that may have been meant.

    `law` is the law of the graph alone (`graph.deals.world.law_of`): near names are looked for there, so that it takes
    no longer where the graph holds many facts.
    """
    yield from _unknown_things(graph, law, deal)
    yield from _unknown_concepts(law, deal)
    for number, market in enumerate(deal.markets):
        if market not in ontology.MARKETS:
            yield Fault(f"markets[{number}]", f"no law of {market} is known; give {', '.join(ontology.MARKETS)}")
    known = rates.known()
    for field, money in _amounts(deal):
        if money.currency not in known:
            yield Fault(
                f"{field}.currency",
                f"{money.currency} is no currency known here ({', '.join(sorted(known))}); supply its rate in `rates`",
            )
    for number, technology in enumerate(deal.technologies):
        yield from _parameters(law, technology, f"technologies[{number}]")
    norms = norms_by_name(law)
    for number, event in enumerate(deal.assume):
        if event.of not in norms and not _is_position(event.of):
            yield Fault(f"assume[{number}].of", f"there is no norm {event.of!r}{nearest(event.of, norms)}")
    for number, deadline in enumerate(deal.deadlines):
        name = deadline.obligation
        if name and name not in norms and not _is_position(name):
            yield Fault(f"deadlines[{number}].obligation", f"there is no norm {name!r}{nearest(name, norms)}")


def norms_by_name(law: "KnowledgeGraph") -> dict[str, str]:
    """The IRIs of the norms by each name they go by: identifier of the reference, slug, IRI."""
    return law.memo("norms by name", lambda: _norms(law))


def measure_of(law: "KnowledgeGraph", name: str, technology: Technology) -> str | None:
    """The concept that a parameter of a technology measures: by its slug, or by the end of it where only one fits."""
    iri = concept(name)
    if iri in _concepts(law):
        return iri
    tested = tested_by_entries(law)
    near = {m for entry in technology.entries for m in tested.get(thing(entry), ())}
    near = near or {measure for measures in tested.values() for measure in measures}
    ending = f"-{name.replace('_', '-')}"
    found = [measure for measure in near if ontology.slug_of(measure).endswith(ending)]
    return found[0] if len(found) == 1 else None


def _norms(law: "KnowledgeGraph") -> dict[str, str]:
    rules = {rule.iri for rule in read_law(law).rules.values() if rule.modality}
    names = {name: iri for iri in rules for name in (iri, ontology.slug_of(iri))}
    for row in law.rows("rule-keys"):
        if (iri := str(text(row, "rule"))) in rules:
            names.setdefault(str(text(row, "key")), iri)
    return names


def _is_position(name: str) -> bool:
    """Whether it reads like the id of a legal position, which only the derivation gives: it ends in a hash."""
    return len(tail := name.rsplit("-", 1)[-1]) >= 10 and all(c in "0123456789abcdef" for c in tail)


def _unknown_things(graph: "KnowledgeGraph", law: "KnowledgeGraph", deal: Deal) -> Iterator[Fault]:
    labels = {party.label for _, party in deal.parties() if party.label and not party.id}
    labels |= {one.label for one in deal.technologies if one.label and not one.id}
    named = [(f"{field}.id", party.id) for field, party in deal.parties() if party.id and party.id not in labels]
    named += [(f"technologies[{n}].id", one.id) for n, one in enumerate(deal.technologies) if one.id]
    named += [(f"excludes[{n}]", name) for n, name in enumerate(deal.excludes)]
    for n, one in enumerate(deal.technologies):
        named += [(f"technologies[{n}].entries[{k}]", name) for k, name in enumerate(one.entries)]
    known = _described(graph, (name for _, name in named))
    for field, name in named:
        if name not in known:
            new = " Describe what is new by a `label`." if field.endswith(".id") else ""
            hits = [hit.id for hit in search(law, name.replace("-", " "), 3)]
            meant = f"; did you mean {' or '.join(hits)}?" if hits else "."
            yield Fault(field, f"there is no {name!r} in the graph{meant}{new}")


def _described(graph: "KnowledgeGraph", names: Iterable[str]) -> set[str]:
    wanted = {thing(name): name for name in names}
    found = graph.rows("known-nodes", nodes=[node(iri) for iri in sorted(wanted)]) if wanted else []
    return {wanted[str(text(row, "node"))] for row in found}


def _unknown_concepts(law: "KnowledgeGraph", deal: Deal) -> Iterator[Fault]:
    named = [(f"rights[{n}]", name) for n, name in enumerate(deal.rights)]
    named += [(f"qualifies_as[{n}]", name) for n, name in enumerate(deal.qualifies_as)]
    for field, party in deal.parties():
        named += [(f"{field}.sectors[{n}]", name) for n, name in enumerate(party.sectors)]
        named += [(f"{field}.qualifies_as[{n}]", name) for n, name in enumerate(party.qualifies_as)]
        named += [(f"{field}.parameters.{name}", name) for name in party.parameters]
    for k, data in enumerate(deal.data):
        named += [(f"data[{k}].kinds[{n}]", name) for n, name in enumerate(data.kinds)]
        named += [(f"data[{k}].qualifies_as[{n}]", name) for n, name in enumerate(data.qualifies_as)]
    for k, one in enumerate(deal.technologies):
        named += [(f"technologies[{k}].qualifies_as[{n}]", name) for n, name in enumerate(one.qualifies_as)]
    kinds = _concepts(law)
    for field, name in named:
        if concept(name) not in kinds:
            slugs = [ontology.slug_of(iri) for iri in kinds]
            yield Fault(field, f"there is no concept {name!r}{nearest(name, slugs)}")


def _concepts(law: "KnowledgeGraph") -> frozenset[str]:
    """The concepts that a description may use."""
    space = ontology.iri("kind:")
    return law.memo(
        "kinds that deals use",
        lambda: frozenset(
            iri for row in law.rows("concept-names") if (iri := str(text(row, "concept"))).startswith(space)
        ),
    )


def _amounts(deal: Deal) -> Iterator[tuple[str, Money]]:
    if deal.value:
        yield "value", deal.value
    for field, party in deal.parties():
        for name in ("turnover", "assets", "net_sales", "enterprise_value"):
            for market, money in getattr(party, name).items():
                yield f"{field}.{name}.{market}", money


def _parameters(law: "KnowledgeGraph", one: Technology, field: str) -> Iterator[Fault]:
    """Parameters that measure nothing known, and those that an entry tests and that are not told, or not all."""
    given = {name: measure_of(law, name, one) for name in one.parameters}
    tested = tested_by_entries(law)
    slugs = [ontology.slug_of(measure) for measures in tested.values() for measure in measures]
    for name, measure in given.items():
        if measure is None:
            yield Fault(f"{field}.parameters.{name}", f"no list entry tests {name!r}{nearest(name, slugs)}")
    told = set(given.values())
    for entry, measures in tested.items():
        named = entry in {thing(name) for name in one.entries}
        if (named or not told.isdisjoint(measures)) and (missing := measures - told):
            wanted = ", ".join(sorted(ontology.slug_of(measure) for measure in missing))
            yield Fault(f"{field}.parameters", f"{ontology.slug_of(entry)} tests {wanted} too; give the number of each")
