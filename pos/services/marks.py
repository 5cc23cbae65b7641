"""What a batch said of each terminal, left for the look at its feed (`pos.services.feed_look`).

One row per terminal and batch, written with the events: counting tickets and doing sums waits for nobody's answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.utils import timezone

from lanes.batches import rows_insert_once
from pos.domain.events import ZONE_ASSUMED
from pos.models import FeedMark
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
        _mark(terminal_id, rows.get(terminal_id, ()), fresh.get(terminal_id, 0), refused.get(terminal_id, 0), now)
        for terminal_id in sorted({*rows, *refused})
    ]
    rows_insert_once(FeedMark, FeedMarkRow._fields, marks)  # an ORM's insert takes a tenth of a small batch's time


def _mark(terminal_id: int, rows: Sequence[PosEventRow], fresh: int, refused: int, now: datetime) -> FeedMarkRow:
    instants = [row.occurred_at for row in rows]
    whole = [at for at in instants if not at.microsecond]
    return FeedMarkRow(
        terminal_id=terminal_id,
        received_at=now,
        transactions=msgspec.json.encode(_tickets(rows) if fresh else []).decode(),
        earliest_at=min(instants) if fresh else None,
        latest_at=max(instants) if fresh else None,
        sent=len(rows),
        duplicates=len(rows) - fresh,
        refused=refused,
        zone_assumed=sum(ZONE_ASSUMED in row.flags for row in rows),
        whole_seconds=len(whole),
        whole_minutes=sum(not at.second for at in whole),
    )


def _tickets(rows: Sequence[PosEventRow]) -> list[str]:
    return list({row.transaction for row in rows} - {""})
