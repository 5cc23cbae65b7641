"""From footage to what a reviewer may see: cut, blurred, then written. Never the other way round."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

import cv2
from django.conf import settings
from django.db import transaction

from cases.domain.footage import Footage, footage_of_line, footage_of_pass
from cases.models import Case, Evidence
from cases.signals import case_changed
from lanes.models import Camera
from privacy.audit import audit_record
from privacy.domain.blurring import Head, clear_mask, frame_blur, heads_over_time
from vision.domain.types import Frame
from vision.models import Segment, VisualEvent
from vision.pipeline.clip import clip_write
from vision.pipeline.decode import VideoUnreadable, frames
from vision.pipeline.heads import HeadFinder
from vision.selectors import segments_between

CLIP_FPS = 12.0
CLIP_SIDE = 960
JPEG_QUALITY = 85
# After this the footage that is there has to do: the camera may have gone.
PATIENCE = timedelta(seconds=20)


class EvidenceOutcome(StrEnum):
    BUILT = "built"
    THERE_ALREADY = "there already"
    WAITING = "waiting for footage"
    NO_FOOTAGE = "no footage"


@dataclass(frozen=True, slots=True)
class Blurred:
    """Frames fit to be written, and what was done to them."""

    frames: list[Frame]
    record: dict[str, object]


def evidence_build(*, case_id: uuid.UUID | str, now: datetime) -> EvidenceOutcome:
    """Write the clip and key frames of a case. Safe to call again at any time."""
    case = Case.objects.select_related("store", "lane", "discrepancy__camera").get(pk=case_id)
    if case.evidence.exists():
        return EvidenceOutcome.THERE_ALREADY
    camera = camera_of(case)
    if camera is None:
        return EvidenceOutcome.NO_FOOTAGE
    footage = footage_of(case)
    ends_at = datetime.fromtimestamp(footage.ends_at, UTC)
    if not _filmed_until(camera, ends_at) and now < max(case.created_at, ends_at) + PATIENCE:
        return EvidenceOutcome.WAITING
    blurred = _blurred(camera, footage)
    if not blurred.frames:
        return EvidenceOutcome.NO_FOOTAGE
    _evidence_store(case, footage, blurred)
    return EvidenceOutcome.BUILT


def camera_of(case: Case) -> Camera | None:
    """The camera that saw it, or one of the lane's where only the till spoke."""
    return case.discrepancy.camera or case.lane.cameras.filter(enabled=True).first()


def _filmed_until(camera: Camera, instant: datetime) -> bool:
    newest = Segment.objects.filter(camera=camera).order_by("-started_at").first()
    return newest is not None and newest.started_at + timedelta(seconds=newest.duration_s) >= instant


def footage_of(case: Case) -> Footage:
    """The seconds that decide ``case``, on its camera's clock."""
    discrepancy = case.discrepancy
    seen = VisualEvent.objects.filter(camera=discrepancy.camera, external_id=discrepancy.visual_event).first()
    if seen is None:
        return footage_of_line(at=discrepancy.occurred_at.timestamp())
    entered = seen.attributes.get("entered_at")
    known = float(entered) if isinstance(entered, int | float) else None
    return footage_of_pass(entered_at=known, left_at=seen.occurred_at.timestamp())


def _blurred(camera: Camera, footage: Footage) -> Blurred:
    raw = list(_frames_between(camera, footage))
    if not raw:
        return Blurred([], {})
    zones = [(zone.kind, zone.polygon) for zone in camera.zones.all()]
    heads = heads_over_time([_heads_in(frame) for frame in raw])
    clear = clear_mask(raw[0].image.shape[:2], zones)
    written = [
        Frame(frame.at, frame_blur(frame.image, clear=clear, heads=near))
        for frame, near in zip(raw, heads, strict=True)
    ]
    record = {
        "frames": len(raw),
        "frames_not_judged": sum(near is None for near in heads),
        "frames_with_heads": sum(bool(near) for near in heads),
        "outside_work_zones": "mosaic",
        "model": head_finder().version,
    }
    return Blurred(written, record)


