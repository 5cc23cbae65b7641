"""The funnel as shapes: every point inside its frame, the wide band under the narrow one."""

from typing import Any

import pytest

from pos.domain.peers.chart import BOTTOM, LEFT, MOST_TOP, RIGHT, TOP, chart_of

LIMITS = [
    {"expected": expected, "coverage": coverage, "low": 1 - wide / expected, "high": 1 + wide / expected}
    for coverage, wide in ((0.95, 2.0), (0.998, 4.0))
    for expected in (2.0, 10.0, 50.0)
]


def funnel(*points: tuple[float, float, bool]) -> dict[str, Any]:
    return {
        "points": [
            {"subject": f"s{n}", "expected": expected, "ratio": ratio, "unusual": unusual}
            for n, (expected, ratio, unusual) in enumerate(points)
        ],
        "limits": LIMITS,
    }


@pytest.mark.parametrize("empty", [funnel(), {"points": funnel((3.0, 1.0, False))["points"], "limits": []}])
def test_nothing_is_drawn_where_nothing_is_said(empty: dict[str, Any]) -> None:
    assert chart_of(empty, width=400, height=200) is None


def test_more_expected_is_to_the_right_and_more_often_is_higher() -> None:
    chart = chart_of(funnel((3.0, 1.0, False), (30.0, 2.5, True), (30.0, 0.2, False)), width=400, height=200)
    assert chart is not None
    usual, high, low = chart.dots
    assert usual.x < high.x == low.x
    assert high.y < usual.y == chart.even < low.y
    assert [dot.unusual for dot in chart.dots] == [False, True, False]


def test_all_lies_inside_the_frame_even_what_is_beyond_the_scale() -> None:
    chart = chart_of(funnel((2.0, 5 * MOST_TOP, True), (50.0, 0.0, False)), width=400, height=200)
    assert chart is not None
    places = [(dot.x, dot.y) for dot in chart.dots]
    places += [tuple(map(float, pair.split(","))) for band in chart.bands for pair in band.points.split()]
    assert all(LEFT <= x <= 400 - RIGHT and TOP <= y <= 200 - BOTTOM for x, y in places)


def test_the_wider_band_is_drawn_first() -> None:
    chart = chart_of(funnel((3.0, 1.0, False)), width=400, height=200)
    assert chart is not None
    assert [band.coverage for band in chart.bands] == [0.998, 0.95]


def test_ticks_are_round_numbers_within_the_limits() -> None:
    chart = chart_of(funnel((3.0, 1.0, False)), width=400, height=200)
    assert chart is not None
    assert [tick.words for tick in chart.across] == ["2", "5", "10", "20", "50"]
    assert [tick.words for tick in chart.upward] == ["0 ×", "1 ×", "2 ×"]
