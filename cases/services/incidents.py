"""The incidents beside the alignment: asked again for a quarter of an hour, as long as they listen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.domain.alignment.incidents import incident_verdicts
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Gap, Kind, Match, Verdict, Verdicts
from cases.domain.readiness import incidents_ready
from cases.selectors.gathering import Gathered

INCIDENT_KINDS = frozenset({Kind.NO_SALE_DRAWER, Kind.REPEATED_VOIDS, Kind.DISCOUNT_WITHOUT_SUPPORT, Kind.WALK_AWAY})
LISTENS_S = 900.0


@dataclass(frozen=True, slots=True)
class Incidents:
    """`waiting`: common clock, the earliest line that may not be spoken about yet."""

    verdicts: Verdicts
    look_again_at: float | None
    waiting: float | None


def incidents_judge(gathered: Gathered, answer: Verdicts, now: datetime) -> Incidents | None:
    """Verdicts on the incidents since a quarter of an hour before what was judged; None: not from this helping."""
    if gathered.incidents_from is None:
        return None
    clock = answer.clock
    since = gathered.incidents_from - LISTENS_S
    until = gathered.until.timestamp()
    ready = incidents_ready(gathered.told, gathered.heard, clock, now.timestamp())
    asked = {line.key for line in gathered.told if since <= line.at - clock.offset_s < until}
    found = incident_verdicts(gathered.seen, gathered.told, _matches(gathered, answer), clock, ready.ready, Params())
    judged = [(v, _unheard(v, gathered.gaps, clock.offset_s)) for v in found if v.anchor.partition(":")[2] in asked]
    heard = tuple(verdict for verdict, gap in judged if gap is None)
    silenced = tuple({"reason": gap.reason, "anchors": [verdict.anchor]} for verdict, gap in judged if gap is not None)
    waiting = frozenset(key for key in asked if not ready.ready.line(key))
    verdicts = Verdicts(heard, (), frozenset(asked), waiting, clock, silenced)
    return Incidents(verdicts, ready.look_again_at, ready.pending_from)


def _matches(gathered: Gathered, answer: Verdicts) -> list[Match]:
    """Of this look, and those that were remembered from before."""
    known = {match.sighting: match for match, _ in gathered.state.recent} if gathered.state else {}
    return list((known | {match.sighting: match for match in answer.matches}).values())


def _unheard(verdict: Verdict, gaps: list[Gap], offset_s: float) -> Gap | None:
    """Where a witness was away while the verdict listened: its silence then means nothing."""
    listened = verdict.explanation.get("listened")
    if not isinstance(listened, list | tuple) or len(listened) != 2:
        return None
    start, end = (float(at) for at in listened)
    shifts = {"pos": offset_s, "vision": 0.0}
    over = (gap for gap in gaps if gap.start - shifts[gap.witness] < end and gap.end - shifts[gap.witness] > start)
    return next(over, None)
