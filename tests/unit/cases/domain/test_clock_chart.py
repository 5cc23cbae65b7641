"""The clock's picture: where things are, not how they look."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cases.domain.clock_chart import BOTTOM, LEFT, RIGHT, TOP, Reading, Step, chart_of, signed

MADRID = ZoneInfo("Europe/Madrid")
T0 = datetime(2026, 11, 16, 9, 0, tzinfo=UTC).timestamp()


def readings(
    n: int = 12, every_s: float = 600.0, start: float = T0, quality: str = "good", **more: float
) -> list[Reading]:
    offset, sd = more.get("offset", 2.0), more.get("sd", 0.2)
    return [Reading(start + every_s * index, offset, sd, quality) for index in range(n)]


def test_nothing_measured_nothing_drawn() -> None:
    assert chart_of([], [Step(T0, 3.0)], zone=MADRID) is None


def test_the_line_runs_from_edge_to_edge_within_the_plot() -> None:
    chart = chart_of(readings(), [], zone=MADRID, width=860, height=320)
    assert chart is not None
    (stroke,) = chart.strokes
    points = [tuple(map(float, point.split(","))) for point in stroke.points.split()]
    assert (points[0][0], points[-1][0]) == (LEFT, 860 - RIGHT)
    assert all(TOP <= y <= 320 - BOTTOM for _, y in points)
    assert len(stroke.band.split()) == 2 * len(points), "up there and down again"


def test_ahead_is_up_and_a_band_of_two_sd_lies_around_the_line() -> None:
    chart = chart_of([*readings(1, offset=1.0), *readings(1, start=T0 + 600, offset=3.0)], [], zone=MADRID)
    assert chart is not None
    (first_y, last_y) = (float(point.split(",")[1]) for point in chart.strokes[0].points.split())
    assert last_y < first_y
    per_s = (first_y - last_y) / 2.0
    upper = float(chart.strokes[0].band.split()[0].split(",")[1])
    assert first_y - upper == pytest.approx(0.4 * per_s, abs=0.2)


@pytest.mark.parametrize(
    ("later_s", "steps", "runs", "why"),
    [
        (1200.0, [], 1, "ten minutes apart: one line"),
        (14 * 3600.0, [], 2, "a night lies between"),
        (1200.0, [Step(T0 + 900.0, 60.0)], 2, "the till was set between"),
    ],
)
def test_what_is_not_joined(later_s: float, steps: list[Step], runs: int, why: str) -> None:
    chart = chart_of([*readings(2), *readings(2, start=T0 + later_s)], steps, zone=MADRID)
    assert chart is not None
    assert len(chart.strokes) == runs, why


def test_a_change_of_quality_leaves_no_hole() -> None:
    chart = chart_of([*readings(2), *readings(2, start=T0 + 1200, quality="degraded")], [], zone=MADRID)
    assert chart is not None
    good, degraded = chart.strokes
    assert (good.quality, degraded.quality) == ("good", "degraded")
    assert good.points.split()[-1] == degraded.points.split()[0]


def test_a_reading_alone_is_a_dot() -> None:
    chart = chart_of(readings(1), [], zone=MADRID)
    assert chart is not None
    assert (chart.strokes, [dot[2] for dot in chart.dots]) == ((), ["good"])


def test_a_clock_that_is_not_known_does_not_flatten_what_is() -> None:
    known = chart_of(readings(), [], zone=MADRID)
    lost = chart_of([*readings(), *readings(1, start=T0 + 7200, quality="bad", offset=40.0, sd=60.0)], [], zone=MADRID)
    assert known is not None and lost is not None
    assert [tick.words for tick in lost.y_ticks] == [tick.words for tick in known.y_ticks]


def test_nothing_leads_to_a_clock_that_is_not_known() -> None:
    chart = chart_of(
        [*readings(2), *readings(2, start=T0 + 1200, quality="bad", offset=9.0), *readings(2, start=T0 + 2400)],
        [],
        zone=MADRID,
    )
    assert chart is not None
    assert [stroke.quality for stroke in chart.strokes] == ["good", "good"]
    assert [(y, quality) for _, y, quality in chart.dots] == [(TOP, "bad")] * 2, "at the edge it went past"


def test_words_that_would_run_into_others_are_left_out() -> None:
    steps = [Step(T0 + 600 * n, 1.0) for n in (1, 2, 9)]
    chart = chart_of(readings(13), steps, zone=MADRID)
    assert chart is not None
    assert [bool(mark.words) for mark in chart.marks] == [True, False, True]


def test_a_step_has_its_words_where_there_is_room() -> None:
    chart = chart_of(readings(13), [Step(T0 + 600, -3600.0), Step(T0 + 6600, 4.0), Step(T0 - 9e5, 1.0)], zone=MADRID)
    assert chart is not None
    assert [(mark.words, mark.anchor) for mark in chart.marks] == [
        ("set by \N{MINUS SIGN}3600.0 s", "start"),
        ("set by +4.0 s", "end"),
    ], "what was before the picture is not in it"


def test_hours_are_the_stores_and_midnight_names_the_day() -> None:
    day = chart_of(readings(25, every_s=3600.0), [], zone=MADRID)
    week = chart_of(readings(7 * 24, every_s=3600.0), [], zone=MADRID)
    assert day is not None and week is not None
    assert [tick.words for tick in day.x_ticks] == [
        "12:00", "15:00", "18:00", "21:00", "Tue 17 Nov", "03:00", "06:00", "09:00"
    ]  # fmt: skip
    assert [tick.words for tick in week.x_ticks] == [f"{name} {day} Nov" for name, day in zip(
        ["Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon"], range(17, 24), strict=True)]  # fmt: skip


def test_midnight_stays_midnight_when_summer_time_ends() -> None:
    start = datetime(2026, 10, 23, 22, 0, tzinfo=UTC).timestamp()  # Saturday, 00:00 in Madrid
    chart = chart_of(readings(60, every_s=3600.0, start=start), [], zone=MADRID)
    assert chart is not None
    assert [tick.words for tick in chart.x_ticks if "Oct" in tick.words] == ["Sat 24 Oct", "Sun 25 Oct", "Mon 26 Oct"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.1, 0.1, ["\N{MINUS SIGN}0.50", "\N{MINUS SIGN}0.25", "0", "+0.25", "+0.50"]),
        (0.0, 3600.0, ["0", "+1000", "+2000", "+3000"]),
    ],
)
def test_seconds_are_at_round_numbers(low: float, high: float, words: list[str]) -> None:
    two = [*readings(1, offset=low, sd=0.0), *readings(1, start=T0 + 600, offset=high, sd=0.0)]
    chart = chart_of(two, [], zone=MADRID)
    assert chart is not None
    assert [tick.words for tick in chart.y_ticks] == words
    assert chart.zero is not None


def test_a_narrow_picture_has_fewer_hours() -> None:
    wide = chart_of(readings(7 * 24, every_s=3600.0), [], zone=MADRID)
    narrow = chart_of(readings(7 * 24, every_s=3600.0), [], zone=MADRID, width=340, height=260)
    assert wide is not None and narrow is not None
    assert (len(narrow.x_ticks), len(wide.x_ticks)) == (2, 7)


def test_an_hour_has_quarters() -> None:
    chart = chart_of(readings(7), [], zone=MADRID)
    assert chart is not None
    assert [tick.words for tick in chart.x_ticks] == ["10:00", "10:15", "10:30", "10:45", "11:00"]


@pytest.mark.parametrize(("seconds", "words"), [(0.04, "+0.0"), (-0.04, "+0.0"), (-2.35, "\N{MINUS SIGN}2.4")])
def test_a_sign_in_print(seconds: float, words: str) -> None:
    assert signed(seconds) == words
