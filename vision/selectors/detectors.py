"""Which detector looks at a camera, what looks in its shadow, and how the two compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Sum

from lanes.models import Camera
from vision.domain.agreement import Agreement, Seen, agreement
from vision.domain.versions import Named, named
from vision.models import Detector, DetectorVersion, ShadowEvent, ShadowRun


@dataclass(frozen=True)
class Chosen:
    """What looks. `name` is what is written beside what it saw: `lane@3`, `motion` or a path."""

    name: str
    path: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    version_id: int | None = None
    shadow: Chosen | None = None


class DetectorUnknown(Exception):
    """A camera names a detector that there is not; the message says what to do."""


def detector_chosen(camera: Camera) -> Chosen:
    """What looks at this camera: what it names itself, else what the installation does. Raises DetectorUnknown."""
    spec = camera.detector or settings.DETECTOR
    asked = _asked(spec)
    if asked is None:
        return Chosen(spec, spec)
    detector = Detector.objects.select_related("used", "shadow").filter(name=asked.name).first()
    if detector is None or (asked.number is None and detector.used is None):
        return _unregistered(spec, asked)
    if asked.number is not None and (detector.used is None or detector.used.number != asked.number):
        pinned = detector.versions.filter(number=asked.number).first()
        if pinned is None:
            raise DetectorUnknown(
                f"There is no version {asked.number} of {asked.name}. `manage.py model list` names all."
            )
        return _chosen(detector, pinned)
    assert detector.used is not None
    chosen = _chosen(detector, detector.used)
    if asked.number is None and detector.shadow is not None and _shadowed(detector, camera):
        return Chosen(chosen.name, chosen.path, chosen.mapping, chosen.version_id, _chosen(detector, detector.shadow))
    return chosen


def _asked(spec: str) -> Named | None:
    """The shipped weights go by their name, also where the default names their folder."""
    shipped = next((name for name, path in settings.SHIPPED_DETECTORS.items() if path == spec), None)
    return Named(shipped) if shipped else named(spec)


def _shadowed(detector: Detector, camera: Camera) -> bool:
    only = set(detector.shadow_on.values_list("pk", flat=True))
    return not only or camera.pk in only


def _unregistered(spec: str, asked: Named) -> Chosen:
    """A file or folder of that very name, or nothing."""
    if Path(spec).exists():
        return Chosen(spec, spec)
    raise DetectorUnknown(
        f"There is no detector {asked.name}. Register its weights with `manage.py model add PATH --name {asked.name}`."
    )


def _chosen(detector: Detector, version: DetectorVersion) -> Chosen:
    path = Path(settings.DATA_DIR) / version.path
    return Chosen(f"{detector.name}@{version.number}", str(path), version.mapping, version.pk)


def version_named(text: str) -> DetectorVersion:
    """`lane@3`, or `lane` for the one in use. Raises DetectorUnknown."""
    asked = named(text)
    if asked is None:
        raise DetectorUnknown(f"{text} names no version of a detector. Write for example lane@2.")
    detector = Detector.objects.select_related("used").filter(name=asked.name).first()
    if detector is None:
        known = ", ".join(Detector.objects.values_list("name", flat=True)) or "none"
        raise DetectorUnknown(f"There is no detector {asked.name}. Registered: {known}.")
    version = detector.used if asked.number is None else detector.versions.filter(number=asked.number).first()
    if version is None:
        numbers = ", ".join(str(one.number) for one in detector.versions.order_by("number"))
        raise DetectorUnknown(f"There is no version {asked.number or 'in use'} of {asked.name}. Registered: {numbers}.")
    version.detector = detector
    return version


@dataclass(frozen=True)
class Compared:
    """Two versions over the same video of some cameras. Costs in ms per second of video."""

    used: Sequence[str]
    shadow: str
    cameras: int
    seconds: float
    used_cost: float
    shadow_cost: float
    failures: int
    failure: str
    by_type: Mapping[str, Agreement]


def shadow_compared(version: DetectorVersion, since: datetime | None = None) -> Compared:
    """What `version` saw in the shadow of others, against what they saw."""
    runs = ShadowRun.objects.filter(shadow=version)
    if since is not None:
        runs = runs.filter(day__gte=since.date())
    sums = runs.aggregate(s=Sum("seconds"), used=Sum("used_ms"), shadow=Sum("shadow_ms"), failed=Sum("failures"))
    seconds = sums["s"] or 0.0
    events = ShadowEvent.objects.filter(run__in=runs).select_related("run__camera")
    failed = runs.exclude(failure="").order_by("-day").first()
    return Compared(
        used=sorted(set(runs.values_list("used", flat=True).order_by())),
        shadow=str(version),
        cameras=runs.order_by().values("camera").distinct().count(),
        seconds=seconds,
        used_cost=(sums["used"] or 0.0) / seconds if seconds else 0.0,
        shadow_cost=(sums["shadow"] or 0.0) / seconds if seconds else 0.0,
        failures=sums["failed"] or 0,
        failure=failed.failure if failed else "",
        by_type=agreement([_seen(event) for event in events]),
    )


def _seen(event: ShadowEvent) -> Seen:
    return Seen(event.type, event.occurred_at.timestamp(), event.confidence, event.by_shadow, str(event.run.camera))


def cameras_using(detector: Detector) -> list[Camera]:
    """Enabled cameras that look with it, whatever version they name."""
    found = []
    for camera in Camera.objects.filter(enabled=True).select_related("lane__store"):
        asked = _asked(camera.detector or settings.DETECTOR)
        if asked is not None and asked.name == detector.name:
            found.append(camera)
    return found
