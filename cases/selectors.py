"""Reading cases, and gathering for the judge what both witnesses said."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from cases.domain.alignment.looks import Look
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import ATTEMPTS, RETURNS, SALES, SOFT
from cases.domain.alignment.types import Clock, Gap, Lab, PosLine, Sighting
from cases.domain.readiness import Heard, silent_spans
from cases.models import Case, Discrepancy, ItemLook, LaneJudgement
from lanes.models import Lane, Store, Terminal
from pos.models import PosEvent
from pos.selectors import pos_gaps, pos_watermark
from vision.models import CameraFeed, VisualEvent
from vision.selectors import visual_gaps, visual_watermark

SEEN_TYPES = ("item_pass", "item_bypass", "item_return", "item_presented")
TOLD_TYPES = tuple(sorted(SALES | ATTEMPTS | SOFT | RETURNS | {"void"}))
NEAR = timedelta(seconds=130)
ZONES = timedelta(hours=14)
RUN_REACH = timedelta(hours=2)
CHUNK = timedelta(hours=2)
AHEAD = timedelta(minutes=10)
LOOKS = 100
LOOKS_FOR = timedelta(days=60)
MANY = 20_000
FOOTAGE_WAITS = timedelta(hours=1)
"""For so long raw video is held back from deletion for a case that has no pictures yet (cases/holds.py)."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the judge is given. `window` on the common clock; `more_from`: where the next helping begins."""

    seen: list[Sighting]
    told: list[PosLine]
    gaps: list[Gap]
    heard: Heard
    looks: dict[str, list[Look]]
    window: tuple[float, float]
    more_from: datetime | None
    coarse: bool


def discrepancies_of(stores: QuerySet[Store]) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(store__in=stores).select_related("store", "lane", "camera")


def cases_of(stores: QuerySet[Store]) -> QuerySet[Case]:
    return Case.objects.filter(store__in=stores).select_related("store", "lane").prefetch_related("evidence")


def cases_without_evidence(*, now: datetime, older_than: timedelta) -> list[uuid.UUID]:
    """Young cases that still have no pictures though somebody should have made them by now."""
    young = Case.objects.filter(created_at__gt=now - FOOTAGE_WAITS, created_at__lt=now - older_than)
    waiting = young.exclude(status=Case.Status.WITHDRAWN).filter(evidence__isnull=True)
    return list(waiting.values_list("pk", flat=True))


def lanes_judged(stores: QuerySet[Store]) -> QuerySet[Lane]:
    return Lane.objects.filter(store__in=stores).select_related("store", "judgement")


def gather(lane: Lane, start: datetime, judgement: LaneJudgement, params: Params) -> Gathered:
    """Everything that bears on what happened at `lane` from `start` (common clock) on, in one helping."""
    offset = timedelta(seconds=judgement.clock_offset_s)
    start = _first_event(lane, start, offset)
    run = _run_start(lane, start, offset, params)
    context, cold = _context_start(lane, run, params)
    end = start + CHUNK
    later = VisualEvent.objects.filter(lane=lane, occurred_at__gte=end).exists() or (
        PosEvent.objects.filter(lane=lane, type__in=TOLD_TYPES, occurred_at__gte=end + offset).exists()
    )
    load_until = end + AHEAD if later else end + timedelta(days=400)
    seen_rows = list(
        VisualEvent.objects.filter(lane=lane, type__in=SEEN_TYPES, occurred_at__gte=context, occurred_at__lt=load_until)
        .select_related("camera")
        .order_by("occurred_at", "id")[:MANY]
    )
    told_rows = _told_rows(lane, seen_rows, run, context, load_until, offset)
    seen, told = [sighting_of(row) for row in seen_rows], lines_of(told_rows)
    window = (context if cold else min(start, run)).timestamp(), (end if later else load_until).timestamp()
    times = [s.at for s in seen] + [ln.at - offset.total_seconds() for ln in told]
    last = datetime.fromtimestamp(max(times, default=start.timestamp()), UTC)
    return Gathered(
        seen,
        told,
        _gaps(lane, seen, context, last, offset),
        _heard(lane, seen_rows, told_rows, judgement),
        _looks(lane, told, run),
        window,
        end if later else None,
        _coarse(lane),
    )


