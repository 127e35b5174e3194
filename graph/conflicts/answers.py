"""What is said of a conflict: its sides, who lifts them, the ways out, how hard it is."""

from datetime import date
from typing import Final, Literal, get_args

from pydantic import Field

from graph.read.obligations import Obligation
from graph.read.references import Answer, Ref

Severity = Literal["deadlock", "timing", "conditional", "tension", "unknown"]
SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)


class WayOut(Answer):
    """A way out of a conflict: what is to happen, by whose act, and by when it can have happened.

    `on_application`: it is the decision on an application, not an exemption that may be given.
    """

    kind: Literal["permit", "own act", "extension", "leave out", "other deal", "prevailing norm"]
    label: str
    by: Ref | None = None
    earliest: date | None = None
    days_to_spare: int | None = None
    steps: list[str] = Field(default_factory=list)
    estimated: bool = False
    on_application: bool = False


class Side(Answer):
    """One of the norms that cannot all be met, as it binds here, and who can lift it."""

    obligation: Obligation
    lifted_by: list[Ref]


class Conflict(Answer):
    """A minimal set of legal positions that cannot all be met: without any one of them there is no conflict."""

    id: str
    type: Literal["conflict"] = "conflict"
    pattern: str
    severity: Severity
    label: str
    because: str
    sides: list[Side]
    ways_out: list[WayOut]
    as_of: date
