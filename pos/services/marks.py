"""What a batch said of each terminal, left for the look at its feed (`pos.services.feed`).

One row per terminal and batch, written with the events: counting tickets and doing sums waits for nobody's answer.
"""

from collections.abc import Mapping, Sequence

from pos.domain.events import ZONE_ASSUMED
from pos.models import FeedMark
from pos.serializers import PosEventRow


def feed_mark(
    *, rows: Mapping[int, Sequence[PosEventRow]], fresh: Mapping[int, int], refused: Mapping[int, int]
) -> None:
    """Note, by terminal: its `rows` of the batch, how many were `fresh`, and how many more had to be `refused`.

    Inside the transaction that stores them.
    """
    FeedMark.objects.bulk_create(
        _mark(terminal_id, rows.get(terminal_id, ()), fresh.get(terminal_id, 0), refused.get(terminal_id, 0))
        for terminal_id in sorted({*rows, *refused})
    )


def _mark(terminal_id: int, rows: Sequence[PosEventRow], fresh: int, refused: int) -> FeedMark:
    instants = [row.occurred_at for row in rows]
    whole = [at for at in instants if not at.microsecond]
    return FeedMark(
        terminal_id=terminal_id,
        transactions=list({row.transaction for row in rows} - {""}) if fresh else [],
        earliest_at=min(instants) if fresh else None,
        latest_at=max(instants) if fresh else None,
        sent=len(rows),
        duplicates=len(rows) - fresh,
        refused=refused,
        zone_assumed=sum(ZONE_ASSUMED in row.flags for row in rows),
        whole_seconds=len(whole),
        whole_minutes=sum(not at.second for at in whole),
    )
