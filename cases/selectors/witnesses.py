"""From stored events to what the judge reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from cases.domain.alignment.types import Lab, PosLine, Sighting
from pos.models import PosEvent
from vision.models import VisualEvent


class SeenRow(NamedTuple):
    """What is read of a visual event: a look reads hundreds, and whole models cost several times as much."""

    external_id: str
    camera__code: str
    occurred_at: datetime
    received_at: datetime
    type: str
    confidence: float
    label: str
    track: str
    path: list[object]
    attributes: object

    @property
    def key(self) -> str:
        return f"{self.camera__code}/{self.external_id}"


class ToldRow(NamedTuple):
    """What is read of a POS event."""

    external_id: str
    terminal__code: str
    terminal__granularity: str
    store_id: int
    occurred_at: datetime
    received_at: datetime
    type: str
    transaction: str
    line: int | None
    gtin: str
    description: str
    quantity: Decimal | None
    amount: Decimal | None
    entry_method: str
    data: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.terminal__code}/{self.external_id}"


def seen_rows(events: QuerySet[VisualEvent]) -> Iterator[SeenRow]:
    return map(SeenRow._make, events.values_list(*SeenRow._fields))


def told_rows(events: QuerySet[PosEvent]) -> Iterator[ToldRow]:
    return map(ToldRow._make, events.values_list(*ToldRow._fields))


def sighting_of(row: SeenRow) -> Sighting:
    attributes = row.attributes if isinstance(row.attributes, dict) else {}
    lab = _lab(attributes.get("colour"))
    return Sighting(
        key=row.key,
        at=row.occurred_at.timestamp(),
        type=row.type,
        confidence=row.confidence,
        label=row.label.lower(),
        track=row.track,
        camera=row.camera__code,
        path=tuple(str(step) for step in row.path) or _zone(attributes),
        area_n=_number(attributes.get("area_n")),
        colour=lab,
        first_seen_at=_number(attributes.get("first_seen_at")),
        entered_at=_number(attributes.get("entered_at")),
        clear_hits=_whole(attributes.get("clear_hits")),
        item_probability=row.confidence if attributes.get("calibrated") is True else None,
    )


def _zone(attributes: dict[str, object]) -> tuple[str, ...]:
    """A third party may say only in which zone somebody was."""
    zone = attributes.get("zone")
    return (zone,) if isinstance(zone, str) else ()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lab(value: object) -> Lab | None:
    parts = [_number(part) for part in value] if isinstance(value, list) else []
    known = [part for part in parts if part is not None]
    return (known[0], known[1], known[2]) if len(parts) == len(known) == 3 else None


def lines_of(rows: Sequence[ToldRow]) -> list[PosLine]:
    """`rows` as the judge reads them. A ticket that says training mode sells nothing."""
    training = (
        set(
            PosEvent.objects.filter(
                type="training_mode",
                store_id__in={row.store_id for row in rows},
                transaction__in={row.transaction for row in rows if row.transaction},
            ).values_list("transaction", flat=True)
        )
        if rows
        else set()
    )
    return [_line_of(row, row.transaction in training) for row in rows]


def _line_of(row: ToldRow, training: bool) -> PosLine:
    voids = row.data.get("voids_line")
    return PosLine(
        key=row.key,
        at=row.occurred_at.timestamp(),
        type=row.type,
        transaction=row.transaction,
        line=row.line,
        gtin=row.gtin,
        description=row.description,
        quantity=float(row.quantity) if row.quantity is not None else 1.0,
        amount_cents=int(row.amount * 100) if row.amount is not None else None,
        entry_method=row.entry_method,
        voids_line=voids if isinstance(voids, int) else None,
        training=training or row.data.get("training") is True,
        granularity=row.terminal__granularity,
        reason=_text(row.data.get("reason")),
        approver=_text(row.data.get("approver")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
