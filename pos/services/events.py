"""Writing down what tills say, exactly once."""

from collections.abc import Sequence

from django.db import transaction

from lanes.batches import rows_insert_once
from pos.models import PosEvent
from pos.serializers import PosEventRow
from pos.signals import pos_events_recorded


def pos_events_record(*, rows: Sequence[PosEventRow]) -> int:
    """Store ``rows`` and return how many were new; the others had been stored before and stay as they are.

    ``pos_events_recorded`` is sent in the same transaction, with every lane of
    the batch, if anything was new.
    """
    ordered = sorted(rows, key=lambda row: (row.terminal_id, row.external_id))
    with transaction.atomic():
        accepted = rows_insert_once(PosEvent, PosEventRow._fields, ordered)
        if accepted:
            lane_ids = sorted({row.lane_id for row in rows})
            earliest = min(row.occurred_at for row in rows)
            pos_events_recorded.send(sender=PosEvent, lane_ids=lane_ids, earliest=earliest)
    return accepted
