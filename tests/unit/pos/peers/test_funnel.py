"""A funnel as data."""

from math import inf

import numpy as np
import pytest

from pos.domain.peers.counting import at_most
from pos.domain.peers.funnel import COVERAGES, STEPS, funnel_limits, funnel_of
from pos.domain.peers.score import Group, Standing, peer_scores
from pos.domain.peers.spread import SPREADS
from tests.unit.pos.peers.crew import REFUND, VOID, crew, drawn, worked


def group(index: int) -> Group:
    return Group(REFUND, 30, float(SPREADS[index]), tuple(np.eye(len(SPREADS))[index].tolist()))


def test_the_exact_limits_hold_what_they_say() -> None:
    for limits in funnel_limits([0.5, 5.0, 60.0], group(0)):
        high = np.ceil(limits.chance_high * limits.expected)
        mean, shape = np.array([limits.expected]), np.array([inf])
        assert at_most(np.array([high]), mean, shape)[0] >= (1 + limits.coverage) / 2
        assert limits.chance_low <= 1 <= limits.chance_high


def test_large_counts_are_nearly_normal() -> None:
    (limits,) = funnel_limits([10_000.0], group(0), [0.95])
    assert limits.chance_high == pytest.approx(1 + 1.96 / 100, abs=3e-4)
    assert limits.chance_low == pytest.approx(1 - 1.96 / 100, abs=3e-4)


def test_the_funnel_narrows_to_how_much_people_differ() -> None:
    limits = funnel_limits(np.geomspace(0.3, 3000, 12).tolist(), group(5), [0.95])
    widths = [one.high - one.low for one in limits]
    assert widths == sorted(widths, reverse=True)
    assert limits[-1].chance_high < 1.05 < 1 + 1.5 * SPREADS[5] < limits[-1].high


def test_limits_that_know_that_people_differ_are_wider() -> None:
    for limits in funnel_limits([2.0, 20.0, 200.0], group(6)):
        assert limits.low <= limits.chance_low and limits.chance_high < limits.high


def test_a_wider_coverage_holds_the_narrower() -> None:
    narrow, wide = (funnel_limits([12.0], group(4), [coverage])[0] for coverage in COVERAGES)
    assert wide.low < narrow.low and narrow.high < wide.high


def test_the_funnel_of_a_report() -> None:
    rows, _ = drawn(2, 30, 0.3, 20)
    report = peer_scores([*rows, worked("z", 120, tickets=1500)], [REFUND])
    funnel = funnel_of(report, REFUND)
    assert len(funnel.points) == 31 and len(funnel.limits) == 2 * STEPS
    assert [point.subject for point in funnel.points if point.standing is Standing.UNUSUAL] == ["z"]
    assert funnel.points[-1].ratio == pytest.approx(4, rel=0.15)
    expected = [point.expected for point in funnel.points]
    assert expected == sorted(expected)
    along = [one.expected for one in funnel.limits if one.coverage == 0.95]
    assert along[0] < expected[0] and along[-1] > expected[-1]


def test_most_honest_people_lie_within() -> None:
    rows, _ = drawn(8, 60, 0.3, 20)
    report = peer_scores(rows, [REFUND])
    limits = funnel_limits([s.expected for s in report.scores], report.groups[0], [0.95])
    outside = sum(
        not one.low <= s.observed / s.expected <= one.high for s, one in zip(report.scores, limits, strict=True)
    )
    assert outside <= 8


def test_where_nothing_is_said_there_is_no_funnel() -> None:
    report = peer_scores(crew([5] * 3), [REFUND])
    assert (funnel_of(report, REFUND).points, funnel_of(report, REFUND).limits) == ((), ())
    assert funnel_of(peer_scores(crew([5] * 9), [REFUND]), VOID).points == ()