def _frames_between(camera: Camera, footage: Footage) -> Iterator[Frame]:
    start, end = (datetime.fromtimestamp(t, UTC) for t in (footage.starts_at, footage.ends_at))
    size: tuple[int, ...] | None = None
    for segment in segments_between(camera, start, end):
        path = Path(settings.DATA_DIR) / segment.path
        try:
            for frame in frames(path, segment.started_at.timestamp(), CLIP_FPS, CLIP_SIDE):
                # A camera that changes its picture's size in mid-clip starts another clip; keep the first.
                size = size or frame.image.shape
                if footage.starts_at <= frame.at <= footage.ends_at and frame.image.shape == size:
                    yield frame
        except (VideoUnreadable, FileNotFoundError):
            continue


def head_finder() -> HeadFinder:
    return _finder(settings.BLUR_DETECTOR, settings.FACE_MODEL)


@cache
def _finder(lane_model: str, face_model: str) -> HeadFinder:
    return HeadFinder(lane_model, face_model)


def _heads_in(frame: Frame) -> list[Head] | None:
    """None where the finder failed: the blurrer then hides the whole frame."""
    try:
        return [Head((b.x1, b.y1, b.x2, b.y2)) for b in head_finder().find(frame.image)]
    except (cv2.error, RuntimeError):
        return None


def _evidence_store(case: Case, footage: Footage, blurred: Blurred) -> None:
    folder = Path("evidence") / case.store.code / str(case.pk)
    root = Path(settings.DATA_DIR) / folder
    root.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    clip = root / f"clip-{mark}.mp4"
    duration_s = clip_write(blurred.frames, clip, fps=CLIP_FPS)
    rows = [_row(case, Evidence.Kind.CLIP, 0, clip, "video/mp4", blurred.frames[0].at, blurred.record, duration_s)]
    for position, instant in enumerate(footage.key_instants):
        frame = min(blurred.frames, key=lambda f: abs(f.at - instant))
        still = root / f"key-{position}-{mark}.jpg"
        cv2.imwrite(str(still), frame.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        rows.append(_row(case, Evidence.Kind.KEY_FRAME, position, still, "image/jpeg", frame.at, blurred.record))
    _rows_keep(case, rows, blurred.record)


def _row(
    case: Case,
    kind: str,
    position: int,
    path: Path,
    content_type: str,
    at: float,
    record: dict[str, object],
    duration_s: float = 0.0,
) -> Evidence:
    content = path.read_bytes()
    return Evidence(
        case=case,
        kind=kind,
        position=position,
        path=str(path.relative_to(settings.DATA_DIR)),
        content_type=content_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        starts_at=datetime.fromtimestamp(at, UTC),
        duration_s=duration_s,
        blur=record,
    )


def _rows_keep(case: Case, rows: list[Evidence], record: dict[str, object]) -> None:
    """All rows or none; whoever comes second throws its own files away."""
    with transaction.atomic():
        locked = Case.objects.select_for_update().get(pk=case.pk)
        if not locked.evidence.exists():
            Evidence.objects.bulk_create(rows)
            audit_record(
                actor="evidence",
                action="evidence.written",
                object_type="case",
                object_id=str(case.pk),
                store_code=case.store.code,
                data={"blur": record, "sha256": [row.sha256 for row in rows]},
            )
            case_changed.send(Evidence, case_id=case.pk, store_id=case.store_id, what="evidence")
            return
    for row in rows:
        (Path(settings.DATA_DIR) / row.path).unlink(missing_ok=True)


def evidence_erase(*, case: Case, reason: str) -> int:
    """Delete a case's clip and key frames, files first. Returns how many there were."""
    count = case.evidence.count()
    shutil.rmtree(Path(settings.DATA_DIR) / "evidence" / case.store.code / str(case.pk), ignore_errors=True)
    with transaction.atomic():
        case.evidence.all().delete()
        if count:
            audit_record(
                actor="retention",
                action="evidence.erased",
                object_type="case",
                object_id=str(case.pk),
                store_code=case.store.code,
                reason=reason,
                data={"files": count},
            )
    return count
