"""From a stream's time to the wall clock."""

import random

import pytest

from vision.capture.clock import SENDER_LEAST, SENDER_LIMIT_S, ArrivalClock, ClockSource, Fixed, StreamClock

NOON = 1_700_000_000.0


def test_jitter_does_not_move_the_clock() -> None:
    """Frames are late by up to 0.4 s, now and then by none: the clock finds the ones that were not late."""
    clock, chance = ArrivalClock(), random.Random(1)
    for number in range(500):
        t = number / 25
        clock.observe(t, NOON + t + (0.0 if number % 40 == 7 else chance.uniform(0.01, 0.4)))
    assert clock.offset == pytest.approx(NOON)


def test_a_stall_and_the_burst_after_it_do_not_move_the_clock() -> None:
    clock = ArrivalClock()
    for number in range(200):
        t = number / 25
        clock.observe(t, NOON + max(t, 6.0) if t > 3 else NOON + t)
    assert clock.offset == pytest.approx(NOON)


def test_a_burst_at_the_start_is_dated_by_its_last_picture() -> None:
    """A server first sends the two seconds it has in store."""
    clock = ArrivalClock()
    for number in range(51):
        clock.observe(number / 25, NOON)
    assert clock.offset == pytest.approx(NOON - 2.0)


def test_a_camera_whose_clock_runs_slow_is_followed() -> None:
    """1000 ppm: after ten minutes it is 0.6 s behind, of which at most a window's share is left in the estimate."""
    clock = ArrivalClock(window_s=60)
    for number in range(6000):
        at = number / 10
        clock.observe(at * 0.999, NOON + at)
    assert clock.offset == pytest.approx(NOON + 0.6, abs=0.07)


def test_the_senders_clock_is_believed_and_counts_back() -> None:
    clock = StreamClock()
    for number in range(75):
        t = number / 25
        clock.observe(t, NOON + t + 0.2, NOON + t if number >= 60 else None)
    assert (clock.source, clock.wall(0.0)) == (ClockSource.RTCP, pytest.approx(NOON))


@pytest.mark.parametrize(
    ("reports", "ahead_s", "source", "why"),
    [
        (0, 0.0, ClockSource.ARRIVAL, "nothing was reported"),
        (SENDER_LEAST - 1, 0.0, ClockSource.ARRIVAL, "the first packets after a report carry their neighbour's time"),
        (SENDER_LEAST, 0.0, ClockSource.RTCP, "enough of them"),
        (50, SENDER_LIMIT_S - 1, ClockSource.RTCP, "a clock that is off is the correlation's business"),
        (50, SENDER_LIMIT_S + 1, ClockSource.ARRIVAL, "a clock that was never set"),
        (50, -NOON, ClockSource.ARRIVAL, "a camera that believes it is 1970"),
    ],
)
def test_when_a_senders_clock_is_believed(reports: int, ahead_s: float, source: ClockSource, why: str) -> None:
    clock = StreamClock()
    for number in range(60):
        t = number / 25
        clock.observe(t, NOON + t, NOON + t + ahead_s if number < reports else None)
    assert clock.source is source, why


def test_the_first_wrong_reports_are_outvoted() -> None:
    clock = StreamClock()
    for number in range(30):
        t = number / 25
        clock.observe(t, NOON + t, NOON + t + (0.16 if number < 2 else 0.0))
    assert clock.wall(0.0) == pytest.approx(NOON)


def test_a_recording_counts_from_when_it_began() -> None:
    clock = Fixed(NOON)
    clock.observe(3.0, NOON + 99, NOON - 99)
    assert (clock.source, clock.wall(2.5)) == (ClockSource.FILE, NOON + 2.5)
