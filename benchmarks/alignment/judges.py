"""The judge itself, and an oracle: the same judge, told the true clock and the rates and laws that made the day."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from benchmarks.alignment.alert import Alert, Result
from benchmarks.alignment.day import LaneDay
from benchmarks.alignment.generator import lane_day
from benchmarks.alignment.level import Level
from cases.domain.alignment.causes import fresh, sure_bin
from cases.domain.alignment.judge import judge
from cases.domain.alignment.params import Params
from cases.domain.alignment.tally import ECHO_EDGES, GAP_EDGES, Tally
from cases.domain.alignment.types import Clock, PosLine, Sighting, Verdicts

TAUGHT_ON = range(80, 84)
"""Dev days whose truth the oracle's rates are counted from."""
SURE = 100.0
"""What the oracle was told outweighs what a day shows."""
ACTS = frozenset({"paid", "no_scan", "put_back", "price_inquiry", "return", "paid_unheard"})


def judged(day: LaneDay) -> Result:
    """As the product does it: from the streams alone."""
    return _result(judge(day.passes, day.lines, gaps=day.gaps))


def oracle(day: LaneDay) -> Result:
    lines = [replace(line, at=_camera_time(day, line)) for line in day.lines]
    gaps = [replace(gap, start=gap.start - day.truth.offset_at(gap.start), end=gap.end - day.truth.offset_at(gap.end))
            for gap in day.gaps]  # fmt: skip
    return _result(
        judge(
            day.passes,
            lines,
            gaps=gaps,
            priors=[(float("-inf"), _true_tally(Level(**day.truth.rates)))],  # type: ignore[arg-type]
            clock=Clock(sd_s=0.05),
        )
    )


def _camera_time(day: LaneDay, line: PosLine) -> float:
    """When it was said on the true clock; the half second that a till cuts is given back."""
    offset = day.truth.offset_at(line.at - day.truth.offset_at(line.at))
    return line.at - offset + (0.5 if day.truth.rates["resolution_s"] == 1.0 else 0.0)


def _result(found: Verdicts) -> Result:
    alerts = [Alert(v.sighting, v.score) for v in found.verdicts if v.sighting and v.kind == "no_scan"]
    return Result(alerts, tuple((at, clock.offset_s) for at, clock in found.track))


@lru_cache
def _true_tally(level: Level) -> Tally:
    """What an EM with perfect eyes for causes would count on days of this level."""
    total = Tally()
    for seed in TAUGHT_ON:
        total = total.plus(_tally_of(lane_day(level, seed)))
    return total.plus(total, SURE)


def _tally_of(day: LaneDay) -> Tally:
    tally, truth = Tally(), day.truth
    passes = [s for s in day.passes if s.type == "item_pass"]
    for sighting in passes:
        _count_pass(tally, sighting, truth.pass_cause[sighting.key])
    acts = np.array([s.at for s in passes if truth.pass_cause[s.key] in ACTS])
    tally.gaps += np.histogram(np.diff(acts), GAP_EDGES)[0]
    tally.apart += np.histogram(np.diff(_of_their_own(passes, day)), GAP_EDGES)[0]
    for place, sighting in enumerate(passes):
        _count_repeat(tally, day, passes, place, sighting)
    _count_lines(tally, day, {s.key: s.at for s in passes})
    return tally


def _of_their_own(passes: list[Sighting], day: LaneDay) -> np.ndarray:
    """Instants of the acts, of several units of a line only the first."""
    found, told = [], set[str]()
    for sighting in passes:
        line = day.truth.pairs.get(sighting.key)
        if day.truth.pass_cause[sighting.key] in ACTS and line not in told:
            found.append(sighting.at)
        if line:
            told.add(line)
    return np.array(found)


def _count_pass(tally: Tally, sighting: Sighting, cause: str) -> None:
    tally.passes += 1.0
    tally.fresh += fresh(sighting)
    if cause in ("paid", "no_scan"):
        tally.items += 1.0
        tally.unpaid += cause == "no_scan"
        tally.sure_items[sure_bin(sighting)] += 1.0
        tally.label(sighting.label)[0] += 1.0
    elif cause in ("spurious", "own_bag"):
        tally.spurious += 1.0
        tally.sure_spurious[sure_bin(sighting)] += 1.0
        tally.label(sighting.label)[1] += 1.0


def _count_repeat(tally: Tally, day: LaneDay, passes: list[Sighting], place: int, sighting: Sighting) -> None:
    cause, item = day.truth.pass_cause[sighting.key], day.truth.item_of[sighting.key]
    if cause == "double":
        gaps = [sighting.at - s.at for s in passes[max(0, place - 3) : place] if day.truth.item_of[s.key] == item]
        tally.after += np.histogram(gaps[:1], ECHO_EDGES)[0]
    if cause == "retry":
        later = [s for s in passes[place + 1 : place + 4] if day.truth.item_of[s.key] == item]
        gaps = [s.at - sighting.at for s in later if day.truth.pass_cause[s.key] != "retry"]
        tally.before += np.histogram(gaps[:1], ECHO_EDGES)[0]


def _count_lines(tally: Tally, day: LaneDay, seen_at: dict[str, float]) -> None:
    laws, passes_of = Params().laws, dict[str, list[float]]()
    for key, line in day.truth.pairs.items():
        if key in seen_at:
            passes_of.setdefault(line, []).append(seen_at[key])
    for line in day.lines:
        if line.type != "scan":
            continue
        name = line.entry_method or "scanned"
        counts = tally.law(name)
        counts[0] += 1.0
        delays = [_camera_time(day, line) - at - laws[name].mean_s for at in passes_of.get(line.key, [])]
        nearest = min(delays, key=abs, default=None)
        if nearest is None:
            continue
        counts[1] += 1.0
        if abs(nearest) <= 3 * laws[name].sd_s:
            counts[2:] += 1.0, nearest, nearest**2
        elif name == "scanned":
            tally.deferred += 1.0
