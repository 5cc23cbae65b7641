"""Putting stretches on the wall clock."""

import itertools

import pytest

from vision.capture.clock import ClockSource, Fixed, StreamClock
from vision.capture.cutting import Stretch, Timed
from vision.capture.stamping import Stamped, Stamper

NOON = 1_700_000_000.0


def stretch(start: float, seconds: float = 2.0) -> Stretch:
    packets = [Timed(start + n / 25, n == 0, 1, 0.0) for n in range(round(seconds * 25))]
    return Stretch(packets, start + seconds, 0.04)


def arrived(stamper: Stamper, start: float, late_s: float, seconds: float = 2.0, wall: bool = False) -> list[Stamped]:
    """Two seconds of stream time from `start` come in `late_s` after they were made."""
    found: list[Stamped] = []
    for packet in stretch(start, seconds).packets:
        at = NOON + packet.t + late_s
        stamper.observe(packet.t, at, NOON + packet.t if wall else None)
        found += stamper.released(at)
    return found + list(stamper.push(stretch(start, seconds), NOON + start + seconds + late_s))


def test_segments_join_and_say_so() -> None:
    stamper = Stamper()
    stamper.begin(StreamClock(), hold_until=None)
    found = [one for n in range(3) for one in arrived(stamper, 2.0 * n, late_s=0.1)]
    assert [round(one.started_at - NOON, 3) for one in found] == [0.1, 2.1, 4.1]
    assert [one.continues for one in found] == [False, True, True]


def test_a_better_estimate_comes_in_little_by_little() -> None:
    """The first connection burst was late; pictures of two segments never change places for it."""
    stamper = Stamper()
    stamper.begin(StreamClock(), hold_until=None)
    starts = [one.started_at for n in range(12) for one in arrived(stamper, 2.0 * n, late_s=0.2 if n == 0 else 0.05)]
    steps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert min(steps) > 2.0 - 0.04
    assert starts[-1] == pytest.approx(NOON + 22.05, abs=0.001)


def test_the_first_segments_wait_for_the_senders_report_and_count_back() -> None:
    stamper = Stamper()
    stamper.begin(StreamClock(), hold_until=NOON + 5)
    assert arrived(stamper, 0.0, late_s=0.2) == []
    found = arrived(stamper, 2.0, late_s=0.2, wall=True)
    assert [(one.clock_source, round(one.started_at - NOON, 3)) for one in found] == [
        (ClockSource.RTCP, 0.0),
        (ClockSource.RTCP, 2.0),
    ]


def test_without_a_report_they_wait_no_longer_than_agreed() -> None:
    stamper = Stamper()
    stamper.begin(StreamClock(), hold_until=NOON + 5)
    counts = [len(arrived(stamper, 2.0 * n, late_s=0.0)) for n in range(4)]
    assert counts == [0, 0, 3, 1]


def test_after_a_jump_time_goes_on_at_the_wall_clock() -> None:
    """A looped file: its time starts over, the wall clock does not."""
    stamper = Stamper()
    stamper.begin(StreamClock(), hold_until=None)
    [first] = arrived(stamper, 0.0, late_s=0.1)
    stamper.jumped()
    for packet in stretch(0.0).packets:
        stamper.observe(packet.t, NOON + 2.0 + packet.t + 0.08, None)
    [second] = stamper.push(stretch(0.0), NOON + 4.1)
    assert second.started_at == pytest.approx(first.started_at + 2.0)
    assert second.continues


@pytest.mark.parametrize(
    ("pause", "continues", "why"),
    [(0.2, True, "back at once"), (0.8, False, "a hole"), (60.0, False, "gone for a minute")],
)
def test_what_continues_over_a_new_connection(pause: float, continues: bool, why: str) -> None:
    stamper = Stamper(ended_at=NOON)
    stamper.begin(Fixed(NOON + pause), hold_until=None)
    [one] = stamper.push(stretch(0.0), NOON + 2)
    assert (one.started_at, one.continues) == (NOON + pause, continues), why


def test_a_wall_clock_that_was_set_back_is_followed() -> None:
    stamper = Stamper(ended_at=NOON + 3600)
    stamper.begin(StreamClock(), hold_until=None)
    [one] = arrived(stamper, 0.0, late_s=0.0)
    assert (one.started_at, one.continues) == (NOON, False)
