"""What the cameras' side holds about people: raw video, for minutes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from privacy.registry import PersonalData, Subject, personal_data_register
from vision.models import CameraFault, Segment
from vision.services.faults import fault_pictures_expire
from vision.services.segments import segments_erase, segments_expire


def _filmed(subject: Subject) -> list[Segment]:
    """Segments that may show whoever stood at a lane between two instants."""
    if subject.kind != "footage" or subject.starts_at is None or subject.ends_at is None:
        return []
    rows = Segment.objects.filter(
        camera__store__code=subject.store_code,
        started_at__gt=subject.starts_at - timedelta(minutes=2),
        started_at__lt=subject.ends_at,
    ).exclude(path="")
    rows = rows.filter(camera__lane__code=subject.lane_code) if subject.lane_code else rows
    near = rows.select_related("camera").order_by("started_at")
    return [row for row in near if row.started_at + timedelta(seconds=row.duration_s) > subject.starts_at]


def _export(subject: Subject) -> Iterator[dict]:
    for segment in _filmed(subject):
        yield {
            "camera": segment.camera.code,
            "started_at": segment.started_at.isoformat(),
            "duration_s": segment.duration_s,
            "size_bytes": segment.size_bytes,
        }


def _erase(subject: Subject) -> int:
    return segments_erase(_filmed(subject))


def _expire(now: datetime) -> int:
    return segments_expire(now=now)


personal_data_register(
    PersonalData(
        name="raw_video",
        description="Unblurred video of the lanes: a ring buffer of minutes on local disk, which it never leaves.",
        export=_export,
        erase=_erase,
        expire=_expire,
    )
)


def _faults(subject: Subject) -> QuerySet[CameraFault]:
    if subject.kind != "footage" or subject.starts_at is None or subject.ends_at is None:
        return CameraFault.objects.none()
    rows = CameraFault.objects.exclude(picture=None).filter(
        camera__store__code=subject.store_code, picture_at__gte=subject.starts_at, picture_at__lt=subject.ends_at
    )
    return rows.filter(camera__lane__code=subject.lane_code) if subject.lane_code else rows


def _faults_export(subject: Subject) -> Iterator[dict]:
    for fault in _faults(subject).select_related("camera").defer("picture"):
        yield {"camera": fault.camera.code, "kind": fault.kind, "picture_at": str(fault.picture_at)}


personal_data_register(
    PersonalData(
        name="camera_fault_pictures",
        description="A blurred still of what was wrong with a camera, kept for thirty days.",
        export=_faults_export,
        erase=lambda subject: _faults(subject).update(picture=None, picture_at=None),
        expire=lambda now: fault_pictures_expire(now=now),
    )
)
