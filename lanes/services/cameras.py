"""Cameras: switched on and off, and what they look at."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from lanes.domain.papers import PAPERS, papers_missing, papers_sentence
from lanes.models import Camera, Store, Zone
from lanes.permissions import check_may
from lanes.signals import map_changed
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User


class PapersMissing(Exception):
    """The camera may not look: the sentence says which papers are not recorded."""


def camera_papers(camera: Camera) -> dict[str, str]:
    return {name: getattr(camera, name) for name in PAPERS}


def check_can_switch_on(camera: Camera) -> None:
    """Raises PapersMissing with the sentence to show."""
    missing = papers_missing(camera_papers(camera))
    if missing:
        raise PapersMissing(papers_sentence(camera.code, missing))


@transaction.atomic
def camera_switch(*, actor: User | str, camera: Camera, on: bool) -> bool:
    """Switch ``camera`` on or off; whether that changed anything.

    Raises PapersMissing or PermissionDenied; both carry a sentence.
    """
    check_may(actor, Permission.MAP_EDIT, camera.store)
    camera = Camera.objects.select_for_update().select_related("store").get(pk=camera.pk)
    if on:
        check_can_switch_on(camera)
    if camera.enabled == on:
        return False
    camera.enabled = on
    camera.save(update_fields=["enabled"])
    camera_switched_record(actor=actor, camera=camera)
    map_changed.send(sender=Camera, store_id=camera.store_id)
    return True


def camera_switched_record(*, actor: User | str, camera: Camera) -> None:
    """History of a camera that now is what ``camera.enabled`` says."""
    audit_record(
        actor=actor,
        action="camera.on" if camera.enabled else "camera.off",
        object_type="camera",
        object_id=camera.code,
        store_code=camera.store.code,
        data={"papers": camera_papers(camera)},
    )


def camera_zones_set(*, camera: Camera, zones: Sequence[tuple[str, list[list[float]]]]) -> bool:
    """Make ``zones`` (kind, polygon) the camera's zones, in that order; whether that
    changed anything. Rows are kept where they can be, so that history shows what moved."""
    there = list(camera.zones.order_by("position", "pk"))
    changed = len(there) > len(zones)
    for position, (kind, polygon) in enumerate(zones):
        zone = there[position] if position < len(there) else Zone(camera=camera)
        if zone.pk and (zone.kind, zone.polygon, zone.position) == (kind, polygon, position):
            continue
        zone.kind, zone.polygon, zone.position = kind, polygon, position
        zone.save()
        changed = True
    for zone in there[len(zones) :]:
        zone.delete()
    return changed


@transaction.atomic
def cameras_follow_governance(
    *, actor: User | str, store: Store, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """A store's governance changed from ``before`` to ``after``: every camera that has
    the same papers, or none, gets the new ones. One that is left without is switched off."""
    for camera in Camera.objects.select_for_update().filter(store=store):
        for name in PAPERS:
            if getattr(camera, name) in {"", before.get(name, "")}:
                setattr(camera, name, after[name])
        switched_off = camera.enabled and bool(papers_missing(camera_papers(camera)))
        camera.enabled = camera.enabled and not switched_off
        camera.save()
        if switched_off:
            camera_switched_record(actor=actor, camera=camera)
