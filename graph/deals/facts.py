"""From the description of a deal to facts in the model's terms, as the conditions of norms ask for them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

import ontology
from graph.deals.description import WORLD, Data, Deal, Money, Party, Technology
from graph.deals.money import CURRENCIES, Converted, Rates
from graph.terms import Term, day, node

#: The classes of each kind of party.
_CLASSES: Final = {
    "company": ("rov:RegisteredOrganization",),
    "fund": ("org:Organization",),
    "person": ("schema:Person",),
    "state": ("org:FormalOrganization", "schema:GovernmentOrganization"),
    "business": ("org:OrganizationalUnit",),
    "land": ("schema:Place",),
}
#: Figures of a party in money, and what they measure.
_FIGURES: Final = {
    "turnover": "kind:turnover",
    "assets": "kind:assets",
    "net_sales": "kind:net-sales",
    "enterprise_value": "kind:enterprise-value",
}


@dataclass
class Facts:
    """The facts of a deal in a graph of their own, and what they are about."""

    graph: str
    deal: str
    quads: list[ox.Quad] = field(default_factory=list)
    #: Buyers, sellers, and companies that the deal is about.
    parties: list[str] = field(default_factory=list)
    #: What the deal is about: companies, businesses, technologies, data.
    things: list[str] = field(default_factory=list)
    #: The node of each named part by its field.
    nodes: dict[str, str] = field(default_factory=dict)
    #: Amounts that no rate converts: the field, the currency told and the currency wanted.
    unconverted: list[tuple[str, str, str]] = field(default_factory=list)
    #: Statements of the world that the deal supposes away.
    withdrawn: list[ox.Triple] = field(default_factory=list)


def facts_of(
    deal: Deal,
    rates: Rates,
    entries_tested: Iterable[str] = (),
    measures: Mapping[str, str] = MappingProxyType({}),
) -> Facts:
    """The facts of a deal. Whether a technology falls under an entry is left to the law where that tests it.

    `entries_tested` are the IRIs of those entries; `measures` the concepts that parameters stand for by a short name.
    """
    return _Writer(deal, rates, frozenset(entries_tested), measures).all()


class _Writer:
    """Writes the facts of one deal."""

    def __init__(self, deal: Deal, rates: Rates, tested: frozenset[str], measures: Mapping[str, str]) -> None:
        self._deal, self._rates, self._tested, self._measures = deal, rates, tested, measures
        self._place = f"{ontology.BASE}deal/{slug(deal.label)}"
        self._facts = Facts(f"{ontology.BASE}graph/deal/{slug(deal.label)}", self._place)
        new = [party for _, party in deal.parties() if not party.id]
        labels = [str(part.label) for part in (*new, *(one for one in deal.technologies if not one.id))]
        #: What is described in place, by its label.
        self._named = {label: f"{self._place}/{slug(label)}" for label in labels}
        self._source = f"{self._place}/description"

    def all(self) -> Facts:
        facts, deal = self._facts, self._deal
        self._say(self._source, "rdf:type", "schema:CreativeWork")
        self._say(self._source, "rdfs:label", _text(f"Description of the deal: {deal.label}"))
        buyers = [self._party(party, f"buyer[{n}]") for n, party in enumerate(deal.buyer)]
        sellers = [self._party(party, f"seller[{n}]") for n, party in enumerate(deal.seller)]
        targets = [self._target(party, n, sellers) for n, party in enumerate(deal.target)]
        for n, party in enumerate(deal.others):
            self._party(party, f"others[{n}]")
        technologies = [self._technology(one, n) for n, one in enumerate(deal.technologies)]
        data = [self._data(one, n, [*targets, *sellers]) for n, one in enumerate(deal.data)]
        gets = [
            *targets,
            *(iri for one, iri in zip(deal.technologies, technologies, strict=True) if self._transferred(one)),
            *(iri for one, iri in zip(deal.data, data, strict=True) if self._transferred(one)),
        ]
        for party, target in zip(deal.target, targets, strict=True):
            if not party.id and party.kind != "land":
                uses = zip(deal.technologies, technologies, strict=True)
                self._each(target, "dcterms:requires", [iri for one, iri in uses if one.transferred is not False])
            excluded = [f"{ontology.BASE}id/{name}" for name in deal.excludes]
            facts.withdrawn += [_triple(target, "dcterms:requires", node(iri)) for iri in excluded]
        self._transaction(buyers, sellers, gets)
        facts.parties = list(dict.fromkeys([*buyers, *sellers]))
        facts.things = list(dict.fromkeys([*targets, *technologies, *data]))
        return facts

    def _transaction(self, buyers: list[str], sellers: list[str], gets: list[str]) -> None:
        deal, here = self._deal, self._facts.deal
        done = deal.closing is not None and deal.closing < deal.date
        self._record(here, "vin:Transaction", deal.label)
        self._each(here, "schema:buyer", buyers)
        self._each(here, "schema:seller", sellers)
        self._each(here, "schema:object", gets)
        self._say(here, "schema:actionStatus", f"schema:{'Completed' if done else 'Potential'}ActionStatus")
        if done:
            self._say(here, "dcterms:date", _date(deal.closing))
        else:
            known = [deal.date, deal.signing, *(event.date for event in deal.assume)]
            self._say(here, "vin:validFrom", _date(min(on for on in known if on)))
        self._say(here, "vin:signing", _date(deal.signing))
        self._say(here, "vin:closing", _date(deal.closing))
        self._say(here, "vin:share", _percent(deal.stake))
        before = deal.stake_before if deal.stake_before is not None or deal.stake is None else Decimal(0)
        self._say(here, "vin:shareBefore", _percent(before))
        if deal.negotiation_days is not None:
            period = f"{here}/negotiation"
            self._say(here, "vin:negotiationPeriod", node(period))
            self._say(period, "rdf:type", "time:Duration")
            self._say(period, "time:numericDuration", ox.Literal(deal.negotiation_days))
            self._say(period, "time:unitType", "time:unitDay")
        rights = [*(["control"] if deal.control else []), *deal.rights]
        self._each(here, "vin:confers", [concept(name) for name in rights])
        self._qualified(here, deal.qualifies_as)
        if deal.value:
            self._price(deal.value)

    def _price(self, value: Money) -> None:
        for money in self._amounts("value", value, [CURRENCIES[m] for m in self._deal.markets if m in CURRENCIES]):
            worth = self._facts.deal
            if money.currency != value.currency:
                worth = f"{self._place}/price-{money.currency.lower()}"
                self._say(self._facts.deal, "schema:priceSpecification", node(worth))
                self._say(worth, "rdfs:comment", _text(money.how))
            self._say(worth, "schema:price", _decimal(money.amount))
            self._say(worth, "schema:priceCurrency", ox.Literal(money.currency))

    def _party(self, party: Party, field: str) -> str:
        here = self._node(party.id, party.label, field)
        if not party.id:
            first, *further = _CLASSES[party.kind]
            self._record(here, first, str(party.label))
            for name in further:
                self._say(here, "rdf:type", name)
        self._seat(here, party)
        for number, owner in enumerate(party.owners):
            holder = self._party(owner.owner, f"{field}.owners[{number}].owner")
            self._owned(holder, here, owner.share, owner.owner.name, party.name)
        if party.government_share:
            self._owned(self._state(party.country or ""), here, party.government_share, "the state", party.name)
        self._each(here, "vin:engagedIn", [concept(name) for name in party.sectors])
        for name, measure in _FIGURES.items():
            self._figures(here, f"{field}.{name}", measure, getattr(party, name), party.name)
        for name, value in party.parameters.items():
            self._figure(here, concept(name), value, f"{name} of {party.name}")
        if party.kind == "land":
            self._each(here, "vin:classifiedAs", [concept(name) for name in party.qualifies_as])
        else:
            self._qualified(here, party.qualifies_as)
        return here

    def _seat(self, here: str, party: Party) -> None:
        seat = "schema:nationality" if party.kind == "person" else "dpv:hasJurisdiction"
        places = (party.country, party.headquarters) if party.kind != "land" else ()
        self._each(here, seat, dict.fromkeys(_place(code) for code in places if code))
        if party.country and party.kind in ("company", "fund"):
            self._say(here, "schema:foundingLocation", node(_place(party.country)))
        where = party.headquarters or (party.country if party.kind == "land" else None)
        self._say(here, "schema:location", node(_place(where)) if where else None)
        self._each(here, "schema:areaServed", [_place(code) for code in party.markets])

    def _target(self, party: Party, number: int, sellers: list[str]) -> str:
        field = f"target[{number}]"
        here = self._party(party, field)
        if not party.id and not party.markets and party.kind in ("company", "business"):
            self._each(here, "schema:areaServed", [_place(code) for code in self._deal.markets])
        if party.unit_of:
            self._say(here, "org:unitOf", node(self._party(party.unit_of, f"{field}.unit_of")))
        elif party.kind == "business" and not party.id:
            self._each(here, "org:unitOf", sellers[:1])
        return here

    def _technology(self, one: Technology, number: int) -> str:
        here = self._node(one.id, one.label, f"technologies[{number}]")
        if not one.id:
            self._record(here, "dpv:Technology", str(one.label))
        self._each(here, "vin:classifiedAs", [thing(name) for name in one.entries if thing(name) not in self._tested])
        for name, value in one.parameters.items():
            self._figure(here, self._measures.get(name, concept(name)), value, f"{name} of {one.name}")
        self._qualified(here, one.qualifies_as)
        return here

    def _data(self, one: Data, number: int, holders: list[str]) -> str:
        field = f"data[{number}]"
        label = one.label or f"data on {one.subjects:,} people"
        here = self._node(None, label, field)
        self._record(here, "vin:DataHolding", label)
        holder = self._party(one.holder, f"{field}.holder") if one.holder else next(iter(holders), None)
        self._say(here, "vin:owner", node(holder) if holder else None)
        kinds = one.kinds or ["sensitive-personal-data" if one.sensitive else "personal-data"]
        self._each(here, "vin:concept", [concept(name) for name in kinds])
        self._say(here, "vin:subjects", ox.Literal(one.subjects))
        self._say(here, "vin:residents", node(_place(one.residents_of)) if one.residents_of else None)
        self._say(here, "schema:location", node(_place(one.stored_in)) if one.stored_in else None)
        self._qualified(here, one.qualifies_as)
        return here

    def _transferred(self, part: Technology | Data) -> bool:
        """Whether the buyer gets it: in a deal about shares it stays where it is."""
        return self._deal.stake is None if part.transferred is None else part.transferred

    def _state(self, country: str) -> str:
        return self._party(Party(label=f"Government of {country}", kind="state", country=country), f"state {country}")

    def _owned(self, owner: str, owned: str, share: Decimal, *names: str) -> None:
        here = f"{self._place}/ownership-{slug(' '.join(names))}"
        self._record(here, "vin:Ownership", f"{names[0]} owns {share * 100:f} % of {names[1]}")
        self._say(here, "vin:owner", node(owner))
        self._say(here, "vin:object", node(owned))
        self._say(here, "vin:share", _percent(share))

    def _figures(self, here: str, field: str, measure: str, told: Mapping[str, Money], name: str) -> None:
        for market, money in told.items():
            wanted = [market] if market != WORLD else self._deal.markets
            for one in self._amounts(f"{field}.{market}", money, [CURRENCIES[m] for m in wanted if m in CURRENCIES]):
                label = f"{measure.removeprefix('kind:')} of {name}" + (f" in {market}" if market != WORLD else "")
                figure = self._figure(here, ontology.iri(measure), one.amount, label, f"{market}-{one.currency}")
                self._say(figure, "schema:currency", ox.Literal(one.currency))
                self._say(figure, "schema:areaServed", node(_place(market)) if market != WORLD else None)
                if one.currency != money.currency:
                    self._say(figure, "rdfs:comment", _text(one.how))

    def _figure(self, here: str, measure: str, value: Decimal, label: str, *more: str) -> str:
        figure = f"{self._place}/figure-{slug(' '.join((label, *more)))}"
        self._record(figure, "vin:Figure", label)
        self._say(figure, "vin:subject", node(here))
        self._say(figure, "vin:concept", node(measure))
        self._say(figure, "schema:value", _decimal(value))
        return figure

    def _amounts(self, field: str, money: Money, currencies: Iterable[str]) -> Iterable[Converted]:
        """The amount as told, and in each further currency; what no rate converts is noted."""
        yield Converted(money.amount, money.currency, "as told")
        for currency in dict.fromkeys(currencies):
            if currency == money.currency:
                continue
            if converted := self._rates.convert(money, currency):
                yield converted
            else:
                self._facts.unconverted.append((field, money.currency, currency))

    def _qualified(self, here: str, concepts: Iterable[str]) -> None:
        for name in concepts:
            listing = f"{self._place}/is-{slug(name)}-{slug(ontology.slug_of(here))}"
            self._record(listing, "vin:Qualification", f"{ontology.slug_of(here)} counts as {name}")
            self._say(listing, "vin:subject", node(here))
            self._say(listing, "vin:concept", node(concept(name)))

    def _node(self, id: str | None, label: str | None, field: str) -> str:
        """The thing that is named: of the graph, or one of the deal's own, which its label names from then on."""
        name = str(label)
        iri = thing(id) if id and id not in self._named else self._named.get(id or name)
        if iri is None:
            iri = f"{self._place}/{slug(name)}"
            self._named[name] = iri
        self._facts.nodes[field] = iri
        return iri

    def _record(self, here: str, kind: str, label: str) -> None:
        self._say(here, "rdf:type", kind)
        self._say(here, "rdfs:label", _text(label))
        self._say(here, "dcterms:source", node(self._source))

    def _each(self, here: str, predicate: str, iris: Iterable[str]) -> None:
        for iri in iris:
            self._say(here, predicate, node(iri))

    def _say(self, here: str, predicate: str, value: "Term | str | None") -> None:
        """One fact, where there is a value; a text is a prefixed name."""
        if value is None:
            return
        term = node(ontology.iri(value)) if isinstance(value, str) else value
        self._facts.quads.append(ox.Quad(node(here), node(ontology.iri(predicate)), term, node(self._facts.graph)))


