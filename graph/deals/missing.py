"""Facts that a description does not tell and that would change the answer: they are asked for, never guessed.

The rules of the deal's markets are tried once more, in their order, with what the description leaves open taken as met
(`graph.deals.relax`). Where a rule applies only so, the facts that it lacks are what is missing. What a definition
would give then is supposed for the rules after it, so that each question names the norms for whose sake it is asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

import ontology
from graph.deals.description import Deal, Party
from graph.deals.facts import Facts
from graph.deals.money import CURRENCIES
from graph.deals.relax import Open, Pattern, Relaxed, relax
from graph.derive.law import read_law
from graph.derive.rules import Rule
from graph.read.obligations import Obligation
from graph.read.references import Answer, Ref, refs
from graph.terms import Row, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: Fields of the deal by what norms ask of it.
_OF_DEAL: Final = {
    "vin:share": "stake",
    "vin:signing": "signing",
    "vin:closing": "closing",
    "vin:confers": "control",
    "schema:price": "value",
}
#: Fields of a party by what is measured.
_MEASURES: Final = {
    "kind:turnover": "turnover",
    "kind:assets": "assets",
    "kind:net-sales": "net_sales",
    "kind:enterprise-value": "enterprise_value",
}
#: What is said of deals only.
_DEALS: Final = frozenset(f"<{ontology.iri(name)}>" for name in ("schema:buyer", "vin:closing", "vin:signing"))
_QUESTIONS: Final = {
    "stake": "Which share of the target will the buyer hold?",
    "signing": "When is the agreement signed, or planned to be?",
    "closing": "When does the deal close, or is planned to?",
    "control": "Does the buyer get control, or other rights such as a board seat?",
    "value": "What is the price?",
    "data": "On how many people does the target hold data, of which kinds, living where?",
    "technologies": "Which technologies does the target use, and which list entries do they fall under?",
    "country": "In which country is it incorporated (of a person: which nationality)?",
    "sectors": "What does the business do?",
    "owners": "Who owns it, and which share does a government hold?",
    "turnover": "What is its turnover?",
    "assets": "What are its total assets?",
    "net_sales": "What are its annual net sales?",
    "enterprise_value": "What is its enterprise value?",
}


class Missing(Answer):
    """A fact that the description does not tell and that would change the answer: its field, and what asks for it."""

    field: str
    question: str
    because: str
    norms: list[Ref]


def missing(world: "KnowledgeGraph", deal: Deal, facts: Facts, found: Iterable[Obligation]) -> list[Missing]:
    """What to ask about a deal, the question that most norms hang on first. The world is left as it was."""
    asker = _Asker(world, deal, facts, {position.norm.iri for position in found})
    try:
        asked = asker.all()
    finally:
        world.store.amend(asker.supposed, ())
    named = refs(world, [norm for norms in asked.values() for norm in norms])
    answers = [_question(field, [named[norm] for norm in sorted(norms)]) for field, norms in asked.items()]
    for field, source, target in facts.unconverted:
        because = f"{field} is told in {source}: thresholds in {target} are not compared with it"
        answers.append(Missing(field="rates", question=f"What is one {source} in {target}?", because=because, norms=[]))
    answers += [*_markets(deal), *_land(deal)]
    return sorted(answers, key=lambda one: (-len(one.norms), one.field))


def _markets(deal: Deal) -> Iterator[Missing]:
    """Asked where no market is named, or not the country of a seller or target."""
    seats = {code for party in (*deal.seller, *deal.target) for code in (party.country, party.headquarters) if code}
    left_out = sorted(code for code in seats & CURRENCIES.keys() if code not in deal.markets)
    if left_out or not deal.markets:
        question = f"Does it concern {' and '.join(left_out)}?" if left_out else "Which countries does it concern?"
        because = "the law of a country is asked where `markets` names it"
        yield Missing(field="markets", question=question, because=because, norms=[])


def _land(deal: Deal) -> Iterator[Missing]:
    """Asked where it is not told what kind of land the deal is about."""
    for number, party in enumerate(deal.target):
        if party.kind == "land" and not party.id and not party.qualifies_as:
            question = "Which kinds of land is it, as concepts of the graph such as `nz-sensitive-land`?"
            because = "on it depends whether the land needs a consent"
            yield Missing(field=f"target[{number}].qualifies_as", question=question, because=because, norms=[])


def _question(field: str, norms: list[Ref]) -> Missing:
    said = _QUESTIONS[field.rsplit(".", 1)[-1].partition("[")[0]] if field.rsplit(".", 1)[-1] not in _QUESTIONS else ""
    labels = "; ".join(norm.label for norm in norms[:3]) + (f"; and {len(norms) - 3} more" if len(norms) > 3 else "")
    return Missing(
        field=field,
        question=said or _QUESTIONS[field.rsplit(".", 1)[-1]],
        because=f"on it depends whether this applies: {labels}",
        norms=norms,
    )


class _Asker:
    """Tries the rules with what is left open."""

    def __init__(self, world: "KnowledgeGraph", deal: Deal, facts: Facts, applying: set[str]) -> None:
        self._world, self._deal, self._facts, self._applying = world, deal, facts, applying
        self._law = read_law(world)
        self._parties = {facts.nodes[field]: (field, party) for field, party in reversed(list(deal.parties()))}
        self._tested = {rule.concept for rule in self._law.rules.values() if rule.test}
        #: The fields that each supposed qualification hangs on.
        self._supposed: dict[str, frozenset[str]] = {}
        #: What stands in the world for the time of the asking.
        self.supposed: list[ox.Quad] = []
        self._concepts: set[str] = set()

    def all(self) -> dict[str, set[str]]:
        """The norms that hang on each field."""
        asked: dict[str, set[str]] = defaultdict(set)
        markets = set(self._deal.markets)
        for stratum in self._law.strata:
            for rule in stratum.rules:
                if rule.test or rule.country not in markets or not rule.span.holds(self._deal.date):
                    continue
                if rule.iri in self._applying:
                    continue
                for fields, row in self._lacking(rule):
                    if rule.modality:
                        for field in fields:
                            asked[field].add(rule.iri)
                    else:
                        self._suppose(rule, row, fields)
        return asked

    def _lacking(self, rule: Rule) -> Iterator[tuple[frozenset[str], Row]]:
        """The cases of the deal to which the rule would apply, each with the fewest fields that it lacks."""
        condition = relax(rule.query, self._may_miss)
        if condition is None:
            return
        asks = any(ontology.slug_of(concept) in rule.query.text for concept in self._concepts)
        anchor, values = self._anchor(rule, condition)
        if not anchor or (not condition.open and not asks):
            return
        best: dict[tuple[str | None, str | None], tuple[frozenset[str], Row]] = {}
        for row in self._world.store.select(condition.narrowed(anchor, values), self._world.scope()):
            fields = self._fields(condition, row)
            if fields is None:
                continue
            case = (text(row, "subject"), text(row, "object"))
            if case not in best or len(fields) < len(best[case][0]):
                best[case] = (fields, row)
        if all(fields for fields, _ in best.values()):
            yield from best.values()

    def _anchor(self, rule: Rule, condition: Relaxed) -> tuple[str | None, str]:
        """The variable by which the rule speaks of the deal, or of what it is about, and its values."""
        fixed = rule.query.pattern.fixed
        here = [occurrence.triple for occurrence in rule.query.pattern.occurrences() if not occurrence.adverse]
        deals = [t.subject for t in here if not _DEALS.isdisjoint(t.predicates) and t.subject.startswith("?")]
        if deals and deals[0] not in fixed:
            return deals[0], str(node(self._facts.deal))
        own = " ".join(str(node(iri)) for iri in sorted({self._facts.deal, *self._parties, *self._facts.things}))
        for name in ("?subject", "?object", "?bearer"):
            if name[1:] in rule.query.free and name in condition.variables:
                return name, own
        return None, ""

    def _fields(self, condition: Relaxed, row: Row) -> frozenset[str] | None:
        """The fields that a solution lacks; nothing where what it lacks cannot be asked for."""
        found: set[str] = set()
        for one in condition.open:
            if one.marker[1:] in row:
                continue
            field = self._field(one, row)
            if field is None:
                return None
            found.add(field)
        for name in row:
            found |= self._supposed.get(text(row, name) or "", frozenset())
        return frozenset(found)

    def _may_miss(self, pattern: Pattern) -> bool:
        """Whether a fact of this kind can be untold."""
        deal = self._deal
        untold = {
            "vin:share": deal.stake is None and not self._for_assets(),
            "vin:signing": deal.signing is None,
            "vin:closing": deal.closing is None,
            "vin:confers": deal.control is None and not deal.rights and not self._for_assets(),
            "schema:price": deal.value is None,
        }
        if any(untold[name] and pattern.subject(name) for name in untold):
            return True
        if pattern.a("vin:Qualification"):
            return (pattern.value("vin:concept") or "").strip("<>") in self._tested
        return (
            pattern.a("vin:Figure")
            or (pattern.a("vin:DataHolding") and not deal.data)
            or bool(
                pattern.subject("vin:engagedIn")
                or (pattern.subject("dcterms:requires") and not deal.technologies and not deal.excludes)
            )
        )

    def _for_assets(self) -> bool:
        """Whether the deal is about assets, of which nobody holds a share."""
        return self._deal.kind in ("asset-sale", "licence")

    def _field(self, one: Open, row: Row) -> str | None:
        """The field that would tell the fact, where the description leaves it open."""
        pattern = one.pattern
        for name, field in _OF_DEAL.items():
            if pattern.subject(name):
                return field if _bound(row, pattern.subject(name)) in (None, self._facts.deal) else None
        if pattern.a("vin:DataHolding"):
            return "data"
        if pattern.subject("dcterms:requires"):
            return "technologies" if _bound(row, pattern.subject("dcterms:requires")) in self._parties else None
        about = pattern.value("vin:subject") or pattern.subject("vin:engagedIn")
        if (named := self._parties.get(_bound(row, about) or "")) is None:
            return None
        field, party = named
        if pattern.a("vin:Qualification"):
            return f"{field}.owners" if not party.owners and party.government_share is None else None
        if pattern.subject("vin:engagedIn"):
            return f"{field}.sectors" if not party.sectors else None
        return self._figure(pattern, row, field, party)

    def _figure(self, pattern: Pattern, row: Row, field: str, party: Party) -> str | None:
        measure = _bound(row, pattern.value("vin:concept"))
        name = next((name for kind, name in _MEASURES.items() if ontology.iri(kind) == measure), None)
        return f"{field}.{name}" if name and not getattr(party, name) else None

    def _suppose(self, rule: Rule, row: Row, fields: frozenset[str]) -> None:
        """Take what a definition would give as given, for the rules after it."""
        subject = row.get("subject")
        if rule.concept is None or not isinstance(subject, ox.NamedNode):
            return
        here = f"{self._facts.deal}/supposed-qualification-{len(self._supposed) + 1}"
        self._supposed[here] = fields
        self._concepts.add(rule.concept)
        said = [
            ("rdf:type", node(ontology.iri("vin:Qualification"))),
            ("vin:subject", subject),
            ("vin:concept", node(rule.concept)),
            ("vin:object", row.get("object")),
            *(("prov:wasDerivedFrom", term) for term in row.values()),
        ]
        quads = [
            ox.Quad(node(here), node(ontology.iri(name)), term, node(self._facts.graph))
            for name, term in said
            if isinstance(term, ox.NamedNode)
        ]
        self.supposed += quads
        self._world.store.extend(quads)


def _bound(row: Row, term: str | None) -> str | None:
    """The value of a term of a pattern in a solution."""
    if term is None:
        return None
    return text(row, term[1:]) if term.startswith("?") else term.strip("<>")
