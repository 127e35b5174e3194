"""Norms and facts in the shape of Robaldo et al. (AI and Law 2023), of any size, for Vinculum and for clingo.

A contract with four articles, in any number of copies with their own instruments and actions:

1. Who uses a product must not evaluate it, and may from the day of a licence on; who is ordered to evaluate it must do
   so within 90 days. While there is no licence, nothing settles which of the two prevails: a conflict.
2. The author of results must not publish them, and may from the day of an approval on; what was published against that
   must be removed within 30 days.
3. Comments on results must not be published; the permission to publish the results is one for comments too.
4. Who is commissioned to publish results must do so within 60 days; that prevails over article 2.

A copy is nine norms, three exceptions and one norm that prevails: thirteen rules. A case is 13 individuals with their
classes, 17 relations and 8 days on which something happened, each of these there with probability one half, and what
always holds of its acts: 36 triples on average.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import ontology

NORMS_GRAPH: Final = "https://w3id.org/vinculum/graph/file/norms"
FACTS_GRAPH: Final = "https://w3id.org/vinculum/graph/file/facts"
#: Facts of a case on average.
CASE: Final = 36
#: Norms, exceptions and overriding norms of a copy.
RULES: Final = 13

_FIRST: Final = date(2019, 6, 1)
_DAYS: Final = 2_000
#: The first day of the norms.
IN_FORCE: Final = date(2020, 1, 1)
#: A day on which all of it has happened.
LATER: Final = date(2026, 1, 1)

_NORMS: Final = """
id:terms-{c} a eli:LegalResource ; rdfs:label "Terms {c}"@en ; eli:jurisdiction loc:US ;
  eli:date_document "{day}"^^xsd:date ; eli:date_applicability "{day}"^^xsd:date .
id:terms-{c}-1 a eli:LegalResourceSubdivision ; eli:is_part_of id:terms-{c} .
id:terms-{c}-2 a eli:LegalResourceSubdivision ; eli:is_part_of id:terms-{c} .
id:terms-{c}-3 a eli:LegalResourceSubdivision ; eli:is_part_of id:terms-{c} .
id:terms-{c}-4 a eli:LegalResourceSubdivision ; eli:is_part_of id:terms-{c} .

id:norm-evaluate-{c} a vin:Norm ; vin:statedIn id:terms-{c}-1 ; vin:modality vin:Prohibition ;
  vin:action act:evaluate-{c} ;
  vin:condition [ sh:select '''SELECT ?bearer ?counterparty ?object WHERE {{
    ?object dcterms:license id:terms-{c} ; schema:provider ?counterparty . ?bearer dcterms:requires ?object }}''' ] ;
  vin:exception [ sh:select '''SELECT ?bearer ?object ?permission WHERE {{
    ?permission vin:norm id:norm-licensed-{c} ; vin:bearer ?bearer ; vin:object ?object }}''' ] .

id:norm-licensed-{c} a vin:Norm ; vin:statedIn id:terms-{c}-1 ; vin:modality vin:Permission ;
  vin:action act:evaluate-{c} ;
  vin:condition [ sh:select '''SELECT ?bearer ?object ?licence WHERE {{
    ?object dcterms:license id:terms-{c} . ?licence a schema:GovernmentPermit ; vin:object ?object ;
      schema:permitAudience ?bearer ; vin:validFrom ?granted }}''' ] .

id:norm-order-{c} a vin:Norm ; vin:statedIn id:terms-{c}-1 ; vin:modality vin:Obligation ;
  vin:action act:evaluate-{c} ;
  vin:period [ time:numericDuration 90 ; time:unitType time:unitDay ] ;
  vin:condition [ sh:select '''SELECT ?bearer ?object ?start ?order WHERE {{
    ?order vin:action act:order-{c} ; vin:counterparty ?bearer ; vin:object ?object ; dcterms:date ?start }}''' ] .

id:norm-approved-{c} a vin:Norm ; vin:statedIn id:terms-{c}-2 ; vin:modality vin:Permission ;
  vin:action act:publish-{c} ;
  vin:condition [ sh:select '''SELECT ?bearer ?counterparty ?object ?approval WHERE {{
    ?product dcterms:license id:terms-{c} . ?object schema:about ?product ; schema:creator ?bearer .
    ?approval a schema:GovernmentPermit ; vin:object ?object ; vin:validFrom ?granted .
    OPTIONAL {{ ?approval schema:issuedBy ?counterparty }} }}''' ] .

