"""Which tickets never came: by the numbers of those that did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.domain.sequence import (
    REACH,
    Missing,
    NumberedTicket,
    missing_still,
    missing_tickets,
    numbering,
    ticket_number,
    till_order,
)

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
EACH_S = 60.0
RUNG_S = 40.0


def rung(number: int, place: float, series: str = "T1-20261121-#", length_s: float = RUNG_S) -> NumberedTicket:
    """The ticket of that number, rung as the `place`-th of the day."""
    begins = START + timedelta(seconds=EACH_S * place)
    return NumberedTicket(f"T1-20261121-{number:04d}", series, number, begins, begins + timedelta(seconds=length_s))


def day(numbers: Sequence[int]) -> list[NumberedTicket]:
    return [rung(number, place) for place, number in enumerate(numbers)]


def missing(tickets: Sequence[NumberedTicket]) -> list[tuple[int, int]]:
    return [(gap.first, gap.last) for gap in missing_tickets(sorted(tickets, key=till_order))]


def without(*lost: int, until: int = 30) -> list[int]:
    return [number for number in range(1, until + 1) if number not in lost]


@pytest.mark.parametrize(
    ("transaction", "sequence", "expected", "why"),
    [
        ("T1-20261121-0042", None, ("T1-20261121-#", 42), "the last run of digits; the rest is its series"),
        ("0042", None, ("#", 42), "nothing but a number"),
        ("42/T", None, ("#/T", 42), "something after it"),
        ("K1", None, ("K#", 1), "one digit"),
        ("T1-20261121-0042", 7, ("sequence", 7), "the till's own counter comes first"),
        ("T1-20261121-0042", " 0007 ", ("sequence", 7), "as text"),
        ("T1-0042", "seven", ("T1-#", 42), "one that is none"),
        ("T1-0042", True, ("T1-#", 42), "nor is this"),
        ("T1-0042", -3, ("T1-#", 42), "nor this"),
        ("", None, None, "no name"),
        ("basket", None, None, "no digits"),
        ("9" * 19, None, None, "more digits than any counter has"),
        ("", 12, ("sequence", 12), "a counter alone"),
    ],
)
def test_the_number_of_a_ticket(transaction: str, sequence: object, expected: tuple[str, int] | None, why: str) -> None:
    assert ticket_number(transaction, sequence) == expected, why


@pytest.mark.parametrize(
    ("numbers", "expected", "why"),
    [
        (without(), [], "all came"),
        (without(12), [(12, 12)], "one is missing"),
        (without(12, 13, 14), [(12, 14)], "three in a row"),
        (without(12, 20), [(12, 12), (20, 20)], "two apart"),
        (without(1, 2), [], "nobody knows that a day begins with 1"),
        (without(29, 30), [], "what comes after the last is not known to be missing"),
        ([*range(9970, 10_000), *range(1, 30)], [], "rolled over"),
        ([*range(1, 80), *range(1, 40)], [], "a new day, a new count"),
        ([*range(1, 80), *range(1, 10), *range(11, 40)], [(10, 10)], "a new count, and one is missing of it"),
        ([*range(1, 11), 13, 12, *range(14, 30)], [(11, 11)], "out of order, and one is missing"),
        ([*range(1, 10), 11, 10, *range(12, 30)], [], "out of order only: opened before the other was closed"),
        ([*range(1, 40), 12, *range(40, 60)], [], "one that was laid aside is taken up again hours later"),
        ([n * 3 for n in range(40)], [], "three tills share the counter"),
        ([n * 2 for n in range(40)], [], "two tills share the counter"),
        ([1, 2, 3, 5, 6], [], "too few to tell"),
        ([*range(1, 20), *range(900, 930)], [], "a counter that was set: nobody rings 880 tickets in a minute"),
        ([*range(1, 20), *range(10**9, 10**9 + 20)], [], "nor a billion"),
    ],
)
def test_what_is_missing(numbers: list[int], expected: list[tuple[int, int]], why: str) -> None:
    assert missing(day(numbers)) == expected, why


def test_it_must_have_been_rung_between_the_end_of_one_and_the_beginning_of_the_next() -> None:
    (gap,) = missing_tickets(day(without(12, 13)))
    assert gap.starts_at == START + timedelta(seconds=10 * EACH_S + RUNG_S)
    assert gap.ends_at == START + timedelta(seconds=11 * EACH_S)
    assert gap.sentence("T1") == "Tickets 0012 to 0013 of till T1 never came."


def test_a_ticket_that_was_laid_aside_leaves_open_when_the_missing_one_was_rung() -> None:
    tickets = day(without(12))
    aside = rung(11, 10, length_s=7200)
    (gap,) = missing_tickets([t if t.number != 11 else aside for t in tickets])
    assert (gap.starts_at, gap.ends_at) == (aside.starts_at, tickets[11].starts_at)


def test_one_is_said_in_the_singular_and_as_the_till_writes_it() -> None:
    (gap,) = missing_tickets(day(without(12)))
    assert gap.sentence("T1") == "Ticket 0012 of till T1 never came."
    bare = [NumberedTicket(f"sale {t.number}", "", t.number, t.starts_at, t.ends_at) for t in day(without(12))]
    (gap,) = missing_tickets(bare)
    assert gap.sentence("T1") == "Ticket 12 of till T1 never came."


def test_series_are_counted_each_for_itself() -> None:
    sales = [rung(n, n, "S#") for n in without(12)]
    returns = [rung(n, n * 2 + 0.5, "R#") for n in range(1, 15)]
    found = missing_tickets(sorted(sales + returns, key=till_order))
    assert [(gap.series, gap.first, gap.last) for gap in found] == [("S#", 12, 12)]


def test_what_the_next_morning_counts_anew_hides_nothing() -> None:
    days = [rung(n, place + 1440 * today) for today in (0, 1) for place, n in enumerate(without(8 + today, until=20))]
    assert missing(days) == [(8, 8), (9, 9)]


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    before = [rung(n, n) for n in range(1, 40)]
    after = [rung(n, n - 20.5) for n in range(40, 80)]
    assert missing(before + after) == []


def test_whether_a_numbering_is_relied_on_is_said() -> None:
    assert numbering(day(without())).relied_on
    assert numbering(day(without(12, 13))).relied_on
    shared = numbering(day([n * 2 for n in range(40)]))
    assert not shared.relied_on
    assert shared.why.startswith("Only 0 of the last 39 ticket numbers are one more than the one before")
    assert "too few" in numbering(day([1, 2, 3])).why


some_day = st.lists(st.sampled_from([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, -30, 0]), min_size=20, max_size=300).map(
    lambda steps: [max(1, sum(steps[:n]) + 100) for n in range(len(steps))]
)


@settings(max_examples=40, deadline=None)
@given(some_day, st.integers(0, 299))
def test_a_gap_is_the_same_seen_from_near(numbers: list[int], place: int) -> None:
    """What is stored is kept up around what came, without the rest of the year."""
    tickets = sorted(day(numbers), key=till_order)
    place = min(place, len(tickets) - 1)
    low, high = max(0, place - REACH), place + REACH
    near = tickets[max(0, place - 2 * REACH) : place + 2 * REACH + 1]
    within = {t.starts_at for t in tickets[low : high + 1]}
    seen = [gap for gap in missing_tickets(tickets) if gap.ends_at in within]
    assert [gap for gap in missing_tickets(near) if gap.ends_at in within] == seen


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(2, 99), max_size=3))
def test_exactly_what_is_lost_is_missed(lost: set[int]) -> None:
    found = missing(day([n for n in range(1, 101) if n not in lost]))
    assert {n for first, last in found for n in range(first, last + 1)} == lost


@pytest.mark.parametrize(
    ("given", "expected", "why"),
    [
        (set(), [(5, 9)], "nothing of it was heard"),
        ({5, 9, 12}, [(6, 8)], "its ends were"),
        ({7}, [(5, 6), (8, 9)], "its middle was"),
        ({5, 6, 7, 8, 9}, [], "all of it was"),
    ],
)
def test_what_was_heard_after_all_is_not_missing(given: set[int], expected: list[tuple[int, int]], why: str) -> None:
    left = missing_still(Missing("#", 5, 9, START, START, 4), given)
    assert [(gap.first, gap.last) for gap in left] == expected, why
    assert all((gap.series, gap.digits, gap.starts_at) == ("#", 4, START) for gap in left), why
