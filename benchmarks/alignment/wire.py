"""A lane-day as the bodies that `POST pos/events` and `POST vision/events` take (docs/api.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.alignment.day import LaneDay
from benchmarks.alignment.witnesses import CAMERA, TERMINAL
from cases.domain.alignment.types import Gap, PosLine, Sighting

MOST = 1000
"""Events in a batch."""


def instant(at: float) -> str:
    """RFC 3339 with milliseconds, UTC."""
    return datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds")


def visual_event(seen: Sighting, run: str = "", camera: str = CAMERA) -> dict[str, Any]:
    looks = {"colour": list(seen.colour) if seen.colour else None, "area_n": seen.area_n, "clear_hits": seen.clear_hits}
    return {
        "id": f"{run}{seen.key}",
        "camera": camera,
        "type": seen.type,
        "occurred_at": instant(seen.at),
        "confidence": seen.confidence,
        "track": seen.track,
        "path": list(seen.path),
        "label": seen.label,
        "attributes": {name: value for name, value in looks.items() if value is not None},
    }


def pos_event(line: PosLine, run: str = "", terminal: str = TERMINAL) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": f"{run}{line.key}",
        "terminal": terminal,
        "type": line.type,
        "occurred_at": instant(line.at),
    }
    if not line.transaction:
        return body
    body |= {"transaction": f"{run}{line.transaction}", "operator": "c-17"}
    if line.line is not None:
        body["line"] = line.line
    if line.type in ("ticket_open", "subtotal", "tender", "ticket_close", "ticket_suspend", "ticket_resume"):
        return body | {"data": {}}
    return body | {"data": _data(line)}


def _data(line: PosLine) -> dict[str, Any]:
    each = round(abs(line.amount_cents) / line.quantity) if line.amount_cents is not None and line.quantity else None
    weighed = line.entry_method == "weighed"
    return {
        "gtin": line.gtin,
        "description": line.description,
        "quantity": f"{line.quantity:.3f}" if weighed else str(round(line.quantity)),
        "unit_price": _euros(each),
        "amount": _euros(line.amount_cents),
        "entry_method": line.entry_method,
        "voids_line": line.voids_line,
        "reason": "",
        "approver": "",
    }


def _euros(cents: int | None) -> str | None:
    return None if cents is None else f"{cents / 100:.2f}"


def gap_event(gap: Gap, run: str = "", terminal: str = TERMINAL) -> dict[str, Any]:
    """A till that says which time it lost."""
    return {
        "id": f"{run}gap-{gap.start:.0f}",
        "terminal": terminal,
        "type": "gap",
        "occurred_at": instant(gap.end),
        "data": {"from": instant(gap.start), "to": instant(gap.end)},
    }


def pos_events(day: LaneDay, run: str = "", terminal: str = TERMINAL) -> list[dict[str, Any]]:
    """In the till's order of time. `run` makes ids unique where a day is sent again."""
    gaps = [gap_event(gap, run, terminal) for gap in day.gaps if gap.witness == "pos"]
    return sorted(
        [*(pos_event(line, run, terminal) for line in day.lines), *gaps], key=lambda body: body["occurred_at"]
    )


def visual_events(day: LaneDay, run: str = "", camera: str = CAMERA) -> list[dict[str, Any]]:
    return [visual_event(seen, run, camera) for seen in day.passes]


def batches(events: Sequence[dict[str, Any]], most: int = MOST) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(events), most):
        yield list(events[start : start + most])
