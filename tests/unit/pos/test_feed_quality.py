"""What a feed is worth, and what costs it the grade."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pos.domain.feed_quality import Counts, Feed, SeenTicket, feed_grade, granularity_seen, resolution_seen
from pos.domain.sequence import Numbering

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
MORNING = NOW - timedelta(hours=10)


def seen(place: int, first_s: float = 0.3, last_s: float = 40.3, events: int = 9) -> SeenTicket:
    """A ticket of 40 s, its first and last events arriving so many seconds after it began."""
    begins = MORNING + timedelta(seconds=60 * place)
    arrived = [begins + timedelta(seconds=s) for s in (first_s, last_s)]
    return SeenTicket(events, begins, begins + timedelta(seconds=40), arrived[0], arrived[1])


LINES = [seen(n) for n in range(100)]
WHOLE = [seen(n, 41, 41) for n in range(100)]
EVENING = [seen(n, 36_000 - 60 * n, 36_000 - 60 * n) for n in range(100)]
GOOD = Feed("line", NOW, Counts(sent=1000, whole_seconds=1), LINES)
COUNTS = GOOD.counts


@pytest.mark.parametrize(
    ("tickets", "expected", "why"),
    [
        (LINES, "line", "one by one"),
        (WHOLE, "transaction", "all at once, when it is paid"),
        (EVENING, "batch", "the whole day in the evening"),
        ([seen(n, 4000, 4000) for n in range(20)], "batch", "each for itself, but an hour late"),
        (LINES[:60] + WHOLE[60:], "line", "mostly one by one: a line was down for a while"),
        (LINES[:4], "", "too few to tell"),
        ([seen(n, 41, 41, events=2) for n in range(100)], "", "tickets of two events may well come at once"),
    ],
)
def test_how_tickets_come(tickets: list[SeenTicket], expected: str, why: str) -> None:
    assert granularity_seen(tickets) == expected, why


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(100, whole_seconds=1), "fractions"),
        (Counts(100, whole_seconds=95, whole_minutes=2), "seconds"),
        (Counts(100, whole_seconds=100, whole_minutes=95), "minutes"),
        (Counts(20, whole_seconds=20), ""),
    ],
)
def test_how_finely_the_clock_is_told(counts: Counts, expected: str) -> None:
    assert resolution_seen(counts) == expected


@pytest.mark.parametrize(
    ("changes", "grade", "says"),
    [
        ({}, "A", ""),
        ({"tickets": WHOLE, "declared": "transaction"}, "B", "Whole tickets come at once"),
        ({"tickets": WHOLE}, "C", "or set its granularity to transaction"),
        ({"tickets": EVENING, "declared": "batch"}, "C", "Tickets come in batches"),
        ({"counts": replace(COUNTS, whole_seconds=1000)}, "B", "send fractions"),
        ({"counts": replace(COUNTS, whole_seconds=1000, whole_minutes=1000)}, "C", "told to the minute"),
        ({"counts": replace(COUNTS, zone_assumed=120)}, "B", "12% of the times have no offset"),
        ({"counts": replace(COUNTS, zone_assumed=1)}, "B", "Under 1% of the times have no offset"),
        ({"counts": replace(COUNTS, duplicates=300)}, "B", "30% of the events had been sent before"),
        ({"counts": replace(COUNTS, duplicates=100)}, "A", ""),
        ({"counts": replace(COUNTS, refused=1)}, "B", "Under 1% of the events could not be taken"),
        ({"counts": replace(COUNTS, refused=50)}, "C", "5% of the events could not be taken"),
        ({"counts": replace(COUNTS, refused=500)}, "D", "33% of the events could not be taken"),
        ({"missing": 1}, "B", "Of 101 tickets 1 never came"),
        ({"missing": 3}, "C", "Of 103 tickets 3 never came"),
        ({"missing": 20}, "D", "Of 120 tickets 20 never came"),
        ({"quarantined": 1}, "B", "Of 100 tickets 1 does not add up"),
        ({"quarantined": 5}, "C", "Of 100 tickets 5 do not add up"),
        ({"quarantined": 40}, "D", "Of 100 tickets 40 do not add up"),
        (
            {"numbering": Numbering(False, "The counter is shared.")},
            "B",
            "The counter is shared. So a ticket",
        ),
        ({"heard_at": NOW - timedelta(hours=30)}, "", "Nothing came for 30 hours"),
        (
            {"tickets": EVENING, "counts": replace(COUNTS, refused=50), "missing": 3},
            "D",
            "Tickets come in batches",
        ),
    ],
)
def test_grades_and_what_costs_them(changes: dict[str, Any], grade: str, says: str) -> None:
    found = feed_grade(replace(GOOD, **changes), NOW)
    assert found.grade == grade
    assert (found.sentences == []) is (says == "")
    assert says in " ".join(found.sentences)


def test_the_costliest_comes_first() -> None:
    found = feed_grade(replace(GOOD, missing=1, quarantined=40, counts=replace(COUNTS, refused=50)), NOW)
    assert [finding.cost for finding in found.findings] == [3, 2, 1]