def slug(text: str) -> str:
    """The text as the last segment of an IRI: lower case, hyphens; what is not Latin by its code points."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return found or "-".join(f"{ord(letter):x}" for letter in text)


def concept(name: str) -> str:
    """The IRI of a concept of the graph by its slug."""
    return name if "://" in name else ontology.iri(f"kind:{name.removeprefix('kind:')}")


def thing(name: str) -> str:
    """The IRI of a thing of the graph by its slug."""
    return ontology.iris_of(name)[0]


def _place(code: str) -> str:
    return ontology.market_iri(code)


def _triple(subject: str, predicate: str, value: ox.NamedNode) -> ox.Triple:
    return ox.Triple(node(subject), node(ontology.iri(predicate)), value)


def _text(value: str) -> ox.Literal:
    return ox.Literal(value, language="en")


def _date(value: date | None) -> ox.Literal | None:
    return day(value) if value else None


def _decimal(value: Decimal) -> ox.Literal:
    """As a decimal, or a double where a decimal of the engine would overflow."""
    if abs(value) >= Decimal(10) ** 20:
        return ox.Literal(float(value))
    return ox.Literal(f"{value:f}", datatype=node(ontology.iri("xsd:decimal")))


def _percent(share: Decimal | None) -> ox.Literal | None:
    return _decimal(share * 100) if share is not None else None
