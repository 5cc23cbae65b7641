"""The till's side of the mismatch: lines that no item was seen for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.explain import clock_part
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import RETURNS, SALE_LAWS, Slot
from cases.domain.alignment.types import Clock, Kind, PosLine, Quality, Ready, Sighting, Verdict

MOVED = frozenset({"item_return", "item_presented"})
RETURN_REACH_S = 20.0
COVERED_S = 600.0


def line_verdicts(
    sightings: Sequence[Sighting],
    around: Sequence[Sighting],
    slots: Sequence[Slot],
    lines: Sequence[PosLine],
    posterior: NDArray[np.float64],
    clock: Clock,
    ready: Ready,
    params: Params,
) -> list[Verdict]:
    """`around`: all that was seen near, in order; without any of it the camera was not there and nothing is said."""
    verdicts = []
    for j, slot in enumerate(slots):
        if slot.law not in SALE_LAWS or slot.unit or slot.line.training or not ready.line(slot.line.key):
            continue
        if _covered(slot.line, around, clock):
            lone = float(max(0.0, 1.0 - (posterior[:, j].sum() if len(posterior) else 0.0)))
            score = lone * params.phantom_line / (params.phantom_line + 1 - params.laws[slot.law].seen)
            if score >= params.list_at:
                verdicts.append(_scan_without_item(slot, score, clock, params))
    returns = [line for line in lines if line.type in RETURNS and ready.line(line.key)]
    return verdicts + [
        _return_without_item(line, clock, params)
        for line in _first_of_ticket(returns)
        if _covered(line, around, clock) and not _moved(line, around, slots, posterior, sightings, clock)
    ]


def _covered(line: PosLine, around: Sequence[Sighting], clock: Clock) -> bool:
    return bool(_near(around, line.at - clock.offset_s, COVERED_S))


def _near(around: Sequence[Sighting], at: float, reach_s: float) -> Sequence[Sighting]:
    low = bisect_left(around, at - reach_s, key=_at)
    return around[low : bisect_right(around, at + reach_s, key=_at)]


def _at(sighting: Sighting) -> float:
    return sighting.at


def _first_of_ticket(returns: Sequence[PosLine]) -> list[PosLine]:
    """A refund that pays out return lines of the same ticket is not a second question."""
    lined = {line.transaction for line in returns if line.type == "return"}
    return [line for line in returns if line.type == "return" or line.transaction not in lined]


def _moved(
    line: PosLine,
    around: Sequence[Sighting],
    slots: Sequence[Slot],
    posterior: NDArray[np.float64],
    sightings: Sequence[Sighting],
    clock: Clock,
) -> bool:
    """Whether goods were seen that may be the returned ones: any way back or shown, or a pass no sale accounts for."""
    at = line.at - clock.offset_s
    reach = RETURN_REACH_S + 2 * clock.sd_s
    near = _near(around, at, reach)
    if any(s.type in MOVED for s in near):
        return True
    sold = {slot_index for slot_index, slot in enumerate(slots) if slot.pays}
    free = {s.key for s in near if s.type in ("item_pass", "item_bypass")}
    aligned = [s for s in sightings if s.type in ("item_pass", "item_bypass", "item_presented")]
    for i, sighting in enumerate(aligned[: len(posterior)]):
        if sighting.key in free and sum(float(posterior[i, j]) for j in sold) > 0.5:
            free.discard(sighting.key)
    return bool(free)


def _scan_without_item(slot: Slot, score: float, clock: Clock, params: Params) -> Verdict:
    line = slot.line
    return Verdict(
        kind=Kind.SCAN_WITHOUT_ITEM,
        anchor=f"scan_without_item:{line.key}",
        at=line.at - clock.offset_s,
        score=round(score, 4),
        pos_keys=(line.key,),
        transaction=line.transaction,
        amount_cents=line.amount_cents,
        explanation={
            "sentence": "A line was rung up and no item was seen for it. Most often the camera missed one: "
            f"{100 * (1 - params.laws[slot.law].seen):.0f} % of such lines are.",
            "entry": slot.law,
            "clock": clock_part(clock),
            "rule_version": params.version,
        },
        alertable=False,
    )


def _return_without_item(line: PosLine, clock: Clock, params: Params) -> Verdict:
    score = params.phantom_return / (params.phantom_return + params.missed_return)
    return Verdict(
        kind=Kind.RETURN_WITHOUT_ITEM,
        anchor=f"return_without_item:{line.key}",
        at=line.at - clock.offset_s,
        score=round(score, 4),
        pos_keys=(line.key,),
        transaction=line.transaction,
        amount_cents=line.amount_cents,
        explanation={
            "sentence": f"A return was booked and within {RETURN_REACH_S:.0f} s of it no item came back over the "
            "counter, was shown, or crossed without a line of its own.",
            "considered": [
                {"cause": "missed", "words": "the camera missed the returned item", "probability": round(1 - score, 3)}
            ],
            "clock": clock_part(clock),
            "rule_version": params.version,
        },
        alertable=clock.quality is not Quality.BAD,
    )
