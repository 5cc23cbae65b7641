"""What a till's feed is worth: a grade, what costs it, and what the integrator should do. Pure.

A: every mismatch can be judged. B: small losses. C: a part of what happens at the till stays unjudged. D: most of it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from pos.domain.sequence import Numbering

SPAN = timedelta(hours=24)
FEW = 5
"""Tickets, below which nothing is said of how they come."""
FEW_EVENTS = 30
ALWAYS = 0.9
LATE = timedelta(minutes=10)
LINE_BY_LINE = 3
"""A ticket of fewer events may well come at once."""


BELIEVED = Numbering(True)


class Granularity(StrEnum):
    LINE = "line"
    TRANSACTION = "transaction"
    BATCH = "batch"


class Resolution(StrEnum):
    FRACTIONS = "fractions"
    SECONDS = "seconds"
    MINUTES = "minutes"


class Cost(IntEnum):
    SLIGHT = 1
    SERIOUS = 2
    GRAVE = 3


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the last day's events: how many could be read (`sent`), and how many of them were or had what the name says;
    `refused` could not be taken and are not among them."""

    sent: int = 0
    duplicates: int = 0
    refused: int = 0
    zone_assumed: int = 0
    whole_seconds: int = 0
    whole_minutes: int = 0


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """How one ticket came: its instants on the till's clock, and on the server's when its events arrived."""

    events: int
    starts_at: datetime
    ends_at: datetime
    came_first_at: datetime
    came_last_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """What was seen of a till in 24 hours. `declared`: how it is said to send; `missing`: how many tickets never came,
    by their numbers; `quarantined`: how many do not add up."""

    declared: str
    heard_at: datetime
    counts: Counts = Counts()
    tickets: Sequence[SeenTicket] = ()
    numbering: Numbering = BELIEVED
    missing: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    cost: Cost
    sentence: str


@dataclass(frozen=True, slots=True)
class Graded:
    """`granularity` and `resolution` are empty where too little came to tell; `findings` the costliest first."""

    grade: str
    granularity: str = ""
    resolution: str = ""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def sentences(self) -> list[str]:
        return [finding.sentence for finding in self.findings]


def feed_grade(feed: Feed, now: datetime) -> Graded:
    """The grade of a feed and what costs it; no grade where nothing came, for that may be a quiet day."""
    if now - feed.heard_at > SPAN:
        hours = (now - feed.heard_at).total_seconds() / 3600
        says = f"Nothing came for {hours:.0f} hours: if it is in use, check that it is on and reaches this server."
        return Graded("", findings=(Finding(Cost.SERIOUS, says),))
    granularity, resolution = granularity_seen(feed.tickets), resolution_seen(feed.counts)
    found = [
        *_came(granularity, feed.declared),
        *_told_time(resolution, feed.counts),
        *_lost(feed),
        *_adds_up(feed),
        *_sent(feed.counts),
    ]
    found.sort(key=lambda finding: -finding.cost)
    return Graded(_grade(found), granularity, resolution, tuple(found))


def granularity_seen(tickets: Sequence[SeenTicket]) -> str:
    """Whether the events of a ticket came one by one, together, or with those of other tickets; empty: too few."""
    telling = [t for t in tickets if t.events >= LINE_BY_LINE and t.ends_at > t.starts_at]
    if len(telling) < FEW:
        return ""
    at_once = [t for t in telling if t.came_first_at == t.came_last_at]
    if 2 * len(at_once) < len(telling):
        return Granularity.LINE
    arrivals = Counter(t.came_last_at for t in tickets)
    gathered = [t for t in at_once if arrivals[t.came_last_at] > 1 or t.came_first_at - t.ends_at > LATE]
    return Granularity.BATCH if 2 * len(gathered) >= len(at_once) else Granularity.TRANSACTION


def resolution_seen(counts: Counts) -> str:
    """How finely the till's clock is told; empty: too few events."""
    if counts.sent < FEW_EVENTS:
        return ""
    if counts.whole_minutes >= ALWAYS * counts.sent:
        return Resolution.MINUTES
    return Resolution.SECONDS if counts.whole_seconds >= ALWAYS * counts.sent else Resolution.FRACTIONS