def _coarse(lane: Lane) -> bool:
    """Whether the lane's tills only tell whole tickets."""
    granularities = set(lane.terminals.values_list("granularity", flat=True))
    return bool(granularities) and Terminal.Granularity.LINE not in granularities


def _first_event(lane: Lane, start: datetime, offset: timedelta) -> datetime:
    """The first event from `start` on: an empty day need not be walked through."""
    seen = VisualEvent.objects.filter(lane=lane, type__in=SEEN_TYPES, occurred_at__gte=start)
    told = PosEvent.objects.filter(lane=lane, type__in=TOLD_TYPES, occurred_at__gte=start + offset)
    first_seen = seen.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    first_told = told.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    known = [at for at in (first_seen, first_told - offset if first_told else None) if at is not None]
    return min(known, default=start)


def _run_start(lane: Lane, start: datetime, offset: timedelta, params: Params) -> datetime:
    """Back to the last quiet gap: a stretch is cut from where it began."""
    reach = start - RUN_REACH
    quiet = timedelta(seconds=params.quiet_s)
    seen = VisualEvent.objects.filter(
        lane=lane, type__in=SEEN_TYPES, occurred_at__gte=reach, occurred_at__lte=start
    ).values_list("occurred_at", flat=True)
    told = PosEvent.objects.filter(
        lane=lane, type__in=TOLD_TYPES, occurred_at__gte=reach + offset, occurred_at__lte=start + offset
    ).values_list("occurred_at", flat=True)
    first = start
    for at in sorted([*seen, *(at - offset for at in told)], reverse=True):
        if first - at > quiet:
            break
        first = at
    return first


def _context_start(lane: Lane, run: datetime, params: Params) -> tuple[datetime, bool]:
    """Where the traffic begins that tells the clock of what follows; whether it is all there is."""
    before = list(
        VisualEvent.objects.filter(lane=lane, type="item_pass", occurred_at__lt=run)
        .order_by("-occurred_at")
        .values_list("occurred_at", flat=True)[: params.context]
    )
    cold = len(before) < params.context
    return (min(before) if before else run) - timedelta(seconds=params.quiet_s), cold


def _told_rows(
    lane: Lane, seen: Sequence[VisualEvent], run: datetime, context: datetime, until: datetime, offset: timedelta
) -> list[PosEvent]:
    """The till's lines of that time; from other whole hours too while there are hardly any where they should be."""
    rows = (
        PosEvent.objects.filter(lane=lane, type__in=TOLD_TYPES).select_related("terminal").order_by("occurred_at", "id")
    )
    low, high = min(context, context + offset) - NEAR, max(until, until + offset) + NEAR
    found = list(rows.filter(occurred_at__gte=low, occurred_at__lt=high)[:MANY])
    passes = [row.occurred_at for row in seen if row.type == "item_pass" and row.occurred_at >= run - NEAR]
    near = [row for row in found if any(abs(row.occurred_at - offset - at) <= NEAR for at in passes[:1] + passes[-1:])]
    if len(passes) < 6 or len(near) >= 0.2 * len(passes):
        return found
    return list(rows.filter(occurred_at__gte=passes[0] - ZONES, occurred_at__lt=passes[-1] + ZONES)[:MANY])


