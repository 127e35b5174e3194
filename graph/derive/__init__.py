"""From norms and facts to legal positions.

A rule (norm, definition, ownership test) asks the asserted world, and what earlier rules gave, with its condition; each
solution is one case. A norm gives a legal position, a definition a qualification. The period of a case is the rule's,
cut to the periods of its premises and by the exceptions that hold; its due date is counted from ``?start``. Solutions
that differ in their premises only are one result on several grounds. The IRI of a result is a function of the rule,
the case and its first day, so that deriving again gives the same graph. What it rests on is recorded as
``prov:wasDerivedFrom``: that list is its explanation. States are not stored: they are computed for a date
(`graph.derive.states`); only the day of a breach is, because other norms answer it.
"""

from graph.derive.engine import Change, derive, difference, rederive

__all__ = ["Change", "derive", "difference", "rederive"]
