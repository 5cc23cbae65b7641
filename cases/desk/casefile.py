"""One case's file: clip, both witnesses on one clock, the receipt, and why. The till's operator is never read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.desk.receipt import ReceiptRow, receipt_rows
from cases.domain.timeline import LineKind, Rung, Seen, Timeline, timeline
from cases.models import Case, Evidence
from pos.domain.events import PosType
from pos.domain.ticket import ITEMS
from pos.models import PosEvent
from pos.selectors.feed import pos_events_between
from pos.selectors.ticket_at import ticket_at
from vision.models import VisualEvent

PASSES = ("item_pass", "item_bypass", "item_return", "item_presented")
PASS_WORDS = {
    "item_pass": "Item crossed the scanner",
    "item_bypass": "Item went around the scanner",
    "item_return": "Item went back",
    "item_presented": "Item shown to the scanner",
}
# Where no clip tells which seconds matter: around the moment itself.
BEFORE_S, AFTER_S = 4.0, 2.0
AROUND = timedelta(seconds=5)
NEAREST_RECEIPT = timedelta(minutes=2)
CLIP_EXPECTED_WITHIN = timedelta(minutes=2)
UNMATCHED_PASS = frozenset({"no_scan", "bypass"})
UNMATCHED_LINE = frozenset({"scan_without_item", "return_without_item"})
SILENT = frozenset({PosType.HEARTBEAT, PosType.GAP, PosType.OPERATOR_SIGN_ON, PosType.OPERATOR_SIGN_OFF})
HOLES = {"no_scan": "Item crossed, nothing rung up", "bypass": "Item went around the scanner"}


@dataclass(frozen=True, slots=True)
class Still:
    position: int
    at: datetime
    seek: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything the page shows besides the case itself. `gap_row`: whose event hangs alone, camera or till."""

    sentence: str
    seen: str
    considered: list[Mapping[str, Any]]
    clock: Mapping[str, Any] | None
    clip: Evidence | None
    clip_expected: bool
    frames: list[Still]
    timeline: Timeline
    gap_row: str
    receipt: list[ReceiptRow]
    receipt_name: str


def case_file(case: Case, *, now: datetime) -> CaseFile:
    """Read the file of `case` (with store, lane and discrepancy loaded) in a fixed number of queries."""
    evidence = list(case.evidence.order_by("kind", "position"))
    clip = next((e for e in evidence if e.kind == Evidence.Kind.CLIP), None)
    clip_start, clip_end = _clip_span(case, clip)
    offset = timedelta(seconds=_offset_s(case))
    around = (clip_start - AROUND, clip_end + AROUND)
    seen = list(
        VisualEvent.objects.filter(
            lane=case.lane, type__in=PASSES, occurred_at__gte=around[0], occurred_at__lt=around[1]
        ).select_related("camera")
    )
    told = [
        event
        for event in pos_events_between(case.lane, around[0] + offset, around[1] + offset).select_related("terminal")
        if event.type not in SILENT
    ]
    transaction = case.transaction or _nearest_transaction(told, case.occurred_at + offset)
    gap_at = _gap_at(case, seen)
    holes = [(gap_at, HOLES[case.kind])] if case.kind in HOLES else []
    return CaseFile(
        sentence=str(case.explanation.get("sentence") or case.discrepancy.explanation.get("sentence") or ""),
        seen=_seen_words(_explained(case, "seen")),
        considered=list(_explained(case, "considered") or []),
        clock=_explained(case, "clock"),
        clip=clip,
        clip_expected=clip is None and now - case.created_at < CLIP_EXPECTED_WITHIN,
        frames=[
            Still(e.position, e.starts_at, f"{(e.starts_at - clip_start).total_seconds():.3f}")
            for e in evidence
            if e.kind == Evidence.Kind.KEY_FRAME
        ],
        timeline=_timeline(case, seen, told, (clip_start, clip_end), offset, gap_at),
        gap_row=_gap_row(case.kind),
        receipt=receipt_rows(
            ticket_at(case.store, transaction, case.occurred_at + offset, lane=case.lane) if transaction else None,
            offset=offset,
            clip_start=clip_start,
            holes=holes,
            unmatched=frozenset(case.discrepancy.pos_events) if case.kind in UNMATCHED_LINE else frozenset(),
        ),
        receipt_name=transaction,
    )


def _explained(case: Case, part: str) -> Any:
    return case.explanation.get(part) or case.discrepancy.explanation.get(part)


