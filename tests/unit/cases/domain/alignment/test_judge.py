"""What holds of the judge whatever it is given."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.domain.alignment.blocks import blocks_of
from cases.domain.alignment.judge import judge
from cases.domain.alignment.pairing import log_evidences, pair_posteriors
from cases.domain.alignment.params import Params
from tests.unit.cases.domain.alignment.scene import alerts, judged, trade


def brute_force(log_odds: np.ndarray) -> np.ndarray:
    """Every monotone pairing, one by one."""
    n, m = log_odds.shape
    odds, total, sums = np.exp(log_odds), 0.0, np.zeros((n, m))

    def walk(i: int, j: int, weight: float, pairs: tuple[tuple[int, int], ...]) -> None:
        nonlocal total
        total += weight
        for a, b in pairs:
            sums[a, b] += weight
        for a in range(i, n):
            for b in range(j, m):
                walk(a + 1, b + 1, weight * odds[a, b], (*pairs, (a, b)))

    walk(0, 0, 1.0, ())
    return sums / total


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_posteriors_sum_every_pairing_once(n: int, m: int, seed: int) -> None:
    log_odds = np.random.default_rng(seed).normal(0.5, 2.5, (n, m))
    posterior, log_z = pair_posteriors(log_odds)
    assert posterior == pytest.approx(brute_force(log_odds), abs=1e-9)
    wider = np.hstack([log_odds, np.full((n, 2), -1e9)])
    assert log_evidences([log_odds, wider]) == pytest.approx([log_z, log_z])


def test_posteriors_of_a_long_stretch_stay_in_range() -> None:
    n = 400
    log_odds = np.where(np.eye(n, dtype=bool), 9.0, -300.0)
    posterior, _ = pair_posteriors(log_odds)
    assert np.diag(posterior) == pytest.approx(np.full(n, 1.0), abs=1e-3)


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_order_of_what_is_given_does_not_matter(seed: int) -> None:
    day = trade(seed % 7, 5)
    rng = random.Random(seed)
    passes, lines = day.passes[:], day.lines[:]
    rng.shuffle(passes)
    rng.shuffle(lines)
    assert judge(passes, lines) == judge(day.passes, day.lines)


def test_scores_are_probabilities() -> None:
    found = [v.score for seed in range(8) for v in judged(trade(seed, 10, missed=0.03, unpaid=0.05)).verdicts]
    assert found and all(0.0 <= score <= 1.0 for score in found)


@pytest.mark.parametrize("whole_seconds", [False, True])
@pytest.mark.parametrize(("pace_s", "recall"), [(2.8, 0.2), (6.0, 0.65)])
def test_unpaid_items_are_found_and_others_left_alone(whole_seconds: bool, pace_s: float, recall: float) -> None:
    """At a cashier's pace most unpaid items could as well be the next one shown twice, and are only listed."""
    found = hits = listed = truth = 0
    for seed in range(12):
        day = trade(seed + 50, 15, offset_s=seed * 3.0 - 17, missed=0.03, whole_seconds=whole_seconds, pace_s=pace_s)
        verdicts = judged(day)
        named = {event for kind, event in alerts(verdicts) if kind == "no_scan"}
        found, hits, truth = found + len(named), hits + len(named & day.unpaid), truth + len(day.unpaid)
        listed += len(day.unpaid & {v.sighting for v in verdicts.verdicts})
    assert hits / truth >= recall
    assert hits / found >= 0.9
    assert listed / truth >= 0.85


def test_blocks_do_not_move_when_more_is_said_later() -> None:
    params = Params()
    times = [float(t) for t in range(0, 1000, 3)]
    whole, part = blocks_of(times, params), blocks_of(times[:250], params)
    assert whole[: len(part) - 1] == part[:-1]
    assert all(block.end - block.start <= params.block_s + params.quiet_s for block in whole)
