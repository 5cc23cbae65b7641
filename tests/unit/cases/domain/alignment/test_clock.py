"""The clock, found from the two streams alone."""

from __future__ import annotations

import pytest

from cases.domain.alignment.judge import judge
from cases.domain.alignment.types import Clock
from tests.unit.cases.domain.alignment.scene import alerts, judged, seen, told, trade


@pytest.mark.parametrize("whole_seconds", [False, True])
@pytest.mark.parametrize("offset_s", [0.0, 0.8, 7.0, 40.0, -90.0, 90.0, 3600.0, -7187.0])
def test_offset_is_found(offset_s: float, whole_seconds: bool) -> None:
    day = trade(3, 14, offset_s=offset_s, whole_seconds=whole_seconds)
    found = judged(day)
    assert found.clock.offset_s == pytest.approx(offset_s, abs=0.2)
    assert found.clock.quality == "good"


def test_a_fresh_lane_with_a_well_set_till_is_judged_from_the_first_ticket() -> None:
    day = trade(4, 1, unpaid=0.0)
    lines = [line for line in day.lines if line.key != f"l{day.passes[1].key}"]
    day.lines = lines
    assert alerts(judged(day)) == [("no_scan", day.passes[1].key)]


def test_without_events_nothing_is_known() -> None:
    found = judged(trade(5, 0))
    assert (found.clock.offset_s, found.clock.quality, found.verdicts) == (0.0, "degraded", ())


def test_a_step_of_the_till_clock_is_followed() -> None:
    before, after = trade(6, 10, unpaid=0.0), trade(7, 8, unpaid=0.0, offset_s=2.5)
    shift = 3000.0
    from dataclasses import replace

    before.passes += [replace(s, key=f"x{s.key}", at=s.at + shift) for s in after.passes]
    before.lines += [replace(ln, key=f"x{ln.key}", at=ln.at + shift) for ln in after.lines]
    found = judged(before)
    assert found.clock.offset_s == pytest.approx(2.5, abs=0.25)
    assert len(alerts(found)) <= 1


def test_drift_is_followed() -> None:
    day = trade(8, 120, skew_ppm=100.0, unpaid=0.0)
    found = judged(day)
    hours = (day.passes[-1].at - 1000.0) / 3600
    assert found.clock.offset_s == pytest.approx(0.36 * hours, abs=0.2)
    assert alerts(found) == []


@pytest.mark.parametrize("video_lags_s", [2.0, 4.0, 6.0, 8.0])
def test_video_that_comes_later_than_the_lines_does_not_pull_the_clock(video_lags_s: float) -> None:
    """A belt that repeats itself every 6.7 s, one item of four left out in turn, a till that was switched on late.

    One period away more passes have a partner, only because the newest lines' own passes are not there yet.
    """
    period, crossings = 6.733, (1.36, 2.41, 5.01, 6.36)
    passes = [turn * period + at for turn in range(-2, 6) for at in crossings]
    sold = [
        turn * period + at + 0.1
        for turn in range(6)
        for place, at in enumerate(crossings)
        if place != turn % len(crossings)
    ]
    for now in range(20, 40, 2):
        crossed = [seen(f"p{at:.2f}", at) for at in passes if at <= now - video_lags_s]
        rung = [told(f"l{at:.2f}", at) for at in sold if at <= now]
        assert judge(crossed, rung).clock.offset_s == pytest.approx(-0.15, abs=0.5), f"after {now} s"


def test_where_the_clock_is_not_known_tickets_are_counted_and_nothing_alerts() -> None:
    """Every three seconds an item, every three seconds a line: any multiple of three would do."""
    passes = [seen(f"p{n}", 3.0 * n) for n in range(14)]
    lines = [told(f"l{n}", 3.0 * n + 6.25) for n in range(11)]
    found = judge(passes, lines, clock=Clock(sd_s=30.0))
    assert found.clock.quality == "bad"
    assert alerts(found) == []
    (counted,) = [v for v in found.verdicts if v.anchor == "no_scan:ticket:t1"]
    assert (counted.explanation["units"], counted.alertable) == (11, False)
    assert "clock was not known" in str(counted.explanation["sentence"])
