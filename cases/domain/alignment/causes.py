"""Why a pass may have no line, each cause with its density per second. What is left over is an unmatched pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, hypot
from statistics import median

from cases.domain.alignment.odds import normal_density
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Sighting

Causes = Mapping[str, float]
NEIGHBOUR_S = 6.0
TAKEN_BACK_S = 15.0
LEAST_DOUBT = 0.0005
"""No calibration on a thousand crossings can promise more."""
BEFORE = ("belt", "before")


def lone_causes(
    sightings: Sequence[Sighting], returns: Sequence[Sighting], usual: float, params: Params
) -> list[Causes]:
    """Cause -> density for each sighting. `returns`: item_return events near; `usual`: the lane's confidence."""
    passes = [s for s in sightings if s.type == "item_pass"]
    place = {s.key: index for index, s in enumerate(passes)}
    found: list[Causes] = []
    for sighting in sightings:
        if sighting.type == "item_presented":
            found.append({"presented": params.presented_rate_s})
        elif sighting.type == "item_bypass":
            found.append(
                {
                    "unpaid": params.item_rate_s * params.bypass,
                    "spurious": params.item_rate_s
                    * _spurious(sighting, params.spurious_bypass, usual, params.bypass + params.bypass_seen),
                    **_taken_back(sighting, returns, params),
                }
            )
        else:
            found.append(_pass_causes(sighting, passes, place[sighting.key], returns, usual, params))
    return found


def _pass_causes(
    sighting: Sighting,
    passes: Sequence[Sighting],
    index: int,
    returns: Sequence[Sighting],
    usual: float,
    params: Params,
) -> Causes:
    causes = {
        "unpaid": params.item_rate_s * params.no_scan,
        "spurious": params.item_rate_s * _spurious(sighting, params.spurious, usual),
        **_taken_back(sighting, returns, params),
    }
    for other in (passes[index - 1] if index else None, passes[index + 1] if index + 1 < len(passes) else None):
        if other is not None and abs(other.at - sighting.at) <= NEIGHBOUR_S:
            earlier, later = sorted((other, sighting), key=lambda s: s.at)
            for cause, density in _again(earlier, later, params).items():
                causes[cause] = causes.get(cause, 0.0) + density / 2  # either of the two may be the one without a line
    return causes


def _again(earlier: Sighting, later: Sighting, params: Params) -> Causes:
    """The same item twice: over the scanner again because it did not beep, or one item seen as two."""
    gap, alike = later.at - earlier.at, likeness(earlier, later)
    fresh = 0.25 if len(later.path) >= 3 and later.path[0] in BEFORE else 0.5 if not later.path else 1.0
    repeat = params.repeat * normal_density(gap - params.repeat_mean_s, params.repeat_sd_s)
    double = params.double * exp(-gap / params.double_mean_s) / params.double_mean_s
    return {"repeat": repeat * alike * fresh, "double": double * alike}


def likeness(earlier: Sighting, later: Sighting) -> float:
    """Odds that two passes are one item rather than two, from how they look: 1 when nothing is known."""
    odds = 1.0
    if later.first_seen_at is not None and earlier.track != later.track and later.first_seen_at < earlier.at - 0.2:
        odds *= 0.1  # both were in the picture at once
    if earlier.colour and later.colour:
        distance = hypot(*(a - b for a, b in zip(earlier.colour, later.colour, strict=True)))
        odds *= 1.5 if distance < 10 else 0.1 if distance > 30 else 0.6
    if earlier.area_n and later.area_n and not 0.5 < later.area_n / earlier.area_n < 2.0:
        odds *= 0.3
    if earlier.label and later.label and earlier.label != later.label:
        odds *= 0.3
    return odds


def _taken_back(sighting: Sighting, returns: Sequence[Sighting], params: Params) -> Causes:
    after = [r for r in returns if 0 < r.at - sighting.at <= TAKEN_BACK_S]
    return {"taken_back": params.item_rate_s * params.taken_back} if after else {}


def usual_confidence(sightings: Sequence[Sighting], params: Params) -> float:
    """What this detector calls sure: half of the lane's passes are at least so confident."""
    values = [s.confidence for s in sightings if s.type == "item_pass"]
    return min(0.95, max(0.2, median(values))) if len(values) >= 8 else params.usual_confidence


def _spurious(sighting: Sighting, share: float, usual: float, real: float = 1.0) -> float:
    """Inventions for every item of the lane, seen so. `real`: the share of items that move in this way.

    As the eyes' calibration has it, else the usual `share`, more where the confidence is below this detector's usual.
    """
    if sighting.item_probability is not None:
        p = min(1 - LEAST_DOUBT, max(0.01, sighting.item_probability))
        return real * (1 - p) / p
    return share * max(0.5, min(12.0, exp(6.0 * (1.0 - sighting.confidence / usual))))