id:norm-publish-{c} a vin:Norm ; vin:statedIn id:terms-{c}-2 ; vin:modality vin:Prohibition ;
  vin:action act:publish-{c} ;
  vin:reparation id:norm-remove-{c} ;
  vin:condition [ sh:select '''SELECT ?bearer ?object WHERE {{
    ?product dcterms:license id:terms-{c} . ?object schema:about ?product ; schema:creator ?bearer }}''' ] ;
  vin:exception [ sh:select '''SELECT ?bearer ?object ?permission WHERE {{
    ?permission vin:norm id:norm-approved-{c} ; vin:bearer ?bearer ; vin:object ?object }}''' ] .

id:norm-remove-{c} a vin:Norm ; vin:statedIn id:terms-{c}-2 ; vin:modality vin:Obligation ;
  vin:action act:remove-{c} ;
  vin:period [ time:numericDuration 30 ; time:unitType time:unitDay ] ;
  vin:condition [ sh:select '''SELECT ?bearer ?object ?start ?breach WHERE {{
    ?breach vin:norm id:norm-publish-{c} ; vin:breached ?start ; vin:bearer ?bearer ; vin:object ?object }}''' ] .

id:norm-comment-{c} a vin:Norm ; vin:statedIn id:terms-{c}-3 ; vin:modality vin:Prohibition ;
  vin:action act:comment-{c} ;
  vin:condition [ sh:select '''SELECT ?bearer ?object WHERE {{
    ?product dcterms:license id:terms-{c} . ?result schema:about ?product .
    ?object schema:about ?result ; schema:creator ?bearer }}''' ] ;
  vin:exception [ sh:select '''SELECT ?bearer ?object ?permission WHERE {{
    ?permission vin:norm id:norm-follows-{c} ; vin:bearer ?bearer ; vin:object ?object }}''' ] .

id:norm-follows-{c} a vin:Norm ; vin:statedIn id:terms-{c}-3 ; vin:modality vin:Permission ;
  vin:action act:comment-{c} ;
  vin:condition [ sh:select '''SELECT ?bearer ?object ?permission WHERE {{
    ?permission vin:norm id:norm-approved-{c} ; vin:bearer ?bearer ; vin:object ?result .
    ?object schema:about ?result }}''' ] .

id:norm-commission-{c} a vin:Norm ; vin:statedIn id:terms-{c}-4 ; vin:modality vin:Obligation ;
  vin:action act:publish-{c} ;
  vin:overrides id:norm-publish-{c} ; vin:period [ time:numericDuration 60 ; time:unitType time:unitDay ] ;
  vin:condition [ sh:select '''SELECT ?bearer ?object ?start ?commission WHERE {{
    ?product dcterms:license id:terms-{c} . ?object schema:about ?product .
    ?commission a vin:Transaction ; schema:object ?object ; schema:seller ?bearer ; vin:signing ?start }}''' ] .
"""

#: The same for clingo, for one copy (@): days are numbers, and #sup is a day that never comes.
_COPY: Final = """
% Article 1: no evaluation, but with a licence; evaluation where it is ordered.
case(evaluate_@,X,P)     :- license(P,terms_@), provider(P,_), requires(X,P).
permission(licensed_@,X,P,(D+force+|D-force|)/2) :- license(P,terms_@), type(L,permit), object(L,P), audience(L,X),
                                                    from(L,D).
lifted(evaluate_@,X,P,D) :- permission(licensed_@,X,P,D).
duty(order_@,evaluate_@,X,P,S,S+90) :- action(O,order_@), counterparty(O,X), object(O,P), date(O,S).
% Article 2: no publication, but with an approval; removal after a breach.
case(publish_@,X,R)      :- license(P,terms_@), about(R,P), creator(R,X).
permission(approved_@,X,R,(D+force+|D-force|)/2) :- license(P,terms_@), about(R,P), creator(R,X), type(A,permit),
                                                    object(A,R), from(A,D).
