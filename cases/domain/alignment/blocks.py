"""Cutting the day at its quiet gaps, so that a stretch is judged alike whatever arrived when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cases.domain.alignment.params import Params


@dataclass(frozen=True, slots=True)
class Block:
    """A busy stretch of the common clock, [start, end). Nothing that happens from `free_from` on changes where it was
    cut; None: it is the last, and what comes next may still belong to it."""

    start: float
    end: float
    free_from: float | None


def blocks_of(times: Sequence[float], params: Params) -> list[Block]:
    """Stretches of `times` (any order) with no pause of `quiet_s` inside; longer than `block_s`, cut at a breath."""
    ordered = sorted(times)
    blocks: list[Block] = []
    while ordered:
        block, ordered = next_block(ordered, params, blocks[-1].end if blocks else float("-inf"))
        blocks.append(block)
    return blocks


def next_block(ordered: Sequence[float], params: Params, after: float) -> tuple[Block, list[float]]:
    """The first stretch of `ordered` times, not empty, and the times behind it. `after`: where the one before ended."""
    first = ordered[0]
    size = next((n + 1 for n, (a, b) in enumerate(pairwise(ordered)) if b - a > params.quiet_s), len(ordered))
    if ordered[size - 1] - first > params.block_s:
        size = _breath(ordered[:size], params.block_s)
    last, rest = ordered[size - 1], list(ordered[size:])
    pad = params.quiet_s / 2
    start, end, free = max(after, first - pad), last + pad, None
    if rest:
        end, free = min(end, (last + rest[0]) / 2), min(last + params.quiet_s, rest[0])
    return Block(start, end, free), rest


def _breath(run: Sequence[float], block_s: float) -> int:
    """How many come before the widest pause in the second half of `block_s`: later events never move the cut."""
    pauses = [
        (b - a, -index)
        for index, (a, b) in enumerate(pairwise(run))
        if block_s / 2 <= a - run[0] and b - run[0] <= block_s
    ]
    if pauses:
        return -max(pauses)[1] + 1
    return next(index for index, at in enumerate(run) if at - run[0] > block_s / 2)
