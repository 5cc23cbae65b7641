"""What the judge carries on from stretch to stretch, and what it learns on the way."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from cases.domain.alignment.judge import judge, judge_on
from cases.domain.alignment.params import Params
from cases.domain.alignment.rates import UNPAID_TIMES, rates_of
from cases.domain.alignment.state import LaneState
from cases.domain.alignment.tally import ECHO_EDGES, Tally
from cases.domain.alignment.types import Gap, Kind
from tests.unit.cases.domain.alignment.scene import Day, alerts, seen, told, trade


def busy(seed: int, *, doubles: float = 0.0, missed: float = 0.0, tickets: int = 60) -> Day:
    """A longer day, with items that the camera sees twice."""
    day, rng = trade(seed, tickets, missed=missed, unpaid=0.01), random.Random(seed)
    for sighting in list(day.passes):
        if rng.random() < doubles:
            again = replace(sighting, key=f"{sighting.key}d", at=sighting.at + rng.uniform(0.2, 0.6), track="again")
            day.passes.append(again)
    return day


def learnt(day: Day) -> Tally:
    return judge_on(day.passes, day.lines).states[-1].tally


def test_a_camera_that_sees_double_is_learnt() -> None:
    params = Params()
    widths = np.diff(ECHO_EDGES)

    def repeats(tally: Tally) -> float:
        rates = rates_of(params, tally)
        return float(((rates.after + rates.before) * widths).sum())

    assert repeats(learnt(busy(3, doubles=0.10))) > 2 * repeats(learnt(busy(3)))


def test_a_camera_that_misses_much_is_learnt() -> None:
    params = Params()
    good, poor = (rates_of(params, learnt(busy(4, missed=share))).laws["scanned"].seen for share in (0.0, 0.2))
    assert good > 0.97
    assert poor == pytest.approx(0.8, abs=0.06)


def test_a_lane_that_loses_more_than_stores_do_is_believed_slowly_and_within_bounds() -> None:
    params = Params()
    usual, loud, absurd = (Tally(items=3000.0, unpaid=unpaid) for unpaid in (30.0, 90.0, 1500.0))
    assert rates_of(params, usual).no_scan == pytest.approx(params.no_scan)
    assert params.no_scan < rates_of(params, loud).no_scan < 0.03
    assert rates_of(params, absurd).no_scan == pytest.approx(UNPAID_TIMES[1] * params.no_scan)


def test_a_stretch_in_which_the_till_was_not_heard_teaches_nothing() -> None:
    day = busy(5, tickets=20)
    start, end = day.lines[0].at - 100.0, day.lines[-1].at + 100.0
    deaf = judge_on(day.passes, day.lines, gaps=(Gap("pos", start, end, "reported"),))
    assert deaf.states[-1].tally.items == 0.0
    assert deaf.verdicts.verdicts == () or all(not v.sighting for v in deaf.verdicts.verdicts)


def test_a_state_survives_being_written_down() -> None:
    state = judge_on(*_streams(busy(6))).states[-1]
    again = LaneState.load(json.loads(json.dumps(state.dump())))
    assert again is not None
    assert again.dump() == state.dump()
    assert len(json.dumps(state.dump())) < 30_000
    assert LaneState.load({**state.dump(), "version": -1}) is None


@pytest.mark.parametrize("seed", range(3))
def test_going_on_from_any_state_ends_as_one_go_does(seed: int) -> None:
    day = busy(seed + 20, doubles=0.02, missed=0.03, tickets=25)
    whole = judge_on(day.passes, day.lines)
    for state in whole.states[:: max(1, len(whole.states) // 4)]:
        kept = LaneState.load(json.loads(json.dumps(state.dump())))
        rest = judge_on(day.passes, day.lines, state=kept)
        expected = [v for v in whole.verdicts.verdicts if v.at >= state.until]
        assert [(v.anchor, v.score) for v in rest.verdicts.verdicts] == [(v.anchor, v.score) for v in expected]
        assert rest.states[-1].dump() == whole.states[-1].dump()


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_in_helpings_ends_as_one_go_does(seed: int) -> None:
    """Each helping goes on from the last state that nothing in it can have changed."""
    day, rng = busy(seed + 40, missed=0.03, tickets=25), random.Random(seed)
    passes, lines = sorted(day.passes, key=lambda s: s.at), sorted(day.lines, key=lambda line: line.at)
    whole = judge(passes, lines)
    found: dict[str, float] = {}
    states: list[LaneState] = [LaneState()]
    now, end = passes[0].at, passes[-1].at + 60.0
    while now < end:
        since, now = now, now + rng.uniform(20.0, 400.0)
        while states[-1].free_from > since - 20.0 and len(states) > 1:
            states.pop()
        part = judge_on([s for s in passes if s.at < now], [line for line in lines if line.at < now], state=states[-1])
        found = {anchor: score for anchor, score in found.items() if not _judged(anchor, part.verdicts.judged)}
        found |= {v.anchor: v.score for v in part.verdicts.verdicts}
        states += part.states
    assert found == {v.anchor: v.score for v in whole.verdicts}


def _judged(anchor: str, keys: frozenset[str]) -> bool:
    return anchor.partition(":")[2] in keys


def _streams(day: Day) -> tuple[list, list]:
    return day.passes, day.lines


def test_a_till_that_falls_silent_for_long_is_not_taken_for_theft() -> None:
    day = busy(7, tickets=10)
    last = max(s.at for s in day.passes) - 1000.0
    silent = [seen(f"q{n}", last + 40.0 + 3.0 * n) for n in range(14)]
    found = judge([*day.passes, *silent], day.lines)
    named = {event for _, event in alerts(found)}
    assert not named & {s.key for s in silent}
    (worst, *_) = [v for v in found.verdicts if v.sighting in {s.key for s in silent}] or [None]
    if worst is not None:
        assert "its feed may have been down" in str(worst.explanation["sentence"])


def test_a_quantity_that_is_changed_later_pays_for_its_units() -> None:
    cans = [seen(name, at) for name, at in (("a", 0), ("b", 1.1), ("c", 2.2))]
    lines = [told("1", 0.3, line=1, gtin="7")]
    assert alerts(judge(cans, lines))
    lines.append(told("2", 4.0, "quantity_change", line=1, gtin="7", quantity=3))
    assert alerts(judge(cans, lines)) == []


def test_two_attempts_before_the_beep_are_one_item() -> None:
    day = busy(8, tickets=12)
    end = max(s.at for s in day.passes) - 1000.0 + 40.0
    tries = [seen(name, end + at, path=()) for name, at in (("x", 0.0), ("y", 1.9), ("z", 3.8))]
    sold = [told("lz", end + 4.1)]
    found = judge([*day.passes, *tries], [*day.lines, *sold])
    assert not {"x", "y"} & {event for kind, event in alerts(found) if kind == Kind.NO_SCAN}


def with_labels(**counts: tuple[float, float]) -> Tally:
    """Label (`nameless` for none) -> passes that were paid for, and that were nothing."""
    tally = Tally()
    for name, pair in counts.items():
        tally.label("" if name == "nameless" else name)[:] = pair
    return tally


def test_a_bag_is_nothing_until_bags_are_paid_for() -> None:
    params = Params()
    before = rates_of(params, with_labels(item=(500.0, 20.0))).labels["bag"]
    own_bags = rates_of(params, with_labels(item=(500.0, 20.0), bag=(10.0, 60.0))).labels["bag"]
    bags_of_crisps = rates_of(params, with_labels(item=(500.0, 20.0), bag=(250.0, 10.0))).labels["bag"]
    assert before > 20.0
    assert own_bags > 8.0
    assert bags_of_crisps < 4.0


def test_eyes_that_tell_goods_apart_are_believed_more_where_they_do() -> None:
    params = Params()
    apart = rates_of(params, with_labels(item=(50.0, 0.0), bottle=(50.0, 0.0))).labels
    assert apart["bottle"] < 0.5 < 2.0 < apart["item"]
    assert rates_of(params, with_labels(item=(50.0, 0.0))).labels["item"] == pytest.approx(1.0)
    ghosts = rates_of(params, with_labels(item=(500.0, 2.0), bottle=(500.0, 40.0))).labels
    assert ghosts["bottle"] > ghosts["item"], "a store's own experience outweighs the belief"
