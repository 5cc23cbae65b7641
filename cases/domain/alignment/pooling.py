"""What lanes of a store have in common: where one begins that has not seen much itself.

Partial pooling (Gelman, Hill 2007, chapter 12): a new lane is believed to be like its neighbours, only as firmly as
lanes are alike, so its own streams soon outweigh them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce

from cases.domain.alignment.tally import Tally

LANE_CAP = 5_000.0
"""A lane is heard for so many items at most: a few busy ones do not speak for all."""


def pooled(tallies: Sequence[Tally], worth: float) -> Tally:
    """All together, worth `worth` items at most, whatever their order."""
    ordered = sorted(tallies, key=lambda tally: json.dumps(tally.dump()))  # sums of floats depend on their order
    capped = [at_most(tally, LANE_CAP) for tally in ordered]
    return at_most(reduce(Tally.plus, capped, Tally()), worth)


def at_most(tally: Tally, worth: float) -> Tally:
    """`tally`, scaled down where it is worth more."""
    size = experience(tally)
    return tally.plus(Tally(), keep=max(0.0, worth) / size) if size > worth else tally


def experience(tally: Tally) -> float:
    """How many items it rests on, or passes or lines where the eyes or the till saw little else."""
    slots = sum(float(counts[0]) for counts in tally.laws.values())
    return max(tally.items, tally.passes, tally.bypass, slots)
