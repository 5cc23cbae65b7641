"""What else happens in the same picture: a drawer opened, lines voided, prices cut, a ticket nobody paid.

Each question is put to both witnesses. What neither of them tells may lower a score, never raise it, and without the
witness that a question needs nothing is alerted: it is listed below the threshold, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from cases.domain.alignment.incidents.discounts import discount_verdicts
from cases.domain.alignment.incidents.drawer import drawer_verdicts
from cases.domain.alignment.incidents.scene import Scene
from cases.domain.alignment.incidents.voids import void_verdicts
from cases.domain.alignment.incidents.walk_away import walk_away_verdicts
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Clock, Match, PosLine, Ready, Sighting, Verdict


def incident_verdicts(
    seen: Sequence[Sighting],
    told: Sequence[PosLine],
    matches: Sequence[Match],
    clock: Clock,
    ready: Ready,
    params: Params,
) -> list[Verdict]:
    """The incidents among `told` (the till's clock) and `seen` (the camera's), both of any type and in any order.

    A verdict listens no further than `scene.BACK_S` before and `scene.AHEAD_S` after its anchor: it is the same
    whatever else is given, as long as that much is, and the `matches` of that time with it.
    """
    scene = Scene.of(seen, told, matches, clock, ready, params)
    found = [
        *drawer_verdicts(scene),
        *void_verdicts(scene),
        *discount_verdicts(scene),
        *walk_away_verdicts(scene),
    ]
    return sorted(found, key=lambda verdict: (verdict.at, verdict.anchor))
