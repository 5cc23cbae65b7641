"""Instants as devices write them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanes.domain.instants import BadInstant, instant_read

MADRID = ZoneInfo("Europe/Madrid")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def read(text: str, received_at: datetime = NOON, zone: ZoneInfo = MADRID) -> tuple[str, tuple[str, ...]]:
    instant = instant_read(text, zone, received_at)
    return instant.at.isoformat(), instant.flags


@pytest.mark.parametrize(
    ("text", "utc", "flags", "why"),
    [
        ("2026-11-21T10:00:00.250+01:00", "2026-11-21T09:00:00.250000+00:00", (), "the contract's form"),
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00+00:00", (), "Zulu"),
        ("2026-11-21t09:00:00z", "2026-11-21T09:00:00+00:00", (), "RFC 3339 allows small letters"),
        ("2026-11-21 09:00:00Z", "2026-11-21T09:00:00+00:00", (), "and a space"),
        ("2026-11-21T09:00:00-00:00", "2026-11-21T09:00:00+00:00", (), "UTC, local offset unknown"),
        ("2026-11-21T10:00:00+0100", "2026-11-21T09:00:00+00:00", (), "ISO 8601's short offset"),
        ("2026-11-21T09:00Z", "2026-11-21T09:00:00+00:00", (), "no seconds"),
        ("2026-11-21T09:00:00.123456789Z", "2026-11-21T09:00:00.123456+00:00", (), "nanoseconds are cut"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00", ("leap_second",), "the last leap second"),
        ("2026-11-21T10:00:00", "2026-11-21T09:00:00+00:00", ("zone_assumed",), "winter in Madrid"),
        ("2026-07-21T10:00:00", "2026-07-21T08:00:00+00:00", ("zone_assumed",), "summer in Madrid"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00", ("zone_assumed", "dst_gap"), "the hour that never was"),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00+00:00", (), "a day ahead may be a wrong zone"),
        ("2026-11-22T12:00:01Z", "2026-11-22T12:00:01+00:00", ("clock_ahead",), "more is a wrong clock"),
    ],
)
def test_an_instant_is_read(text: str, utc: str, flags: tuple[str, ...], why: str) -> None:
    assert read(text) == (utc, flags), why


@pytest.mark.parametrize(
    ("received", "utc", "why"),
    [
        ("2026-10-25T00:30:01+00:00", "2026-10-25T00:30:00+00:00", "live, the first time round"),
        ("2026-10-25T01:30:01+00:00", "2026-10-25T01:30:00+00:00", "live, the second time round"),
        ("2026-10-25T09:00:00+00:00", "2026-10-25T00:30:00+00:00", "a backlog: nobody can know, the first is taken"),
    ],
)
def test_the_hour_that_comes_twice_is_placed_by_when_it_arrived(received: str, utc: str, why: str) -> None:
    assert read("2026-10-25T02:30:00", datetime.fromisoformat(received)) == (utc, ("zone_assumed", "dst_fold")), why


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-11-21", "10:00:00", "20261121T100000Z", "2026-W47-6T10:00:00Z", "2026-02-29T10:00:00Z",
     "2026-11-21T24:00:00Z", "2026-11-21T10:61:00Z", "2026-11-21T10:00:00+25:00", "2026-11-21T10:00:00 CET",
     "٢٠٢٦-11-21T10:00:00Z", "1763712000", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
     "9999-12-31T23:59:59", "0001-01-01T00:00:00", "1970-01-01T00:00:00Z", "2026-11-21T10:00:00Z\n"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_instant_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(BadInstant, match="Write RFC 3339"):
        read(text)


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
)
def test_any_instant_with_an_offset_comes_back_as_itself(moment: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{moment.isoformat()}{sign}{hours:02}:{rest:02}"
    expected = moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert instant_read(text, MADRID, expected).at == expected


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadInstant):
        instant_read(text, MADRID, NOON)