def _grade(found: Sequence[Finding]) -> str:
    costs = Counter(finding.cost for finding in found)
    if costs[Cost.GRAVE] or costs[Cost.SERIOUS] >= 3:
        return "D"
    if costs[Cost.SERIOUS]:
        return "C"
    return "B" if found else "A"


def _came(seen: str, declared: str) -> Iterator[Finding]:
    if seen == Granularity.BATCH:
        yield Finding(
            Cost.SERIOUS,
            "Tickets come in batches, long after they were rung: mismatches are found too late to act on, and only by"
            " numbers of items. Send each line as it is rung.",
        )
    elif seen == Granularity.TRANSACTION and declared == Granularity.LINE:
        yield Finding(
            Cost.SERIOUS,
            "The lines of a ticket come all at once, though the till is set up as sending line by line: send each line"
            " as it is rung, or set its granularity to transaction.",
        )
    elif seen == Granularity.TRANSACTION:
        yield Finding(
            Cost.SLIGHT, "Whole tickets come at once: an open ticket cannot be followed. Send each line as it is rung."
        )


def _told_time(resolution: str, counts: Counts) -> Iterator[Finding]:
    if resolution == Resolution.MINUTES:
        yield Finding(
            Cost.SERIOUS,
            "Times are told to the minute: no line can be matched with an item. Send seconds and fractions.",
        )
    elif resolution == Resolution.SECONDS:
        yield Finding(Cost.SLIGHT, "Times are told to the second: send fractions, goods pass every second or two.")
    if counts.zone_assumed:
        share = counts.zone_assumed / max(counts.sent, 1)
        yield Finding(
            Cost.SLIGHT,
            f"{_percent(share)} of the times have no offset and are read in the store's zone, wrong for an hour each"
            " autumn. Send one, for example 2026-11-21T10:00:00.250+01:00.",
        )


def _lost(feed: Feed) -> Iterator[Finding]:
    if feed.missing:
        whole = feed.missing + len(feed.tickets)
        yield Finding(
            _by_share(feed.missing / whole, 0.01, 0.1),
            f"Of {whole} tickets {feed.missing} never came, by their numbers: nothing is judged where they must have"
            " been rung. Send them; what is sent again changes nothing.",
        )
    if not feed.numbering.relied_on and len(feed.tickets) >= FEW:
        yield Finding(
            Cost.SLIGHT,
            f"{feed.numbering.why} So a ticket that never comes is not noticed: number each till's tickets one by one,"
            " or send the till's own counter as data.sequence.",
        )


def _adds_up(feed: Feed) -> Iterator[Finding]:
    if feed.quarantined:
        whole = max(len(feed.tickets), feed.quarantined)
        yield Finding(
            _by_share(feed.quarantined / whole, 0.02, 0.2),
            f"Of {whole} tickets {feed.quarantined} {'does' if feed.quarantined == 1 else 'do'} not add up, and nothing"
            " is judged there: see Quarantined tickets. Send every line, and taxes on top as data.tax of the close.",
        )


def _sent(counts: Counts) -> Iterator[Finding]:
    if counts.refused:
        share = counts.refused / (counts.refused + counts.sent)
        yield Finding(
            _by_share(share, 0.01, 0.2),
            f"{_percent(share)} of the events could not be taken: read `rejected` in the answers, it says why.",
        )
    share = counts.duplicates / max(counts.sent, 1)
    if share >= 0.2 and counts.sent >= FEW_EVENTS:
        yield Finding(
            Cost.SLIGHT,
            f"{_percent(share)} of the events had been sent before: harmless, but send again only what had no answer.",
        )


def _by_share(share: float, serious: float, grave: float) -> Cost:
    return Cost.GRAVE if share >= grave else Cost.SERIOUS if share >= serious else Cost.SLIGHT


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "Under 1%"
