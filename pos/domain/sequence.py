"""Which tickets of a till never came, by the numbers of those that did. Pure.

The answer depends on the tickets alone, not on the order in which they came, and on a ticket only as far as
`REACH` tickets before and after it: so a stretch can be looked at again without the rest of the year.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

NEAR = 40
"""A number that is missing here and was given so many tickets away is out of its order, not lost."""
SAME_COUNT = timedelta(hours=12)
"""After a night a counter may have begun anew: what is further apart is not compared."""
AROUND = 25
"""Whether the numbers of a till count up is told by so many tickets before and after."""
REACH = NEAR + AROUND
LEAST = 8
"""Fewer steps tell nothing."""
COUNTS_UP = 0.9
"""Share of steps of +1 at which numbers are believed: of two tills that share a counter neither has nearly as many, and
a till that loses a ticket in ten has a fault that no list of numbers describes."""
QUICKEST = timedelta(seconds=2)
RESOLUTION = timedelta(minutes=1)
"""No till rings up tickets faster; clocks may cut their seconds. Faster than that a counter was set."""
NUMBER_DIGITS = 18
JUMP_LIMIT = 10_000
_LAST_RUN = re.compile(r"(\d+)(?=\D*\Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberedTicket:
    """A ticket of a till, with its instants on the till's own clock."""

    transaction: str
    series: str
    number: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """Tickets `first` to `last` never came. They must have been rung between the end of the ticket before and the
    beginning of the one after. `digits`: how wide the till writes its numbers."""

    series: str
    first: int
    last: int
    starts_at: datetime
    ends_at: datetime
    digits: int = 0

    def sentence(self, till: str) -> str:
        first, last = (f"{number:0{self.digits}d}" for number in (self.first, self.last))
        if first == last:
            return f"Ticket {first} of till {till} never came."
        return f"Tickets {first} to {last} of till {till} never came."


@dataclass(frozen=True, slots=True)
class Numbering:
    """Whether missing numbers of a till mean missing tickets; `why` not, as a sentence."""

    relied_on: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """From one ticket to the next higher number: what is missing between them. `jumped`: more than time allowed."""

    missing: tuple[Missing, ...] = ()
    jumped: bool = False

    @property
    def counts_up(self) -> bool:
        return not self.missing and not self.jumped


def ticket_number(transaction: str, sequence: object = None) -> tuple[str, int] | None:
    """`(series, number)` of a ticket, None where it bears none.

    `sequence`, the till's own counter, where it sends one; else the last run of digits of `transaction`, the rest of
    which is its series: numbers of T1-20261121-0042 and T1-20261122-0001 are not compared.
    """
    if isinstance(sequence, int | str) and not isinstance(sequence, bool):
        text = str(sequence).strip()
        if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS:
            return "sequence", int(text)
    run = _LAST_RUN.search(transaction)
    if run is None or len(run[1]) > NUMBER_DIGITS:
        return None
    return f"{transaction[: run.start()]}#{transaction[run.end() :]}", int(run[1])


def till_order(ticket: NumberedTicket) -> tuple[datetime, int, str]:
    """What tickets are sorted by before they are asked about."""
    return ticket.starts_at, ticket.number, ticket.transaction


def missing_tickets(tickets: Sequence[NumberedTicket]) -> list[Missing]:
    """The numbers that are missing among `tickets` (of one till, in `till_order`), where its numbering is believed.

    Silent where a counter starts anew: nobody knows how far it had come, nor that it begins with 1.
    """
    steps = [_step(tickets, place) for place in range(len(tickets))]
    found: list[Missing] = []
    for place, step in enumerate(steps):
        if step is not None and step.missing and _believed(_others(steps, place)):
            found += step.missing
    return found


def missing_still(gap: Missing, given: Collection[int]) -> list[Missing]:
    """What is left of a gap where some of its numbers were `given` after all."""
    absent = [number for number in range(gap.first, gap.last + 1) if number not in given]
    return [replace(gap, first=first, last=last) for first, last in _stretches(absent)]


def numbering(tickets: Sequence[NumberedTicket]) -> Numbering:
    """Whether the numbers of the last `tickets` (in `till_order`) can be relied on."""
    latest = [step for step in (_step(tickets, place) for place in range(len(tickets))) if step is not None]
    steps = latest[-2 * AROUND :]
    if len(steps) < LEAST:
        return Numbering(False, "Its tickets bear no numbers that count up, or there are too few of them yet.")
    if _believed(steps):
        return Numbering(True)
    up = sum(step.counts_up for step in steps)
    why = f"Only {up} of the last {len(steps)} ticket numbers are one more than the one before: the counter is shared"
    return Numbering(False, f"{why} with other tills, or counts more than tickets.")


def _others(steps: Sequence[_Step | None], place: int) -> list[_Step]:
    around = [*steps[max(0, place - AROUND) : place], *steps[place + 1 : place + AROUND + 1]]
    return [step for step in around if step is not None]


def _believed(steps: Sequence[_Step]) -> bool:
    return len(steps) >= LEAST and sum(step.counts_up for step in steps) >= COUNTS_UP * len(steps)


def _step(tickets: Sequence[NumberedTicket], place: int) -> _Step | None:
    """From the next lower number given shortly before; None: there is none, or a higher one has been asked already."""
    ticket = tickets[place]
    before = [t for t in tickets[max(0, place - NEAR) : place] if _same_count(t, ticket)]
    lower = [at for at, t in enumerate(before) if t.number < ticket.number]
    if not lower:
        return None
    last_at = max(lower, key=lambda at: (before[at].number, at))
    if any(ticket.number < t.number <= ticket.number + NEAR for t in before[last_at + 1 :]):
        return None
    return _between(before[last_at], ticket, _numbers_near(tickets, place))


def _numbers_near(tickets: Sequence[NumberedTicket], place: int) -> set[int]:
    near = tickets[max(0, place - NEAR) : place + NEAR + 1]
    return {t.number for t in near if _same_count(t, tickets[place])}


def _same_count(one: NumberedTicket, other: NumberedTicket) -> bool:
    return one.series == other.series and abs(one.starts_at - other.starts_at) <= SAME_COUNT


def _between(last: NumberedTicket, ticket: NumberedTicket, given: set[int]) -> _Step:
    if ticket.number - last.number > JUMP_LIMIT:
        return _Step(jumped=True)
    absent = [number for number in range(last.number + 1, ticket.number) if number not in given]
    start = last.ends_at if last.ends_at <= ticket.starts_at else last.starts_at  # it had been laid aside
    if QUICKEST * len(absent) > ticket.starts_at - start + RESOLUTION:
        return _Step(jumped=True)
    digits = _digits(ticket)
    return _Step(
        tuple(
            Missing(ticket.series, first, stop, start, ticket.starts_at, digits) for first, stop in _stretches(absent)
        )
    )


def _stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """`(first, last)` of each unbroken stretch of `numbers` (ascending)."""
    cuts = [place for place, (a, b) in enumerate(pairwise(numbers), start=1) if b > a + 1]
    for start, stop in pairwise([0, *cuts, len(numbers)]):
        if start < stop:
            yield numbers[start], numbers[stop - 1]


def _digits(ticket: NumberedTicket) -> int:
    run = _LAST_RUN.search(ticket.transaction)
    return len(run[1]) if run is not None and int(run[1]) == ticket.number else 0
