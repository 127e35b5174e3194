"""From norms and facts to legal positions.

For each norm the condition is asked of the asserted world; each solution is one case, and gives one legal position. Its
period is the norm's, cut to the periods of its premises and by the exceptions that hold; its due date is counted from
``?start``. Solutions that differ in their premises only are one position on several grounds. The position's IRI is a
function of the norm, the case and its first day, so that deriving again gives the same graph. What a position rests on
is recorded as ``prov:wasDerivedFrom``: that list is its explanation. States are not stored: they are computed for a
date (`graph.derive.states`).
"""

from graph.derive.positions import derive, difference

__all__ = ["derive", "difference"]