def _offset_s(case: Case) -> float:
    """Till clock minus camera clock when the case was judged; 0 where nobody knew."""
    clock = _explained(case, "clock")
    return float(clock["offset_s"]) if isinstance(clock, Mapping) and "offset_s" in clock else 0.0


def _clip_span(case: Case, clip: Evidence | None) -> tuple[datetime, datetime]:
    if clip is not None:
        return clip.starts_at, clip.starts_at + timedelta(seconds=clip.duration_s)
    return case.occurred_at - timedelta(seconds=BEFORE_S), case.occurred_at + timedelta(seconds=AFTER_S)


def _gap_at(case: Case, seen: Iterable[VisualEvent]) -> datetime:
    named = case.discrepancy.visual_event
    return next((event.occurred_at for event in seen if event.external_id == named), case.occurred_at)


def _gap_row(kind: str) -> str:
    if kind in UNMATCHED_PASS:
        return "camera"
    return "till" if kind in UNMATCHED_LINE else ""


def _sure(confidence: float) -> str:
    """No eye is ever wholly sure."""
    return "over 99 % sure" if confidence > 0.99 else f"{100 * confidence:.0f} % sure"


def _seen_words(seen: Any) -> str:
    if not isinstance(seen, Mapping):
        return ""
    words = PASS_WORDS.get(str(seen.get("type")), str(seen.get("type", "")).replace("_", " "))
    label = f", {seen['label']}" if seen.get("label") else ""
    sure = f", {_sure(float(seen['confidence']))}" if seen.get("confidence") is not None else ""
    return f"{words}{label}{sure}"


def _nearest_transaction(told: Iterable[PosEvent], till_at: datetime) -> str:
    """The receipt that was being rung up: of the line nearest to the moment."""
    near = [e for e in told if e.transaction and abs(e.occurred_at - till_at) <= NEAREST_RECEIPT]
    return min(near, key=lambda e: abs(e.occurred_at - till_at)).transaction if near else ""


def _timeline(
    case: Case,
    seen: Sequence[VisualEvent],
    told: Sequence[PosEvent],
    clip: tuple[datetime, datetime],
    offset: timedelta,
    gap_at: datetime,
) -> Timeline:
    zone = ZoneInfo(case.store.timezone)
    return timeline(
        clip=(clip[0].timestamp(), clip[1].timestamp()),
        seen=[_seen_mark(event, zone) for event in seen],
        rung=[_rung_mark(event, offset, zone) for event in told],
        pairs=_pairs(case),
        unmatched=_in_question(case, seen, told),
        gap_at=gap_at.timestamp(),
        clock_words=lambda at: f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%H:%M:%S}",
    )


def _in_question(case: Case, seen: Iterable[VisualEvent], told: Iterable[PosEvent]) -> frozenset[str]:
    """The events the case hangs on. Where a pass hangs alone, the lines it was compared with are not in question."""
    found = case.discrepancy
    keys = {_seen_key(event) for event in seen if event.external_id == found.visual_event}
    if case.kind not in UNMATCHED_PASS:
        keys |= {_rung_key(event) for event in told if event.external_id in found.pos_events}
    return frozenset(keys)


def _pairs(case: Case) -> list[tuple[str, str]]:
    """Which pass belongs to which line around this moment, as the judge found them."""
    return [(match["sighting"], match["line"]) for match in _explained(case, "matches") or []]


def _seen_key(event: VisualEvent) -> str:
    return f"{event.camera.code}/{event.external_id}"


def _rung_key(event: PosEvent) -> str:
    return f"{event.terminal.code}/{event.external_id}"


def _seen_mark(event: VisualEvent, zone: ZoneInfo) -> Seen:
    entered = event.attributes.get("entered_at")
    label = f", {event.label}" if event.label else ""
    at = event.occurred_at.astimezone(zone)
    return Seen(
        key=_seen_key(event),
        at=event.occurred_at.timestamp(),
        words=f"{at:%H:%M:%S} {PASS_WORDS[event.type]}{label}, {_sure(event.confidence)}",
        entered_at=float(entered) if isinstance(entered, int | float) else None,
    )


def _rung_mark(event: PosEvent, offset: timedelta, zone: ZoneInfo) -> Rung:
    at = event.occurred_at - offset
    what = event.description or event.type.replace("_", " ").capitalize()
    amount = "" if event.amount is None else f", {event.amount}"
    kind: LineKind = "other"
    if event.type == PosType.VOID:
        kind, what = "void", f"Voided: {what}"
    elif event.type in ITEMS:
        kind = "item"
    return Rung(_rung_key(event), at.timestamp(), f"{at.astimezone(zone):%H:%M:%S} {what}{amount}", kind)
