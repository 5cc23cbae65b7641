"""Making the map what a plan says, in one transaction, touching only what differs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models

from lanes.domain.papers import PAPERS, papers_missing, papers_sentence
from lanes.domain.sources import source_is_address, source_redacted
from lanes.models import ApiKey, Camera, Governance, Lane, Store, Terminal
from lanes.provisioning.plan import CameraPlan, KeyPlan, LanePlan, StorePlan, TerminalPlan, ZonePlan
from lanes.services.cameras import camera_papers, camera_switched_record, camera_zones_set
from lanes.services.keys import api_key_create, api_key_scopes_set
from privacy.models import User


@dataclass
class Applied:
    """What was done: sentences for people, objects for the answer."""

    actor: User | str
    base_dir: Path
    store: Store = field(init=False)
    lanes: list[Lane] = field(default_factory=list)
    terminals: list[Terminal] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    keys: list[tuple[ApiKey, str | None]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)

    def run(self, plan: StorePlan) -> None:
        values = {key: value for key, value in plan.store.items() if key != "code"}
        self.store, made = Store.objects.select_for_update().get_or_create(code=plan.store["code"], defaults=values)
        self._noted(self.store, f"store {self.store.code}", made, values)
        papers = self._governance(plan.governance)
        for lane_plan in plan.lanes:
            self._lane(lane_plan, papers)
        for key_plan in plan.keys:
            self._key(key_plan)
        self._left_alone(plan)

    def _governance(self, said: dict[str, str]) -> dict[str, str]:
        """What the store's governance now says, which each camera gets a copy of."""
        governance = Governance.objects.filter(store=self.store).first()
        if governance is None:
            governance = Governance(store=self.store)
        if said or governance.pk:
            self._saved(governance, "governance", **said)
        return {name: getattr(governance, name) for name in PAPERS}

    def _lane(self, plan: LanePlan, papers: dict[str, str]) -> None:
        lane = Lane.objects.filter(store=self.store, code=plan.code).first() or Lane(store=self.store, code=plan.code)
        self._saved(lane, f"lane {plan.code}", kind=plan.kind)
        self.lanes.append(lane)
        for terminal in plan.terminals:
            self._terminal(lane, terminal)
        for camera in plan.cameras:
            self._camera(lane, camera, papers)

    def _terminal(self, lane: Lane, plan: TerminalPlan) -> None:
        found = Terminal.objects.filter(store=self.store, code=plan.code).select_related("lane").first()
        terminal = found or Terminal(store=self.store, code=plan.code)
        self._saved(terminal, f"terminal {plan.code}", lane=lane, granularity=plan.granularity)
        self.terminals.append(terminal)

    def _camera(self, lane: Lane, plan: CameraPlan, papers: dict[str, str]) -> None:
        found = Camera.objects.filter(store=self.store, code=plan.code).select_related("lane").first()
        camera = found or Camera(store=self.store, code=plan.code)
        was_on = camera.enabled
        enabled = self._camera_may_run(camera, papers)
        said = {"detector": plan.detector, "priority": plan.priority}
        said = {name: value for name, value in said.items() if value is not None}
        self._saved(
            camera, f"camera {plan.code}", lane=lane, source=self._source(plan), enabled=enabled, **said, **papers
        )
        if camera.enabled != was_on:
            camera_switched_record(actor=self.actor, camera=camera)
        if plan.zones is not None:
            self._zones(camera, plan.zones)
        elif not camera.zones.exists():
            self.warnings.append(f"Camera {plan.code} has no zones: nothing it sees can be judged. Write zones for it.")
        self.cameras.append(camera)

    def _camera_may_run(self, camera: Camera, papers: dict[str, str]) -> bool:
        """On as soon as the papers are complete; a camera that was off although they
        were is off because a person wanted it so."""
        missing = papers_missing(papers)
        if missing:
            self.warnings.append(
                f"{papers_sentence(camera.code, missing)} It is mapped and switched off; "
                "complete governance in the file and run this again."
            )
            return False
        if camera.pk and not camera.enabled and not papers_missing(camera_papers(camera)):
            self.warnings.append(
                f"Camera {camera.code} was switched off by hand and stays off; switch it on in the admin site."
            )
            return False
        return True

    def _source(self, plan: CameraPlan) -> str:
        """Addresses as they are; paths absolute, because a worker runs somewhere else."""
        if source_is_address(plan.source):
            return plan.source
        path = (self.base_dir / Path(plan.source).expanduser()).resolve()
        if not path.exists():
            self.warnings.append(f"Camera {plan.code}: there is no file or folder {path} on this machine (yet).")
        return str(path)

    def _zones(self, camera: Camera, plan: tuple[ZonePlan, ...]) -> None:
        """The file's zones are the camera's zones, in that order."""
        zones = [(zone.kind, [list(corner) for corner in zone.polygon]) for zone in plan]
        if camera_zones_set(camera=camera, zones=zones):
            self.changes.append(f"zones of camera {camera.code}: now {len(zones)}")

    def _key(self, plan: KeyPlan) -> None:
        key = ApiKey.objects.filter(store=self.store, name=plan.name).first()
        secret = None
        if key is None:
            key, secret = api_key_create(actor=self.actor, store=self.store, name=plan.name, scopes=plan.scopes)
            self.changes.append(f"key {plan.name}: created")
        elif key.revoked:
            self.warnings.append(f"Key {plan.name} was revoked and stays so: write another name for a new key.")
        elif set(key.scopes) != set(plan.scopes):
            api_key_scopes_set(actor=self.actor, key=key, scopes=plan.scopes)
            self.changes.append(f"key {plan.name}: scopes are now {', '.join(plan.scopes)}")
        self.keys.append((key, secret))

    def _left_alone(self, plan: StorePlan) -> None:
        """Name what the store has and the file does not: forgetting a line must not
        delete a lane with its history."""
        absent: list[tuple[str, models.QuerySet, list[Any]]] = [
            ("lane", Lane.objects.filter(store=self.store), self.lanes),
            ("terminal", Terminal.objects.filter(store=self.store), self.terminals),
            ("camera", Camera.objects.filter(store=self.store), self.cameras),
        ]
        for what, rows, named in absent:
            others = rows.exclude(pk__in=[row.pk for row in named]).values_list("code", flat=True)
            self.left_alone.extend(f"{what} {code}" for code in others)
        names = ApiKey.objects.filter(store=self.store, revoked=False).exclude(pk__in=[key.pk for key, _ in self.keys])
        self.left_alone.extend(f"key {name}" for name in names.order_by("name").values_list("name", flat=True))

    def _saved(self, row: models.Model, what: str, **values: Any) -> None:
        """Save ``row`` with ``values`` if it is new or differs."""
        made = row.pk is None
        if made:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
        self._noted(row, what, made, values)

    def _noted(self, row: models.Model, what: str, made: bool, values: dict[str, Any]) -> None:
        if made:
            self.changes.append(f"{what}: created")
            return
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not differing:
            return
        said = [f"{name} {_shown(getattr(row, name))} → {_shown(value)}" for name, value in differing.items()]
        for name, value in differing.items():
            setattr(row, name, value)
        row.save(update_fields=list(differing))
        self.changes.append(f"{what}: {'; '.join(said)}")


def _shown(value: Any) -> str:
    return source_redacted(value.code if isinstance(value, Lane) else str(value)) or "nothing"
