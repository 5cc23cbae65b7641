"""Versions of detectors: registering weights, letting them look in the shadow, promoting and rolling back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from lanes.models import Camera
from privacy.audit import audit_record
from privacy.models import User
from vision.models import Detector, DetectorVersion, ShadowState
from vision.pipeline.weights import Weights, digest_of, files_of, weights_copy, weights_read

FOLDER = "models"
SYSTEM = "installation"


class VersionRefused(Exception):
    """It cannot be done; the message says why and what to do."""


def version_add(
    *, name: str, path: Path, mapping: Mapping[str, str], note: str, actor: User | str, now: datetime
) -> tuple[DetectorVersion, Weights]:
    """Register the weights at `path` as the next version of `name`; the very same ones are not registered twice.

    Our own copy is made: what is looked with must still be there for a roll-back. The first version of a name is in
    use at once, any other when somebody promotes it. Raises WeightsUnusable, VersionRefused.
    """
    _name_checked(name)
    weights = weights_read(path, mapping)
    with transaction.atomic():
        Detector.objects.get_or_create(name=name)
        detector = Detector.objects.select_for_update().get(name=name)
        known = detector.versions.filter(digest=weights.digest, mapping=dict(mapping)).first()
        if known is not None:
            return known, weights
        number = (detector.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        folder = Path(settings.DATA_DIR) / FOLDER / name / str(number)
        copy = weights_copy(path, folder)
        version = DetectorVersion.objects.create(
            detector=detector,
            number=number,
            path=str(copy.relative_to(settings.DATA_DIR)),
            digest=weights.digest,
            classes={str(key): value for key, value in weights.classes.items()},
            mapping=dict(mapping),
            training_data=weights.training_data,
            told=dict(weights.told),
            note=note[:300],
            added_at=now,
            added_by=_name(actor),
        )
        _record(actor, "detector.added", version, note)
        if detector.used is None:
            _use(detector, version, now)
    return version, weights


def shipped_register(*, name: str, now: datetime) -> DetectorVersion:
    """See to it that weights that come with the product (settings.SHIPPED_DETECTORS) are registered.

    As long as nobody has promoted anything, new ones that came with an update are used; after that they wait for a
    person like any others.
    """
    path = Path(settings.SHIPPED_DETECTORS[name])
    digest = digest_of(files_of(path))
    # by its digest first: opening it takes a second of every start
    version = DetectorVersion.objects.filter(detector__name=name, digest=digest, mapping={}).first()
    if version is None:
        version, _ = version_add(name=name, path=path, mapping={}, note="Came with the product.", actor=SYSTEM, now=now)
    with transaction.atomic():
        detector = Detector.objects.select_for_update().get(name=name)
        if not detector.chosen_by and detector.used_id != version.pk:
            _use(detector, version, now)
            _record(SYSTEM, "detector.updated", version, "Came with an update of the product.")
    return version


def detector_promote(*, version: DetectorVersion, actor: User, reason: str, now: datetime) -> None:
    """From the next segment on it looks wherever the detector's name is given without a number."""
    reason = _reason(reason)
    with transaction.atomic():
        detector = Detector.objects.select_for_update().get(pk=version.detector_id)
        if detector.used_id == version.pk:
            raise VersionRefused(f"{version} is in use already.")
        _openable(version)
        _use(detector, version, now, actor)
        _record(actor, "detector.promoted", version, reason, before=detector.used_before)


def detector_roll_back(*, detector: Detector, actor: User, reason: str, now: datetime) -> DetectorVersion:
    """Return to what was in use before the last promotion."""
    reason = _reason(reason)
    with transaction.atomic():
        detector = Detector.objects.select_for_update().get(pk=detector.pk)
        version, left = detector.used_before, detector.used
        if version is None:
            raise VersionRefused(f"Nothing was in use before {left}: promote the version that you want.")
        _openable(version)
        _use(detector, version, now, actor)
        _record(actor, "detector.rolled_back", version, reason, before=left)
    return version


def shadow_start(*, version: DetectorVersion, cameras: Sequence[Camera], actor: User | str, now: datetime) -> None:
    """`version` looks beside the one in use, with these cameras or with all; nobody heeds what it sees."""
    with transaction.atomic():
        detector = Detector.objects.select_for_update().get(pk=version.detector_id)
        if detector.used_id == version.pk:
            raise VersionRefused(f"{version} is in use: it cannot be its own shadow.")
        _openable(version)
        detector.shadow, detector.shadow_since = version, now
        detector.save(update_fields=["shadow", "shadow_since"])
        detector.shadow_on.set(cameras)
        codes = ", ".join(camera.code for camera in cameras)
        _record(actor, "detector.shadowed", version, f"With {codes}." if codes else "With all that use it.")


def shadow_stop(*, detector: Detector, actor: User | str) -> None:
    with transaction.atomic():
        detector = Detector.objects.select_for_update().get(pk=detector.pk)
        if detector.shadow is None:
            raise VersionRefused(f"Nothing looks in the shadow of {detector}.")
        _record(actor, "detector.shadow_ended", detector.shadow, "")
        _shadow_clear(detector)


def _use(detector: Detector, version: DetectorVersion, now: datetime, actor: User | None = None) -> None:
    detector.used_before, detector.used, detector.used_since = detector.used, version, now
    if actor is not None:
        detector.chosen_by = _name(actor)
    detector.save(update_fields=["used_before", "used", "used_since", "chosen_by"])
    if detector.shadow_id == version.pk:
        _shadow_clear(detector)


def _shadow_clear(detector: Detector) -> None:
    ShadowState.objects.filter(shadow__detector=detector).delete()
    detector.shadow = detector.shadow_since = None
    detector.save(update_fields=["shadow", "shadow_since"])
    detector.shadow_on.clear()


def _name_checked(name: str) -> None:
    try:
        Detector._meta.get_field("name").run_validators(name)
    except ValidationError as error:
        raise VersionRefused(f"{name} cannot be a detector's name. {' '.join(error.messages)}") from error


def _openable(version: DetectorVersion) -> None:
    """Raises WeightsUnusable where its files are gone or broken: a lane must never be blinded by a promotion."""
    weights = weights_read(Path(settings.DATA_DIR) / version.path, version.mapping)
    if weights.digest != version.digest:
        raise VersionRefused(f"The files of {version} are not those that were registered. Add them again.")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise VersionRefused("Say why: it is written into the audit trail.")
    return reason.strip()[:300]


def _record(
    actor: User | str, action: str, version: DetectorVersion, reason: str, before: DetectorVersion | None = None
) -> None:
    data = {"digest": version.digest} | ({"before": str(before)} if before else {})
    audit_record(actor=actor, action=action, object_type="detector", object_id=str(version), reason=reason, data=data)


def _name(actor: User | str) -> str:
    return actor if isinstance(actor, str) else actor.get_username()