def sighting_of(row: VisualEvent) -> Sighting:
    attributes = row.attributes if isinstance(row.attributes, dict) else {}
    lab = _lab(attributes.get("colour"))
    return Sighting(
        key=f"{row.camera.code}/{row.external_id}",
        at=row.occurred_at.timestamp(),
        type=row.type,
        confidence=row.confidence,
        label=row.label.lower(),
        track=row.track,
        camera=row.camera.code,
        path=tuple(str(step) for step in row.path),
        area_n=_number(attributes.get("area_n")),
        colour=lab,
        first_seen_at=_number(attributes.get("first_seen_at")),
        entered_at=_number(attributes.get("entered_at")),
        clear_hits=_whole(attributes.get("clear_hits")),
        item_probability=row.confidence if attributes.get("calibrated") is True else None,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lab(value: object) -> Lab | None:
    parts = [_number(part) for part in value] if isinstance(value, list) else []
    known = [part for part in parts if part is not None]
    return (known[0], known[1], known[2]) if len(parts) == len(known) == 3 else None


def lines_of(rows: Sequence[PosEvent]) -> list[PosLine]:
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


def _line_of(row: PosEvent, training: bool) -> PosLine:
    voids = row.data.get("voids_line")
    return PosLine(
        key=f"{row.terminal.code}/{row.external_id}",
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
        granularity=row.terminal.granularity,
    )


def _gaps(lane: Lane, seen: Sequence[Sighting], start: datetime, last: datetime, offset: timedelta) -> list[Gap]:
    margin = timedelta(seconds=6)
    gaps = [
        Gap("pos", gap.starts_at.timestamp(), gap.ends_at.timestamp(), gap.why)
        for gap in pos_gaps(lane, start + offset - margin, last + offset + margin)
    ]
    gaps += [
        Gap("vision", gap.starts_at.timestamp(), gap.ends_at.timestamp(), f"{gap.camera}: {gap.reason}")
        for gap in visual_gaps(lane, start - margin, last + margin)
    ]
    passes = [s.at + offset.total_seconds() for s in seen if s.type == "item_pass"]
    quarter = timedelta(minutes=15)
    signs = PosEvent.objects.filter(
        lane=lane, occurred_at__gte=start + offset - quarter, occurred_at__lte=last + offset + quarter
    ).values_list("occurred_at", flat=True)
    spans = silent_spans(passes, [at.timestamp() for at in signs])
    return gaps + [Gap("pos", a, b, "The till has not been heard for a quarter of an hour.") for a, b in spans]


def _heard(lane: Lane, seen: Sequence[VisualEvent], told: Sequence[PosEvent], judgement: LaneJudgement) -> Heard:
    pos_until, vision_until = pos_watermark(lane), visual_watermark(lane)
    received = {f"{row.camera.code}/{row.external_id}": row.received_at.timestamp() for row in seen}
    received |= {f"{row.terminal.code}/{row.external_id}": row.received_at.timestamp() for row in told}
    return Heard(
        pos_until.timestamp() - judgement.clock_offset_s if pos_until else None,
        vision_until.timestamp() if vision_until else None,
        CameraFeed.objects.filter(camera__lane=lane, state=CameraFeed.State.RUNNING).exists(),
        received,
        max((row.received_at.timestamp() for row in told), default=None),
    )


def _looks(lane: Lane, told: Sequence[PosLine], run: datetime) -> dict[str, list[Look]]:
    """How the articles of these lines have looked in this store lately."""
    wanted = {ln.gtin for ln in told if ln.gtin}
    looks: dict[str, list[Look]] = {}
    rows = ItemLook.objects.filter(store_id=lane.store_id, gtin__in=wanted, seen_at__gte=run - LOOKS_FOR)
    for row in rows.order_by("-seen_at")[: LOOKS * max(1, len(wanted))]:
        lab = tuple(row.colour_lab) if row.colour_lab else None
        looks.setdefault(row.gtin, []).append(Look(row.sighting, row.seen_at.timestamp(), row.label, row.area_n, lab))
    return looks


def clock_of(judgement: LaneJudgement) -> Clock:
    return Clock(judgement.clock_offset_s, judgement.clock_sd_s or 1.0, support=judgement.clock_support)
