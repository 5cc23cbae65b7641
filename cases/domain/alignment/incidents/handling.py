"""How the reduced item was handled: a price that is cut by hand is cut for something that somebody looked at."""

from __future__ import annotations

from enum import Enum

from cases.domain.alignment.incidents.reductions import Reduction
from cases.domain.alignment.incidents.scene import Scene
from cases.domain.alignment.types import Sighting

LOOKED_BEFORE_S, LOOKED_AFTER_S = 20.0, 10.0
"""An item shown or taken back so near to the reduction is the reduced one, looked at again."""
HELD_S = 1.5
"""Longer over the scanner than a scan takes: somebody looked."""
CADENCE_S = 4.0
"""The next item followed as quickly as at any scan."""


class Handling(Enum):
    LOOKED_AT = "looked at"
    AT_CADENCE = "at cadence"
    UNHURRIED = "unhurried"
    UNKNOWN = "unknown"


def handling_of(scene: Scene, reduction: Reduction) -> Handling:
    at = scene.common(reduction.event)
    doubt_s = scene.doubt_s
    if scene.shown(at - LOOKED_BEFORE_S - doubt_s, at + LOOKED_AFTER_S + doubt_s, {"item_presented", "item_return"}):
        return Handling.LOOKED_AT
    passes = scene.passes(reduction.line) if reduction.line else ()
    if not passes:
        return Handling.UNKNOWN
    return _handled(scene, max(passes, key=lambda one: (one.probability, one.sighting.key)).sighting)


def _handled(scene: Scene, crossed: Sighting) -> Handling:
    if crossed.entered_at is not None and crossed.at - crossed.entered_at >= HELD_S:
        return Handling.LOOKED_AT
    next_ones = scene.shown(crossed.at, crossed.at + CADENCE_S, {"item_pass"})
    return Handling.AT_CADENCE if any(s.at > crossed.at for s in next_ones) else Handling.UNHURRIED
