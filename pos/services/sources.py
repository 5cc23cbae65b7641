"""Writing down how sources fare, what their last bytes were, and what they bring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from lanes.models import Store
from pos.adapters.reading import Reading
from pos.domain.events import PosType
from pos.models import PosSource, SourcePreview
from pos.models.sources import PREVIEW_FOR
from pos.services.documents import Taken, reading_take


@dataclass(frozen=True, slots=True)
class PreviewSeen:
    """``raw``: redacted bytes; ``understood``, ``refused``: rows to show, the latest last."""

    raw: bytes
    understood: list[dict[str, Any]]
    refused: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SourceNews:
    """What became of a source since it was last told. ``error``: "" for none, None for nothing new."""

    source_id: int
    heard_at: datetime | None = None
    error: str | None = None
    events: int = 0
    refusals: int = 0
    strangers: int = 0
    preview: PreviewSeen | None = field(default=None)


def sources_note(*, news: Sequence[SourceNews], now: datetime) -> None:
    """Write it down, all in one transaction. What was told of a source that is gone is forgotten."""
    known = set(PosSource.objects.filter(pk__in=[one.source_id for one in news]).values_list("pk", flat=True))
    with transaction.atomic():
        for one in news:
            if one.source_id in known:
                _note(one, now)


def previews_expire(*, now: datetime) -> int:
    """Nobody sets masks by what came an hour ago."""
    return SourcePreview.objects.filter(updated_at__lt=now - PREVIEW_FOR).delete()[0]


def source_reading_take(*, store_id: int, reading: Reading, now: datetime) -> Taken | None:
    """Store what a source brought; None where its store is gone meanwhile."""
    store = Store.objects.filter(pk=store_id).first()
    return None if store is None else reading_take(store=store, reading=reading, now=now)


def source_gap_note(
    *, source_id: int, store_id: int, terminal: str, lost_at: datetime, back_at: datetime, now: datetime
) -> None:
    """The line to a till was lost for a while: what it said then nobody heard, so nobody may miss it."""
    store = Store.objects.filter(pk=store_id).first()
    if store is None:
        return
    gap = {
        "id": f"source-{source_id}-gap-{lost_at:%Y%m%dT%H%M%S.%f}",
        "terminal": terminal,
        "type": PosType.GAP,
        "occurred_at": lost_at.isoformat(),
        "data": {"from": lost_at.isoformat(), "to": back_at.isoformat()},
    }
    reading_take(store=store, reading=Reading((gap,), (), ()), now=now)


def _note(one: SourceNews, now: datetime) -> None:
    values: dict[str, Any] = {
        "events": F("events") + one.events,
        "refusals": F("refusals") + one.refusals,
        "strangers": F("strangers") + one.strangers,
    }
    if one.heard_at is not None:
        values["last_heard_at"] = one.heard_at
    if one.error is not None:
        values |= {"last_error": one.error[:300], "last_error_at": now if one.error else None}
    PosSource.objects.filter(pk=one.source_id).update(**values)
    if one.preview is not None:
        shown = {"raw": one.preview.raw, "understood": one.preview.understood, "refused": one.preview.refused}
        SourcePreview.objects.update_or_create(source_id=one.source_id, defaults={**shown, "updated_at": now})
