"""Two clocks told by when their events arrive."""

from __future__ import annotations

import random

import pytest

from cases.domain.protocol_clock import Arrivals, clock_ahead, disagrees, protocol_offset

T0 = 1_763_719_200.0


def sent(*, ahead_s: float, n: int = 60, delay_s: float = 0.05, jitter_s: float = 0.3, seed: int = 1) -> Arrivals:
    """`n` events sent at once by a clock that is ahead of the server's."""
    rng = random.Random(seed)
    happened = [T0 + 7.0 * index for index in range(n)]
    return Arrivals(tuple((at + ahead_s, at + delay_s + rng.expovariate(1 / jitter_s)) for at in happened))


@pytest.mark.parametrize(
    ("till_ahead", "camera_ahead", "offset"),
    [
        (0.0, 0.0, 0.0),
        (5.0, 0.0, 5.0),
        (0.0, 5.0, -5.0),
        (-7.0, 3.0, -10.0),
        (3600.0, 0.0, 3600.0),
    ],
)
def test_a_till_that_is_ahead_has_a_positive_offset(till_ahead: float, camera_ahead: float, offset: float) -> None:
    found = protocol_offset(sent(ahead_s=camera_ahead), sent(ahead_s=till_ahead, seed=2))
    assert found == pytest.approx(offset, abs=0.1)


def test_whole_seconds_cost_next_to_nothing() -> None:
    cut = Arrivals(tuple((float(int(at)), arrived) for at, arrived in sent(ahead_s=4.0, n=100).spans))
    assert clock_ahead(cut) == pytest.approx(4.0, abs=0.3)


def test_a_few_events_of_a_wild_clock_do_not_matter() -> None:
    wild = tuple((at + 86_400.0, arrived) for at, arrived in sent(ahead_s=0.0, n=3).spans)
    assert clock_ahead(Arrivals(sent(ahead_s=4.0, n=97).spans + wild)) == pytest.approx(4.0, abs=0.2)


SILENT = {
    "nineteen events": sent(ahead_s=4.0, n=19),
    "nothing": Arrivals(),
    "an import: a day arrives at one instant": Arrivals(tuple((T0 - 60.0 * n, T0) for n in range(100))),
    "a backlog after ten minutes without network": Arrivals(tuple((T0 - 6.0 * n, T0 + 1) for n in range(100))),
    "a poll every half minute": Arrivals(tuple((T0 + n, T0 + 30.0 * (n // 30 + 1)) for n in range(90))),
}


@pytest.mark.parametrize("why", SILENT)
def test_what_does_not_arrive_live_says_nothing(why: str) -> None:
    assert clock_ahead(SILENT[why]) is None
    assert protocol_offset(sent(ahead_s=0.0), SILENT[why]) is None
    assert protocol_offset(SILENT[why], sent(ahead_s=0.0)) is None


def test_what_a_device_measured_goes_before_its_lags() -> None:
    slow = Arrivals(sent(ahead_s=0.0, delay_s=2.5).spans, said_s=0.02)
    assert clock_ahead(slow) == 0.02
    assert protocol_offset(Arrivals(said_s=0.5), Arrivals(said_s=2.9)) == pytest.approx(2.4)
    assert protocol_offset(Arrivals(said_s=0.5), sent(ahead_s=2.9)) == pytest.approx(2.4, abs=0.1)


@pytest.mark.parametrize(
    ("judged", "sd", "protocol", "already", "expected", "why"),
    [
        (0.0, 0.1, 2.2, False, False, "2 s and three times what is not known"),
        (0.0, 0.1, 2.4, False, True, "past it"),
        (0.0, 0.1, -2.4, False, True, "either way"),
        (0.0, 1.0, 4.9, False, False, "a clock known to a second may be further away"),
        (0.0, 0.1, 1.9, True, True, "what disagreed goes on until it is clearly over"),
        (0.0, 0.1, 1.7, True, False, "and then it is over"),
    ],
)
def test_when_two_opinions_disagree(
    judged: float, sd: float, protocol: float, already: bool, expected: bool, why: str
) -> None:
    assert disagrees(judged_s=judged, sd_s=sd, protocol_s=protocol, already=already) is expected, why
