"""Provisioning as one call."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditlog.context import set_extra_data
from django.db import transaction

from lanes.models import Store
from lanes.permissions import check_may
from lanes.provisioning.apply import Applied
from lanes.provisioning.document import read
from lanes.signals import map_changed
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User


@dataclass(frozen=True)
class Provisioned:
    """What a run did. ``answer`` is what ``--json`` prints; its keys' secrets exist nowhere else."""

    store: Store
    answer: dict[str, Any]
    changes: list[str]
    warnings: list[str]
    left_alone: list[str]

    @property
    def changed(self) -> bool:
        return bool(self.changes)

    def secret(self, name: str) -> str | None:
        """The secret of the key ``name``, if this run made it."""
        secrets: dict[str, str] = self.answer["keys"]
        return secrets.get(name)


def provision(document_text: str, *, actor: User | str = "provision", base_dir: Path | None = None) -> Provisioned:
    """Make the store what ``document_text`` says; running it again changes nothing.

    Relative source paths are taken from ``base_dir`` (default: where the process
    runs). Raises ProvisioningRefused with every mistake in the file, and then
    nothing has been written.
    """
    plan = read(document_text)
    applied = Applied(actor=actor, base_dir=base_dir or Path.cwd())
    with transaction.atomic(), _as(actor, plan.store["code"]):
        _check(actor, plan.store["code"])
        applied.run(plan)
        if applied.changes:
            _record(applied)
    return Provisioned(applied.store, _answer(applied), applied.changes, applied.warnings, applied.left_alone)


def _as(actor: User | str, store_code: str) -> Any:
    """auditlog's diffs name a user, or who else it was."""
    if isinstance(actor, User):
        return set_extra_data({"actor": actor})
    return set_extra_data({"actor": None, "additional_data": {"store": store_code, "actor": actor}})


def _check(actor: User | str, store_code: str) -> None:
    """A person may change the stores that are theirs; a new one, only an administrator of all."""
    if isinstance(actor, User) and not actor.is_superuser:
        check_may(actor, Permission.MAP_EDIT, Store.objects.get(code=store_code))


def _record(applied: Applied) -> None:
    audit_record(
        actor=applied.actor,
        action="store.provisioned",
        object_type="store",
        object_id=applied.store.code,
        store_code=applied.store.code,
        data={"changes": applied.changes},
    )
    map_changed.send(sender=Store, store_id=applied.store.pk)


def _answer(applied: Applied) -> dict[str, Any]:
    lane_codes = {lane.pk: lane.code for lane in applied.lanes}
    return {
        "store": {"id": applied.store.pk, "code": applied.store.code},
        "lanes": [{"id": lane.pk, "code": lane.code, "kind": lane.kind} for lane in applied.lanes],
        "terminals": [
            {"id": t.pk, "code": t.code, "lane": lane_codes[t.lane_id], "granularity": t.granularity}
            for t in applied.terminals
        ],
        "cameras": [
            {"id": c.pk, "code": c.code, "lane": lane_codes[c.lane_id], "enabled": c.enabled} for c in applied.cameras
        ],
        # the same shape as demo.json's: name to secret, only those made by this run
        "keys": {key.name: secret for key, secret in applied.keys if secret},
        "api_keys": [{"name": key.name, "scopes": key.scopes, "made": bool(secret)} for key, secret in applied.keys],
        "changed": bool(applied.changes),
        "changes": applied.changes,
        "warnings": applied.warnings,
        "left_alone": applied.left_alone,
    }
