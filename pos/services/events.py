"""Writing down what tills say, exactly once."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from lanes.batches import rows_insert_once
from pos.models import PosEvent
from pos.serializers import PosEventRow
from pos.services.marks import feed_mark
from pos.signals import pos_events_recorded

NAMES_ANOTHER = ("original_transaction", "voided_by")


def pos_events_record(*, rows: Sequence[PosEventRow], refused: Mapping[int, int] | None = None) -> int:
    """Store ``rows`` and return how many were new; the others had been stored before and stay as they are.

    ``pos_events_recorded`` is sent in the same transaction, with every lane of
    the batch, if anything was new. ``refused``: by terminal, how many events of the batch could not be taken.
    """
    ordered = sorted(rows, key=lambda row: (row.terminal_id, row.external_id))
    by_terminal = {terminal_id: list(some) for terminal_id, some in groupby(ordered, key=attrgetter("terminal_id"))}
    with transaction.atomic():
        # Till by till, so that each one's duplicates are known; mostly there is one.
        fresh = {
            terminal_id: rows_insert_once(PosEvent, PosEventRow._fields, some)
            for terminal_id, some in by_terminal.items()
        }
        feed_mark(rows=by_terminal, fresh=fresh, refused=refused or {})
        accepted = sum(fresh.values())
        if accepted:
            lane_ids = sorted({row.lane_id for row in rows})
            earliest = min(row.occurred_at for row in rows)
            pos_events_recorded.send(sender=PosEvent, lane_ids=lane_ids, earliest=earliest, tickets=_tickets(rows))
    return accepted


def _tickets(rows: Sequence[PosEventRow]) -> frozenset[str]:
    """Theirs and those that they name (see ``PosEvent.other_ticket``)."""
    naming = [json.loads(row.data) for row in rows if any(f'"{name}"' in row.data for name in NAMES_ANOTHER)]
    named = {str(data[name]) for data in naming for name in NAMES_ANOTHER if data.get(name) is not None}
    return frozenset({*named, *(row.transaction for row in rows)} - {""})
