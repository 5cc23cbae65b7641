"""When many items cross in a row and the till says nothing, its line is more probably down than all are unpaid."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Clock, Kind, PosLine, Sighting, Verdict

BEFORE_S, AFTER_S = 3.0, 5.0
"""The till is silent around a pass if it says nothing from so long before to so long after it."""
RUN_S = 60.0
"""Passes further apart than this are not one silence."""
OUTAGE = 2e-4
"""Share of passes at which a feed falls silent."""
FOLLOWS = 0.35
"""P(the next item is unpaid too | this one is): goods are left unpaid in batches."""
LEAST_RUN = 4


def outage_verdicts(
    verdicts: Sequence[Verdict], seen: Sequence[Sighting], told: Sequence[PosLine], clock: Clock, params: Params
) -> list[Verdict]:
    """`verdicts` with those of a long silence lowered: each by the odds that the feed was down."""
    runs = _silent_runs(seen, told, clock)
    found = []
    for verdict in verdicts:
        run = runs.get(verdict.sighting, 0) if verdict.kind is Kind.NO_SCAN else 0
        if run < LEAST_RUN:
            found.append(verdict)
            continue
        unpaid = params.no_scan * FOLLOWS ** (run - 1)
        heard = unpaid / (unpaid + OUTAGE)
        score = round(verdict.score * heard, 4)
        words = f" {run} items crossed in a row and the till said nothing: its feed may have been down."
        said = {**verdict.explanation, "sentence": str(verdict.explanation["sentence"]) + words, "silent_run": run}
        if score >= params.list_at:
            found.append(replace(verdict, score=score, explanation=said))
    return found


def _silent_runs(seen: Sequence[Sighting], told: Sequence[PosLine], clock: Clock) -> dict[str, int]:
    """How long a run of passes without any word of the till each pass is part of."""
    spoken = [line.at - clock.offset_s for line in told]
    runs: dict[str, int] = {}
    run: list[Sighting] = []
    for sighting in [*(s for s in seen if s.type == "item_pass"), None]:
        silent = sighting is not None and bisect_left(spoken, sighting.at - BEFORE_S) == bisect_right(
            spoken, sighting.at + AFTER_S
        )
        if run and (sighting is None or not silent or sighting.at - run[-1].at > RUN_S):
            runs |= {s.key: len(run) for s in run}
            run = []
        if silent and sighting is not None:
            run.append(sighting)
    return runs
