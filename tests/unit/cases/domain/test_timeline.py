"""Where marks lie on the axis."""

import pytest

from cases.domain.timeline import AROUND_S, Rung, Seen, Timeline, timeline

START = 1_000_000.0


def laid_out(**changes: object) -> Timeline:
    told: dict[str, object] = {
        "clip": (START, START + 4),
        "seen": [Seen("cam/a", START + 2, "pass")],
        "rung": [Rung("T1/1", START + 2.5, "line")],
        "pairs": [],
        "unmatched": frozenset(),
        "gap_at": START + 2,
        "clock_words": lambda at: f"{at - START:.0f}",
    } | changes
    return timeline(**told)  # type: ignore[arg-type]


def test_the_axis_shows_what_lies_around_the_clip() -> None:
    drawn = laid_out()
    assert (drawn.starts_at, drawn.ends_at) == (START - AROUND_S, START + 4 + AROUND_S)
    assert (drawn.clip_x, drawn.clip_width) == ("33.333%", "33.333%")


def test_a_mark_lies_at_its_instant_and_seeks_into_the_clip() -> None:
    drawn = laid_out()
    assert (drawn.passes[0].x, drawn.passes[0].seek_s) == ("50.000%", 2.0)
    assert (drawn.lines[0].x, drawn.lines[0].seek_s) == ("54.167%", 2.5)


def test_a_moment_outside_the_clip_widens_the_axis() -> None:
    drawn = laid_out(gap_at=START - 10)
    assert drawn.starts_at == START - 10 - AROUND_S
    assert drawn.gap_seek_s == -10


@pytest.mark.parametrize(
    ("pairs", "drawn", "reason"),
    [
        ([("cam/a", "T1/1")], [("50.000%", "54.167%")], "both ends are there"),
        ([("cam/a", "T1/2")], [], "the line lies outside"),
        ([("cam/b", "T1/1")], [], "the pass lies outside"),
    ],
)
def test_match_lines_need_both_ends(pairs: object, drawn: list[tuple[str, str]], reason: str) -> None:
    assert list(laid_out(pairs=pairs).matches) == drawn, reason


def test_marks_outside_the_axis_are_left_out() -> None:
    drawn = laid_out(seen=[Seen("a", START - 60, "far")], rung=[Rung("b", START + 60, "far")])
    assert (drawn.passes, drawn.lines) == ((), ())


def test_a_stay_that_began_before_the_axis_is_cut_at_its_edge() -> None:
    drawn = laid_out(seen=[Seen("a", START, "slow", entered_at=START - 30)])
    assert (drawn.passes[0].stay_x, drawn.passes[0].stay_width) == ("0.000%", "33.333%")


def test_only_the_events_in_question_are_marked() -> None:
    seen = [Seen("a", START + 1, ""), Seen("b", START + 2, "")]
    assert [mark.unmatched for mark in laid_out(seen=seen, unmatched=frozenset({"b"})).passes] == [False, True]


def test_ticks_are_few_and_read_in_whole_seconds() -> None:
    for length in (3, 12, 60):
        ticks = laid_out(clip=(START, START + length)).ticks
        assert 2 <= len(ticks) <= 6, length
        assert all(tick.at == int(tick.at) for tick in ticks)
