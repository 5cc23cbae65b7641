"""Reading what tills said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from pos.selectors.feed import pos_events_between, pos_gaps, pos_watermark
from pos.selectors.ticket_at import Moment, ticket_at, ticket_events_at, tickets_around
from tests.factories.stores import SmallStore
from tests.integration.pos.test_api import URL, event

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def say(till: APIClient, seconds: float, type: str = "scan", terminal: str = "T1", **fields: Any) -> None:
    sent = {"id": f"{type}-{seconds:g}", "type": type, "terminal": terminal, "occurred_at": at(seconds).isoformat()}
    assert till.post(URL, [sent | fields]).json()["accepted"] == 1


def test_a_lanes_events_between_two_instants_in_the_tills_order(till: APIClient, shop: SmallStore) -> None:
    for seconds in (30, 10, 20, 0):
        say(till, seconds)
    say(till, 15, terminal="T2")
    found = pos_events_between(shop.lanes[0], at(10), at(30))
    assert [e.external_id for e in found] == ["scan-10", "scan-20"]


def test_the_watermark_is_the_latest_word_even_a_heartbeat(till: APIClient, shop: SmallStore) -> None:
    assert pos_watermark(shop.lanes[0]) is None
    say(till, 10)
    say(till, 40, "heartbeat")
    say(till, 20)
    say(till, 99, terminal="T2")
    assert pos_watermark(shop.lanes[0]) == at(40)


def test_one_event_from_a_clock_far_ahead_does_not_move_the_watermark(till: APIClient, shop: SmallStore) -> None:
    say(till, 10)
    till.post(URL, [event("odd", occurred_at="2090-01-01T00:00:00Z")])
    assert pos_watermark(shop.lanes[0]) == at(10)


def test_a_till_that_lives_in_the_future_is_still_heard(till: APIClient, shop: SmallStore) -> None:
    till.post(URL, [event("odd", occurred_at="2090-01-01T00:00:00Z")])
    assert pos_watermark(shop.lanes[0]) == datetime(2090, 1, 1, tzinfo=UTC)


def spans(shop: SmallStore, start: float, end: float) -> list[tuple[float, float]]:
    found = pos_gaps(shop.lanes[0], at(start), at(end))
    return [((g.starts_at - START).total_seconds(), (g.ends_at - START).total_seconds()) for g in found]


@pytest.mark.parametrize(
    ("data", "expected", "why"),
    [
        ({"from": "2026-11-21T10:01:00Z", "to": "2026-11-21T10:02:00Z"}, [(60, 120)], "both ends"),
        ({"from": "2026-11-21T11:01:00"}, [(60, 500)], "a zone-less beginning, in the store's zone, until noticed"),
        ({"seconds": 100}, [(400, 500)], "so long, until noticed"),
        ({"seconds": "100"}, [(400, 500)], "as text"),
        ({}, [(10, 500)], "since the last event"),
        ({"from": "who knows"}, [(10, 500)], "unreadable: since the last event, to be safe"),
        ({"from": "2026-11-21T09:00:00Z"}, [(0, 500)], "cut to what was asked"),
        ({"from": "2026-11-21T08:00:00Z", "to": "2026-11-21T09:00:00Z"}, [], "before what was asked"),
    ],
)
def test_reported_gaps(
    till: APIClient, shop: SmallStore, data: dict[str, Any], expected: list[tuple[float, float]], why: str
) -> None:
    say(till, 10)
    say(till, 500, "gap", data=data)
    assert spans(shop, 0, 1000) == expected, why


def test_a_gap_that_is_reported_hours_later_is_found(till: APIClient, shop: SmallStore) -> None:
    say(till, 90000, "gap", data={"from": at(60).isoformat(), "to": at(120).isoformat()})
    assert spans(shop, 0, 1000) == [(60, 120)]
    assert spans(shop, 130, 1000) == []


def test_missed_heartbeats_are_a_gap_where_there_had_been_a_rhythm(till: APIClient, shop: SmallStore) -> None:
    for seconds in (0, 30, 60, 90, 120, 600, 630):
        say(till, seconds, "heartbeat")
    say(till, 200)  # any word of the till is a sign of life
    assert spans(shop, 0, 700) == [(200, 600)]
    assert spans(shop, 0, 900) == [(200, 600), (630, 900)]


def test_without_heartbeats_silence_means_nothing(till: APIClient, shop: SmallStore) -> None:
    say(till, 0)
    say(till, 900)
    assert spans(shop, 0, 1000) == []


def test_a_ticket_is_rebuilt_from_what_is_stored(till: APIClient, shop: SmallStore) -> None:
    till.post(
        URL,
        [
            event("c", type="void", line=3, occurred_at=at(2).isoformat(), data={"voids_line": 1}),
            event("b", line=2, occurred_at=at(1).isoformat()),
            event("a", line=1, occurred_at=at(0).isoformat()),
            event("x", transaction="another", occurred_at=at(0).isoformat()),
        ],
    )
    found = ticket_at(shop.store, "T1-20261121-0042", at(0), lane=shop.lanes[0])
    assert [(line.text, line.voided, line.amount, line.events) for line in found.lines] == [
        ("Olive oil 1 l", True, Decimal("7.95"), ("a", "c")),
        ("Olive oil 1 l", False, Decimal("7.95"), ("b",)),
    ]
    assert found.total == Decimal("7.95")
    assert [e.external_id for e in ticket_events_at(shop.store, "T1-20261121-0042")] == ["a", "b", "c"]


def days(number: float) -> float:
    return number * 86_400


def rung(till: APIClient, seconds: float, *types: str, terminal: str = "T1") -> None:
    for place, kind in enumerate(types):
        say(till, seconds + place, kind, terminal, transaction="0042", data={"amount": "1.00"})


@pytest.mark.parametrize(
    ("asked", "found", "why"),
    [
        (at(0), ["scan-0", "ticket_close-1"], "its first event"),
        (at(-300), ["scan-0", "ticket_close-1"], "a clock that is behind"),
        (at(days(1)), ["scan-86400", "ticket_close-86401"], "the next day's"),
        (at(days(2)), ["scan-172800", "ticket_suspend-172801", "ticket_resume-259200"], "put off for a day"),
        (at(days(3)), ["scan-172800", "ticket_suspend-172801", "ticket_resume-259200"], "and taken up again"),
        (None, ["scan-172800", "ticket_suspend-172801", "ticket_resume-259200"], "the last"),
    ],
)
def test_a_name_that_comes_again_is_the_ticket_of_its_time(
    till: APIClient, shop: SmallStore, asked: datetime | None, found: list[str], why: str
) -> None:
    rung(till, 0, "scan", "ticket_close")
    rung(till, days(1), "scan", "ticket_close")
    rung(till, days(2), "scan", "ticket_suspend")
    rung(till, days(3), "ticket_resume")
    rung(till, 5, "scan", "ticket_close", terminal="T2")
    lane = shop.lanes[0]
    assert [e.external_id for e in ticket_events_at(shop.store, "0042", asked, lane=lane)] == found, why


def test_tickets_of_their_moments_in_one_query(till: APIClient, shop: SmallStore) -> None:
    for day in (0, 1):
        rung(till, days(day), "scan", "ticket_close")
    rung(till, days(1) + 5, "scan", terminal="T2")
    one, two = shop.terminals[0].pk, shop.terminals[1].pk

    def names(second: float, terminal_id: int | None = None) -> list[str]:
        found = tickets_around(shop.store.pk, [Moment("0042", at(second), terminal_id)])
        return [event.external_id for event in found.get("0042", [])]

    assert names(days(1)) == ["scan-86400", "ticket_close-86401"]
    assert names(days(1) + 5) == ["scan-86405"]
    assert (names(days(1) + 5, one), names(days(1), two)) == (["scan-86400", "ticket_close-86401"], ["scan-86405"])
    assert names(days(1.9)) == [], "nothing of it is rung yet"
    assert tickets_around(shop.store.pk, []) == {}