lifted(publish_@,X,R,D)  :- permission(approved_@,X,R,D).
remedy(remove_@,remove_@,X,R,S,S+30) :- violated(publish_@,X,R,S).
% Article 3: no comment, but where the publication of the results is permitted.
case(comment_@,X,C)      :- license(P,terms_@), about(R,P), about(C,R), creator(C,X).
permission(follows_@,X,C,D) :- permission(approved_@,X,R,D), about(C,R).
lifted(comment_@,X,C,D)  :- permission(follows_@,X,C,D).
% Article 4: publication where it is commissioned, which prevails over article 2.
duty(commission_@,publish_@,X,R,S,S+60) :- license(P,terms_@), about(R,P), type(K,transaction), sold(K,R),
                                           seller(K,X), signing(K,S).
lifted(publish_@,X,R,(S+force+|S-force|)/2) :- duty(commission_@,_,X,R,S,_).
"""
#: What holds for all copies: the days of a position, its breach, and conflicts.
_SHARED: Final = """
prohibition(N,X,O,#sup) :- case(N,X,O), not lifted(N,X,O).
prohibition(N,X,O,E)    :- case(N,X,O), lifted(N,X,O,E), not late(N,X,O,E), force < E.
lifted(N,X,O)           :- lifted(N,X,O,_).
late(N,X,O,E)           :- lifted(N,X,O,E), lifted(N,X,O,D), D < E.
obligation(N,A,X,O,S,U) :- duty(N,A,X,O,S,U).
obligation(N,A,X,O,S,U) :- remedy(N,A,X,O,S,U).

done(A,X,O,D)       :- action(E,A), actor(E,X), object(E,O), date(E,D).
broken(N,X,O,D)     :- prohibition(N,X,O,E), done(N,X,O,D), force <= D, D < E.
again(N,X,O,D)      :- broken(N,X,O,D), broken(N,X,O,F), F < D.
violated(N,X,O,D)   :- broken(N,X,O,D), not again(N,X,O,D).
met(N,X,O,S)        :- obligation(N,A,X,O,S,U), done(A,X,O,D), S <= D, D <= U, force <= D.
missed(N,X,O,S,U+1) :- obligation(N,A,X,O,S,U), not met(N,X,O,S), force <= U.
conflict(A,N,X,O)   :- prohibition(A,X,O,E), obligation(N,A,X,O,S,_), S < E.

#show permission/4.  #show prohibition/4.  #show obligation/6.  #show violated/4.  #show missed/5.  #show conflict/4.
"""
#: The question about conflicts to Vinculum: what is commanded and forbidden on some same day.
CONFLICTS: Final = """
PREFIX vin: <https://w3id.org/vinculum/ns#>
SELECT ?duty ?ban WHERE {
  ?duty vin:modality vin:Obligation ; vin:bearer ?bearer ; vin:object ?object ; vin:action ?action ;
    vin:validFrom ?from .
  ?ban vin:object ?object ; vin:modality vin:Prohibition ; vin:bearer ?bearer ; vin:action ?action .
  OPTIONAL { ?ban vin:validUntil ?until } FILTER(!BOUND(?until) || ?from < ?until)
}"""

_ID: Final = "https://w3id.org/vinculum/id/"
_ACT: Final = "https://w3id.org/vinculum/def/action/"
#: The individuals of a case, with their classes.
_KINDS: Final = {
    "licensee": "rov:RegisteredOrganization",
    "licensor": "rov:RegisteredOrganization",
    "product": "schema:SoftwareApplication",
    "result": "schema:CreativeWork",
    "comment": "schema:CreativeWork",
    "licence": "schema:GovernmentPermit",
    "approval": "schema:GovernmentPermit",
    "commission": "vin:Transaction",
    "order": "prov:Activity",
    "evaluating": "prov:Activity",
    "publishing": "prov:Activity",
    "commenting": "prov:Activity",
    "removing": "prov:Activity",
}
#: The classes and the relations by their names in the program.
_CLASSES: Final = {
    "rov:RegisteredOrganization": "organization",
    "schema:SoftwareApplication": "product",
    "schema:CreativeWork": "work",
    "schema:GovernmentPermit": "permit",
    "vin:Transaction": "transaction",
    "prov:Activity": "activity",
}
_RELATIONS: Final = {
    "rdf:type": "type",
    "dcterms:license": "license",
    "dcterms:requires": "requires",
    "dcterms:date": "date",
    "prov:wasAssociatedWith": "actor",
    "schema:about": "about",
    "schema:creator": "creator",
    "schema:issuedBy": "issued",
    "schema:object": "sold",
    "schema:permitAudience": "audience",
    "schema:provider": "provider",
    "schema:seller": "seller",
    "vin:action": "action",
    "vin:counterparty": "counterparty",
    "vin:object": "object",
    "vin:signing": "signing",
    "vin:validFrom": "from",
}
_ACTIONS: Final = ("evaluate", "publish", "comment", "remove")


def norms(copies: int) -> str:
    """The norms of Vinculum as Turtle."""
    prefixes = "".join(f"PREFIX {name}: <{space}>\n" for name, space in ontology.prefixes().items())
    return prefixes + "".join(_NORMS.format(c=copy, day=IN_FORCE) for copy in range(copies))


def program(copies: int) -> str:
    """The norms of clingo."""
    of_copies = "".join(_COPY.replace("@", str(copy)) for copy in range(copies))
    return f"#const force={IN_FORCE.toordinal()}.\n{of_copies}{_SHARED}"


def write_facts(triples: Path, facts: Path, cases: int, copies: int) -> int:
    """Write a world as N-Triples and as facts of clingo, line by line the same; how many there are."""
    chance, count = random.Random(20_230_908), 0
    iris = {name: f" <{ontology.iri(name)}> " for name in (*_RELATIONS, *_CLASSES)}
    days = [_FIRST + timedelta(days=day) for day in range(_DAYS)]
    literals = {day: f' "{day}"^^<{ontology.iri("xsd:date")}> ' for day in days}
    with triples.open("w", encoding="utf-8") as nt, facts.open("w", encoding="utf-8") as lp:
        for case in range(cases):
            for subject, name, value in _case(case, case % copies, days, chance):
                count += 1
                if isinstance(value, date):
                    nt.write(f"{_iri(subject)}{iris[name]}{literals[value]}.\n")
                    lp.write(f"{_RELATIONS[name]}({subject},{value.toordinal()}).\n")
                elif name == "rdf:type":
                    nt.write(f"{_iri(subject)}{iris[name]}{iris[value]}.\n")
                    lp.write(f"type({subject},{_CLASSES[value]}).\n")
                else:
                    nt.write(f"{_iri(subject)}{iris[name]}{_iri(value, _ACT if name == 'vin:action' else _ID)} .\n")
                    lp.write(f"{_RELATIONS[name]}({subject},{value}).\n")
    return count


def _case(case: int, copy: int, days: list[date], chance: random.Random) -> Iterator[tuple[str, str, str | date]]:
    """The facts of one case: subject, relation, and a thing, a class or a day."""
    names = [f"{kind}_{case}" for kind in _KINDS]
    licensee, licensor, product, result, comment, licence, approval, commission, order, *acts = names
    yield from ((name, "rdf:type", kind) for name, kind in zip(names, _KINDS.values(), strict=True))
    yield product, "dcterms:license", f"terms_{copy}"
    yield result, "schema:about", product
    yield order, "vin:action", f"order_{copy}"
    for act, action, thing in zip(acts, _ACTIONS, (product, result, comment, result), strict=True):
        yield act, "vin:action", f"{action}_{copy}"
        yield act, "vin:object", thing
    relations = [
        (product, "schema:provider", licensor),
        (licensee, "dcterms:requires", product),
        (result, "schema:creator", licensee),
        (comment, "schema:creator", licensee),
        (comment, "schema:about", result),
        (licence, "schema:permitAudience", licensee),
        (licence, "vin:object", product),
        (approval, "vin:object", result),
        (approval, "schema:issuedBy", licensor),
        (commission, "schema:object", result),
        (commission, "schema:seller", licensee),
        (order, "vin:object", product),
        (order, "vin:counterparty", licensee),
        *((act, "prov:wasAssociatedWith", licensee) for act in acts),
    ]
    for relation in relations:
        if chance.getrandbits(1):
            yield relation
    happened = ((licence, "vin:validFrom"), (approval, "vin:validFrom"), (commission, "vin:signing"))
    for thing, name in (*happened, *((act, "dcterms:date") for act in (order, *acts))):
        if chance.getrandbits(1):
            yield thing, name, days[chance.randrange(_DAYS)]


def _iri(name: str, space: str = _ID) -> str:
    return f"<{space}{name.replace('_', '-')}>"
