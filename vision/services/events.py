"""Writing down what cameras saw, exactly once, whoever saw it: our own eyes or a detector outside."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from lanes.batches import rows_insert_once
from lanes.models import Camera
from vision.domain.types import VisualEventDraft
from vision.models import VisualEvent
from vision.serializers import VisualEventRow
from vision.signals import visual_events_recorded


def visual_events_record(*, rows: Sequence[VisualEventRow]) -> int:
    """Store ``rows`` and return how many were new; the others had been stored before and stay as they are.

    ``visual_events_recorded`` is sent in the same transaction, with every lane
    of the batch, if anything was new.
    """
    ordered = sorted(rows, key=lambda row: (row.camera_id, row.external_id))
    with transaction.atomic():
        accepted = rows_insert_once(VisualEvent, VisualEventRow._fields, ordered)
        if accepted:
            lane_ids = sorted({row.lane_id for row in rows})
            earliest = min(row.occurred_at for row in rows)
            visual_events_recorded.send(sender=VisualEvent, lane_ids=lane_ids, earliest=earliest)
    return accepted


def visual_drafts_record(
    *, camera: Camera, drafts: Iterable[tuple[str, VisualEventDraft]], received_at: datetime
) -> int:
    """Store what our own pipeline saw: ``(external_id, draft)`` pairs of one camera. Returns how many were new.

    The ids must be the same whenever the same video is analysed again: that is
    what makes analysis repeatable.
    """
    return visual_events_record(rows=[_row(camera, name, draft, received_at) for name, draft in drafts])


def _row(camera: Camera, external_id: str, draft: VisualEventDraft, received_at: datetime) -> VisualEventRow:
    return VisualEventRow(
        store_id=camera.store_id,
        lane_id=camera.lane_id,
        camera_id=camera.pk,
        external_id=external_id,
        type=str(draft.type),
        occurred_at=datetime.fromtimestamp(draft.at, UTC),
        received_at=received_at,
        flags="[]",
        confidence=float(draft.confidence),
        track=draft.track,
        path=_json(list(draft.path)),
        label=draft.label,
        attributes=_json(dict(draft.attributes)),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
