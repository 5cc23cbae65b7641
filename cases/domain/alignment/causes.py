"""Why a pass may have no line, each cause with its share of items or its density per second."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import exp, log

from cases.domain.alignment.params import Params
from cases.domain.alignment.rates import Rates
from cases.domain.alignment.swap import is_clear
from cases.domain.alignment.tally import SURE_EDGES
from cases.domain.alignment.types import Sighting

TAKEN_BACK_S = 15.0
SAME_LAB, GOODS_LAB = 8.0, 33.0
"""Spread of the difference of two looks, Lab per axis: of one item, of any two goods."""
SAME_SIZE, GOODS_SIZE = 0.3, 0.75
"""Likewise of the logarithm of the area."""
ALIKE, MISLED = 0.15, 0.01
"""Share of neighbours that are of one article; share of looks that are not the item's own."""
LEAST_DOUBT = 0.0005
"""No calibration on a thousand crossings can promise more."""
BEFORE = ("belt", "before")
EDGES = SURE_EDGES.tolist()


def act_causes(sighting: Sighting, returns: Sequence[Sighting], rates: Rates, params: Params) -> Mapping[str, float]:
    """Cause -> share of items, of a pass that is an item and has no line."""
    if sighting.type == "item_presented":
        return {"presented": 0.0}
    found = {"unpaid": rates.bypass if sighting.type == "item_bypass" else rates.no_scan}
    found["set_aside"] = params.set_aside
    if any(0 < r.at - sighting.at <= TAKEN_BACK_S for r in returns):
        found["taken_back"] = params.taken_back
    return found


def nothing_density(sighting: Sighting, rates: Rates, params: Params) -> float:
    """Inventions of the eyes per second, seen so: as their calibration has it, else by what the lane has shown."""
    if sighting.type == "item_presented":
        return params.presented_rate_s
    bypass = sighting.type == "item_bypass"
    if sighting.item_probability is not None:
        p = min(1 - LEAST_DOUBT, max(0.01, sighting.item_probability))
        real = rates.bypass + params.bypass_seen if bypass else 1.0
        return rates.pace * real * (1 - p) / p
    share = params.spurious_bypass if bypass else rates.spurious
    return rates.pace * share * likeness_to_nothing(sighting, rates)


def likeness_to_nothing(sighting: Sighting, rates: Rates) -> float:
    """How much likelier such a confidence and such a label are where nothing crossed."""
    return rates.labels.get(sighting.label[:24], 1.0) * float(rates.doubt[sure_bin(sighting)])


def sure_bin(sighting: Sighting) -> int:
    return min(len(EDGES) - 2, max(0, bisect_right(EDGES, sighting.confidence) - 1))


def fresh(later: Sighting) -> float:
    """Odds that a pass repeats an earlier one, by whether it came from where new items come from."""
    if not later.path:
        return 0.7
    return 0.35 if len(later.path) >= 3 and later.path[0] in BEFORE else 1.0


def likeness(earlier: Sighting, later: Sighting) -> float:
    """Odds that two passes are one item rather than two, from how they look: 1 when nothing is known."""
    if earlier.type != later.type or earlier.type == "item_presented":
        return 0.0
    odds = 1.0
    if later.first_seen_at is not None and earlier.track != later.track and later.first_seen_at < earlier.at - 0.2:
        odds *= 0.1  # both were in the picture at once
    if earlier.label and later.label and earlier.label != later.label:
        odds *= 0.3
    looks = _colour_odds(earlier, later) * _size_odds(earlier, later)
    clear = is_clear(earlier) and is_clear(later)
    return float(odds * (looks if clear else looks**0.5))


def _colour_odds(earlier: Sighting, later: Sighting) -> float:
    if not earlier.colour or not later.colour:
        return 1.0
    apart = sum((a - b) ** 2 for a, b in zip(earlier.colour, later.colour, strict=True))
    return _same_odds(apart, SAME_LAB, GOODS_LAB, 3)


def _size_odds(earlier: Sighting, later: Sighting) -> float:
    if not earlier.area_n or not later.area_n:
        return 1.0
    return _same_odds(log(later.area_n / earlier.area_n) ** 2, SAME_SIZE, GOODS_SIZE, 1)


def _same_odds(apart: float, same_sd: float, goods_sd: float, axes: int) -> float:
    """Two looks of one item against two of two items, some of which are of one article; both a squared distance."""
    same = exp(-0.5 * apart / same_sd**2) / same_sd**axes
    goods = exp(-0.5 * apart / goods_sd**2) / goods_sd**axes
    return ((1 - MISLED) * same + MISLED * goods) / (ALIKE * same + (1 - ALIKE) * goods)
