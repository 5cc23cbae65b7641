"""Tickets as what peers are compared by."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.peers.seen import KINDS, Exposure, Seen, Stratum, table_of
from pos.domain.peers.tally import BANDS, Doing, band, basket, tally

DAY = datetime(2026, 11, 20)


def ticket(at: datetime, lines: int | None = 5, subject: str = "a", lane: str = "L1", **counts: int) -> Doing:
    return Doing(subject, lane, "staffed", at, lines, counts)


def added(found: list[Seen], exposure: Exposure) -> float:
    return sum(seen.exposure.get(exposure, 0.0) for seen in found)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(6, "06-09"), (8, "06-09"), (9, "09-13"), (20, "17-21"), (21, "21-06"), (23, "21-06"), (0, "21-06"), (5, "21-06")],
)
def test_parts_of_the_day(hour: int, expected: str) -> None:
    assert band(hour) == expected


@pytest.mark.parametrize(("lines", "expected"), [(None, ""), (0, "small"), (8, "small"), (9, "medium"), (26, "large")])
def test_baskets(lines: int | None, expected: str) -> None:
    assert basket(lines) == expected


def test_tickets_of_one_stratum_add_up() -> None:
    found = tally([ticket(DAY.replace(hour=10), 5, void=1), ticket(DAY.replace(hour=11), 3, void=2)])
    small = next(seen for seen in found if seen.stratum == Stratum("staffed", "09-13", "small"))
    assert (dict(small.exposure), dict(small.counts)) == ({Exposure.TICKETS: 2, Exposure.LINES: 8}, {"void": 3})


@pytest.mark.parametrize(
    ("minutes", "hours", "reason"),
    [
        ([0], 0.25, "somebody who rang up one ticket was there"),
        ([0, 3, 14], 0.25, "three tickets within a quarter of an hour are no more of it"),
        ([14, 15], 0.5, "of two quarters"),
        ([0, 240], 0.5, "a break between is not work"),
    ],
)
def test_hours_are_those_with_something_done(minutes: list[int], hours: float, reason: str) -> None:
    start = DAY.replace(hour=10)
    found = tally([ticket(start + timedelta(minutes=minute)) for minute in minutes])
    assert added(found, Exposure.HOURS) == hours, reason


def test_a_drawer_opened_between_tickets_belongs_to_hours_and_to_no_basket() -> None:
    found = tally([ticket(DAY.replace(hour=10), None, no_sale=1)])
    assert [(seen.stratum.basket, dict(seen.counts), dict(seen.exposure)) for seen in found] == [
        ("", {"no_sale": 1}, {Exposure.HOURS: 0.25})
    ]


def test_voids_of_a_ticket_whose_lines_never_came_have_something_to_happen_on() -> None:
    found = tally([ticket(DAY.replace(hour=10), 0, void=3)])
    assert added(found, Exposure.LINES) == 3
    table_of(found, KINDS[0])  # raises where something happened on nothing


def test_what_somebody_did_at_anothers_ticket_makes_it_none_of_theirs() -> None:
    at = DAY.replace(hour=10)
    found = tally([ticket(at, 12, "a"), replace(ticket(at, 12, "boss", void=2), own=False)])
    assert added([seen for seen in found if seen.subject == "boss"], Exposure.TICKETS) == 0
    assert (added(found, Exposure.TICKETS), added(found, Exposure.LINES)) == (1, 12 + 2)
    assert table_of(found, KINDS[0]).observed.tolist() == [0, 2]


DOINGS = st.builds(
    Doing,
    st.sampled_from("ab"),
    st.sampled_from(["L1", "L2"]),
    st.just("staffed"),
    st.datetimes(DAY, DAY + timedelta(days=2)),
    st.integers(0, 40),
    st.dictionaries(st.sampled_from(["void", "refund", "discount"]), st.integers(1, 3)),
    st.booleans(),
)


@given(st.lists(DOINGS, max_size=30), st.randoms())
def test_the_order_makes_no_difference(doings: list[Doing], chance: object) -> None:
    turned = list(doings)
    chance.shuffle(turned)  # type: ignore[attr-defined]
    key = lambda seen: (seen.subject, seen.stratum)  # noqa: E731
    assert sorted(tally(doings), key=key) == sorted(tally(turned), key=key)


@given(st.lists(DOINGS, min_size=1, max_size=30))
def test_whatever_happened_can_be_counted_by_every_kind(doings: list[Doing]) -> None:
    found = tally(doings)
    assert added(found, Exposure.TICKETS) == sum(doing.own or "refund" in doing.counts for doing in doings)
    for kind in KINDS:
        table = table_of(found, kind)
        assert table.observed.sum() == sum(doing.counts.get(kind.name, 0) for doing in doings)
    assert {seen.stratum.hours for seen in found} <= {band(hour) for hour in (*BANDS, 0)}
