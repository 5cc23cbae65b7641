"""Cutting the day at its quiet gaps, so that a stretch is judged alike whatever arrived when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cases.domain.alignment.params import Params


@dataclass(frozen=True, slots=True)
class Block:
    """A busy stretch of the common clock, [start, end)."""

    start: float
    end: float


def blocks_of(times: Sequence[float], params: Params) -> list[Block]:
    """Stretches of `times` (any order) with no pause of `quiet_s` inside; longer than `block_s`, cut at a breath."""
    ordered = sorted(times)
    if not ordered:
        return []
    runs: list[list[float]] = [[ordered[0]]]
    for at in ordered[1:]:
        if at - runs[-1][-1] > params.quiet_s:
            runs.append([])
        runs[-1].append(at)
    pad = params.quiet_s / 2
    return [Block(part[0] - pad, part[-1] + pad) for run in runs for part in _shortened(run, params.block_s)]


def _shortened(run: list[float], block_s: float) -> list[list[float]]:
    """Cut a run at its widest pause in the second half of each `block_s`: later events never move an earlier cut."""
    parts: list[list[float]] = []
    while run[-1] - run[0] > block_s:
        pauses = [
            (b - a, -index)
            for index, (a, b) in enumerate(pairwise(run))
            if block_s / 2 <= a - run[0] and b - run[0] <= block_s
        ]
        if not pauses:
            cut = next(index for index, at in enumerate(run) if at - run[0] > block_s / 2)
        else:
            cut = -max(pauses)[1] + 1
        parts.append(run[:cut])
        run = run[cut:]
    return [*parts, run]
