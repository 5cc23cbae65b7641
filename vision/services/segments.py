"""Segments: from files to rows, and out again when their time is over."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import av
from django.conf import settings
from django.db import transaction

from lanes.models import Camera
from vision.capture.clock import ClockSource
from vision.capture.writing import SegmentFile, parts_remove, segment_name_read
from vision.models import Segment
from vision.registry import Hold, segment_holds
from vision.services.feeds import feed_running
from vision.signals import segment_stored

# Rows outlive their files: they say where video was missing.
ROWS_KEPT = timedelta(days=14)
BATCH = 500
_log = logging.getLogger(__name__)


def segment_folder(camera: Camera) -> Path:
    """Where the camera's segments lie. By id, as a code may be changed and may hold anything."""
    return Path(settings.DATA_DIR) / "segments" / camera.store.code / f"{camera.pk}"


def segment_store(*, camera: Camera, holder: str, file: SegmentFile, now: datetime) -> bool:
    """Record a whole segment; `segment_stored` follows. False (and no file left) where the lease is another's.

    A segment that is there already stays as it is.
    """
    with transaction.atomic():
        kept = feed_running(
            camera=camera, holder=holder, began_at=file.started_at, clock_source=file.clock_source, now=now
        )
        if kept:
            Segment.objects.bulk_create([_row(camera, file)], ignore_conflicts=True)
            segment_stored.send(sender=Segment, camera_id=camera.pk)
    if not kept:
        file.path.unlink(missing_ok=True)
    return kept


def segments_adopt(*, camera: Camera, now: datetime) -> int:
    """After another worker died: its half-written files go, its whole ones that have no row get one.

    Returns how many were taken in. Only the holder of the camera's lease may call this.
    """
    folder = segment_folder(camera)
    parts_remove(folder)
    if not folder.is_dir():
        return 0
    known = set(Segment.objects.filter(camera=camera).exclude(path="").values_list("path", flat=True))
    adopted = 0
    for path in sorted(folder.iterdir()):
        if _relative(path) in known:
            continue
        found = _probed(path, now)
        if found is None:
            path.unlink(missing_ok=True)
            continue
        Segment.objects.bulk_create([_row(camera, found)], ignore_conflicts=True)
        adopted += 1
    if adopted:
        segment_stored.send(sender=Segment, camera_id=camera.pk)
    return adopted


def segments_expire(*, now: datetime) -> int:
    """The ring buffer: files past their time go, except those that somebody needs. Returns how many went."""
    holds = segment_holds()
    old = Segment.objects.exclude(path="").filter(created_at__lte=now - timedelta(seconds=settings.SEGMENT_TTL_S))
    gone = [segment for segment in old.order_by("created_at")[:BATCH] if not _held(segment, holds)]
    for segment in gone:
        (Path(settings.DATA_DIR) / segment.path).unlink(missing_ok=True)
    ids = [segment.pk for segment in gone]
    Segment.objects.filter(pk__in=ids, state=Segment.State.PENDING).update(
        state=Segment.State.SKIPPED, detail="Its time was over before it could be looked at."
    )
    Segment.objects.filter(pk__in=ids).update(path="")
    Segment.objects.filter(path="", created_at__lte=now - ROWS_KEPT).delete()
    return len(gone)


def segments_erase(segments: Iterable[Segment]) -> int:
    """Deletes the files now, whoever holds them. Returns how many."""
    erased = 0
    for segment in segments:
        (Path(settings.DATA_DIR) / segment.path).unlink(missing_ok=True)
        Segment.objects.filter(pk=segment.pk).update(path="", size_bytes=0)
        erased += 1
    return erased


def _held(segment: Segment, holds: Iterable[Hold]) -> bool:
    ends_at = segment.started_at + timedelta(seconds=segment.duration_s)
    return any(
        hold.camera_id == segment.camera_id and hold.starts_at < ends_at and segment.started_at < hold.ends_at
        for hold in holds
    )


def _row(camera: Camera, file: SegmentFile) -> Segment:
    return Segment(
        camera=camera,
        started_at=file.started_at,
        duration_s=file.duration_s,
        clock_source=file.clock_source,
        path=_relative(file.path),
        size_bytes=file.size_bytes,
        frames=file.frames,
        continues=file.continues,
    )


def _relative(path: Path) -> str:
    return str(path.relative_to(settings.DATA_DIR))


def _probed(path: Path, now: datetime) -> SegmentFile | None:
    """A file without a row, as it would have been stored; None where it is too old or no segment of ours."""
    named = segment_name_read(path.name)
    if named is None:
        return None
    started_at, clock_source = named
    stat = path.stat()
    if now.timestamp() - stat.st_mtime > settings.SEGMENT_TTL_S:
        return None
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = sum(1 for packet in container.demux(stream) if packet.size)
            duration_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
            size, fps = (stream.codec_context.width, stream.codec_context.height), stream.average_rate
    except (av.error.FFmpegError, IndexError) as error:
        _log.warning("%s is no whole segment and was removed: %s", path.name, error)
        return None
    return SegmentFile(
        path=path,
        started_at=started_at,
        duration_s=duration_s,
        clock_source=ClockSource(clock_source),
        frames=frames,
        size_bytes=stat.st_size,
        continues=False,
        width=size[0],
        height=size[1],
        fps=float(fps) if fps else None,
    )
