"""When a till counts as not heard."""

from datetime import UTC, datetime, timedelta

import pytest

from pos.domain.gaps import Gap, gap_reported, gaps_merged, silence_allowed, silences

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def at(*seconds: float) -> list[datetime]:
    return [START + timedelta(seconds=s) for s in seconds]


@pytest.mark.parametrize(
    ("beats", "allowed_s", "why"),
    [
        (at(0, 30, 60, 90, 120), 90, "every half minute: three may be missed"),
        (at(0, 31, 59, 92, 120, 150), 90, "a little jitter is still a rhythm"),
        (at(0, 1, 2, 3, 4, 5), 10, "a quick beat is no reason for haste"),
        (at(0, 30, 60, 90, 120, 900, 930, 960), 90, "one long silence does not hide the rhythm"),
        (at(0, 30, 60, 90), None, "four beats tell no rhythm"),
        (at(0, 5, 300, 301, 400, 900), None, "no rhythm at all"),
        (at(0, 900, 1800, 2700, 3600), None, "a beat each quarter of an hour is nothing to rely on"),
        (at(0, 0, 0, 0, 0, 0), None, "one instant repeated is no rhythm"),
        ([], None, "never a beat"),
    ],
)
def test_how_long_a_till_may_be_silent(beats: list[datetime], allowed_s: float | None, why: str) -> None:
    allowed = silence_allowed(beats)
    assert (allowed and allowed.total_seconds()) == allowed_s, why


@pytest.mark.parametrize(
    ("signs", "end", "spans", "why"),
    [
        (at(0, 50, 100), 120, [], "never silent for long"),
        (at(0, 50, 200), 210, [(50, 200)], "between two signs"),
        (at(0, 50), 300, [(50, 300)], "after the last sign"),
        (at(0, 91), 91, [(0, 91)], "just over"),
        (at(0, 90), 90, [], "just not over"),
        ([], 300, [], "never heard: there is no rhythm to miss"),
    ],
)
def test_silences(signs: list[datetime], end: float, spans: list[tuple[float, float]], why: str) -> None:
    found = silences(signs, timedelta(seconds=90), at(end)[0])
    assert [(g.starts_at, g.ends_at) for g in found] == [tuple(at(*span)) for span in spans], why


@pytest.mark.parametrize(
    ("starts", "ends", "length", "before", "span", "why"),
    [
        (10, 20, None, 5, (10, 20), "both ends given"),
        (10, None, None, 5, (10, 60), "from then until it was noticed"),
        (None, None, 15, 5, (45, 60), "so many seconds until it was noticed"),
        (None, 30, 15, 5, (15, 30), "so many seconds until its end"),
        (None, None, None, 5, (5, 60), "nothing given: since the last event"),
        (None, None, None, None, (60, 60), "nothing known at all"),
        (20, 10, None, None, (10, 20), "ends the wrong way round"),
    ],
)
def test_what_a_gap_event_means(
    starts: float | None,
    ends: float | None,
    length: float | None,
    before: float | None,
    span: tuple[float, float],
    why: str,
) -> None:
    given = [None if s is None else at(s)[0] for s in (starts, ends, before)]
    gap = gap_reported(at(60)[0], given[0], given[1], length, given[2])
    assert (gap.starts_at, gap.ends_at) == tuple(at(*span)), why


def test_gaps_that_touch_are_one() -> None:
    a, b, c = (Gap(*at(*span), why) for span, why in [((0, 10), "A."), ((10, 20), "B."), ((30, 40), "A.")])
    assert gaps_merged([c, b, a]) == [Gap(*at(0, 20), "A. B."), c]


def test_what_is_doubted_is_not_merged_with_what_is_silent() -> None:
    silent, doubted = Gap(*at(0, 20), "A."), Gap(*at(10, 30), "B.", doubted=True)
    assert gaps_merged([doubted, silent]) == [silent, doubted]
    assert gaps_merged([doubted, Gap(*at(30, 40), "C.", doubted=True)]) == [Gap(*at(10, 40), "B. C.", doubted=True)]
