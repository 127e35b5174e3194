"""Where duties and bans cannot all be met.

Conflicts are found by general rules over legal positions of one day, what actions take and exclude (`vin:needs`,
`vin:contrary`, `vin:undoes`) and what goes with a thing (its technology, data, units). No rule knows a statute by name.
"""

from graph.conflicts.answers import Conflict, Severity, Side, WayOut
from graph.conflicts.find import conflict, conflicts

__all__ = ["Conflict", "Severity", "Side", "WayOut", "conflict", "conflicts"]
