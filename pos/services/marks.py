"""What a batch said of each terminal, left for the look at its feed (`pos.services.feed_look`).

One row per terminal, batch and stretch of time, written with the events: counting tickets and doing sums waits for
nobody's answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.utils import timezone

from lanes.batches import rows_insert_once
from pos.domain.events import ZONE_ASSUMED
from pos.models import FeedMark
from pos.selectors.told import ROUND
from pos.serializers import PosEventRow


class FeedMarkRow(NamedTuple):
    """The columns of ``pos.FeedMark``; ``transactions`` as JSON text."""

    terminal_id: int
    received_at: datetime
    transactions: str
    earliest_at: datetime | None
    latest_at: datetime | None
    sent: int
    duplicates: int
    refused: int
    zone_assumed: int
    whole_seconds: int
    whole_minutes: int


def feed_mark(
    *, rows: Mapping[int, Sequence[PosEventRow]], fresh: Mapping[int, int], refused: Mapping[int, int]
) -> None:
    """Note, by terminal: its `rows` of the batch, how many were `fresh`, and how many more had to be `refused`.

    Inside the transaction that stores them.
    """
    now = timezone.now()
    marks = [
        mark
        for terminal_id in sorted({*rows, *refused})
        for mark in _marks(
            terminal_id, rows.get(terminal_id, ()), fresh.get(terminal_id, 0), refused.get(terminal_id, 0), now
        )
    ]
    rows_insert_once(FeedMark, FeedMarkRow._fields, marks)  # an ORM's insert takes a tenth of a small batch's time


def _marks(
    terminal_id: int, rows: Sequence[PosEventRow], fresh: int, refused: int, now: datetime
) -> Iterator[FeedMarkRow]:
    """One mark with all counts; one more for each stretch of tickets that lies far from the others."""
    nothing = FeedMarkRow(terminal_id, now, "[]", None, None, 0, 0, 0, 0, 0, 0)
    first, *others = _stretches([row for row in rows if row.transaction] if fresh else []) or [[]]
    yield _where(_counted(nothing, rows, fresh, refused), first)
    for stretch in others:
        yield _where(nothing, stretch)


def _counted(mark: FeedMarkRow, rows: Sequence[PosEventRow], fresh: int, refused: int) -> FeedMarkRow:
    whole = [row.occurred_at for row in rows if not row.occurred_at.microsecond]
    return mark._replace(
        sent=len(rows),
        duplicates=len(rows) - fresh,
        refused=refused,
        zone_assumed=sum(ZONE_ASSUMED in row.flags for row in rows),
        whole_seconds=len(whole),
        whole_minutes=sum(not at.second for at in whole),
    )


def _where(mark: FeedMarkRow, rows: Sequence[PosEventRow]) -> FeedMarkRow:
    """The mark with the tickets of ``rows`` (in order of time) and where these lie."""
    if not rows:
        return mark
    names = msgspec.json.encode(list({row.transaction for row in rows})).decode()
    return mark._replace(transactions=names, earliest_at=rows[0].occurred_at, latest_at=rows[-1].occurred_at)


def _stretches(rows: Sequence[PosEventRow]) -> list[list[PosEventRow]]:
    """``rows`` in order of time, cut where nothing was rung for long: a till whose clock was reset rings years ago."""
    stretches: list[list[PosEventRow]] = []
    for row in sorted(rows, key=lambda row: row.occurred_at):
        if not stretches or row.occurred_at - stretches[-1][-1].occurred_at > ROUND:
            stretches.append([])
        stretches[-1].append(row)
    return stretches
