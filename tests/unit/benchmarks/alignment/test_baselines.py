"""The baselines are worth comparing with: they find what can be found, keep quiet in gaps and beat chance in order."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.alignment import baselines, metrics, sync, wire
from benchmarks.alignment.alert import Result
from benchmarks.alignment.assignment import greedy, hungarian
from benchmarks.alignment.baselines import Baseline
from benchmarks.alignment.contenders import CONTENDERS
from benchmarks.alignment.day import LaneDay
from benchmarks.alignment.generator import lane_day
from benchmarks.alignment.level import CLEAN, HARD, MID
from benchmarks.alignment.streams import streams
from cases.domain.alignment.types import Gap, PosLine, Sighting

ALL = [
    baselines.nearest_unsynchronised,
    baselines.nearest_one_off,
    baselines.greedy_offset,
    baselines.greedy_tracked,
    baselines.assigned,
    baselines.assigned_with_causes,
    baselines.basket_count,
]
START = 1_790_000_000.0


@pytest.fixture(scope="module")
def hard() -> list[LaneDay]:
    return [lane_day(HARD, seed) for seed in (0, 1)]


def asked(baseline: Baseline, day: LaneDay) -> Result:
    return baseline(day.passes, day.lines, day.gaps)


def simple(unpaid: int, offset_s: float = 0.0) -> tuple[list[Sighting], list[PosLine]]:
    """Sixty items at an uneven pace, all scanned half a second late but one."""
    at = START + np.cumsum(np.random.default_rng(1).gamma(4.0, 0.7, 60) + 0.8)
    passes = [Sighting(f"v{n}", float(t), "item_pass", 0.9) for n, t in enumerate(at)]
    lines = [
        PosLine(f"p{n}", float(t) + 0.25 + offset_s, "scan", "T", n, entry_method="scanned")
        for n, t in enumerate(at)
        if n != unpaid
    ]
    return passes, lines


@pytest.mark.parametrize("baseline", ALL, ids=lambda baseline: baseline.__name__)
def test_nothing_comes_of_nothing(baseline: Baseline) -> None:
    assert list(baseline([], [], []).alerts) == []
    assert list(baseline([], [PosLine("p", START, "scan", "T", 1)], []).alerts) == []
    baseline([Sighting("v", START, "item_pass")], [], [])


@pytest.mark.parametrize("baseline", ALL[2:6], ids=lambda baseline: baseline.__name__)
def test_one_unpaid_pass_among_sixty_comes_first(baseline: Baseline) -> None:
    passes, lines = simple(unpaid=30, offset_s=47.3)
    alerts = baseline(passes, lines, []).alerts
    assert max(alerts, key=lambda alert: alert.score).key == "v30"


@pytest.mark.parametrize("baseline", ALL, ids=lambda baseline: baseline.__name__)
def test_nothing_is_said_over_a_gap(baseline: Baseline) -> None:
    passes, lines = simple(unpaid=30)
    told = [line for line in lines if not passes[20].at < line.at < passes[40].at]
    gap = Gap("pos", passes[20].at, passes[40].at)
    named = {alert.key for alert in baseline(passes, told, [gap]).alerts}
    assert not named & {f"v{n}" for n in range(20, 41)}


def test_the_followed_clock_stays_near_the_truth(hard: list[LaneDay]) -> None:
    for day in hard:
        result = asked(baselines.greedy_tracked, day)
        assert metrics.offset_mae([metrics.scored(day, result)]) < 0.3
        once = asked(baselines.nearest_one_off, day)
        assert metrics.offset_mae([metrics.scored(day, once)]) > 0.3


def test_assignment_pairs_as_it_was() -> None:
    day = lane_day(replace(CLEAN, quantity=0.0), 5)
    both = streams(day.passes, day.lines, day.gaps)
    track = sync.tracked(both)

    def share(slot: np.ndarray) -> float:
        said = {both.keys[i]: both.lines[both.line[j]].key for i, j in enumerate(slot) if j >= 0}
        return sum(said.get(key) == line for key, line in day.truth.pairs.items()) / len(day.truth.pairs)

    best, near = share(hungarian(both, track).slot), share(greedy(both, track, 2.0))
    assert best > 0.93
    assert best > near


def test_each_idea_helps(hard: list[LaneDay]) -> None:
    """Causes beat the assignment alone, which beats the plain nearest line."""

    def area(baseline: Baseline) -> float:
        return metrics.average_precision([metrics.scored(day, asked(baseline, day)) for day in hard])

    assert area(baselines.assigned_with_told_causes) > area(baselines.assigned) > area(baselines.nearest_unsynchronised)


def test_scores_are_between_nought_and_one(hard: list[LaneDay]) -> None:
    for baseline in ALL:
        assert all(0 < alert.score <= 1 for alert in asked(baseline, hard[0]).alerts)


def test_contenders_do_not_look_at_the_truth() -> None:
    day = lane_day(MID, 2, hours=0.5)
    blind = replace(day, truth=None)  # type: ignore[arg-type]
    for name in ("B0", "B1", "B2", "B3", "B4", "B4c", "B4c told", "B5", "judge"):
        assert CONTENDERS[name](blind).alerts == CONTENDERS[name](day).alerts


def test_the_wire_says_what_the_day_says() -> None:
    day = lane_day(HARD, 1, hours=2.0)
    told, seen = wire.pos_events(day, run="r1-"), wire.visual_events(day, run="r1-")
    assert len(told) == len(day.lines) + len(day.gaps) and len(seen) == len(day.passes)
    assert len({event["id"] for event in told}) == len(told)
    scan = next(event for event in told if event["type"] == "scan")
    assert scan["data"].keys() >= {"gtin", "quantity", "unit_price", "amount", "entry_method", "voids_line"}
    assert scan["occurred_at"].endswith("+00:00")
    assert all(len(batch) <= 1000 for batch in wire.batches(told))
