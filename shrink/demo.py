"""The demo: a store, somebody to sign in, keys, and the simulator that feeds them. Nothing of it is in `make serve`."""

import json
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from lanes.models import ApiKey, Store, StoreMembership
from lanes.provisioning import Provisioned, provision
from privacy.domain.roles import Role
from shrink.server import port_is_free
from shrink.supervisor import Program

USERNAME = ACTOR = "demo"
STORE_CODE = "DEMO"
SPARE_PORTS = range(18_571, 18_671)
STORE_FILE = Path(__file__).parent / "simulator" / "store.yaml"


def prepare(*, url: str, data_dir: Path) -> dict[str, Any]:
    """Make or complete the demo's store and user and write `demo.json`; returns what it says.

    Keys are shown once, when they are made: they are kept in that file, which only this user can read.
    """
    path = data_dir / "demo.json"
    known = _read(path)
    if not known and Store.objects.exclude(code=STORE_CODE).exists():
        raise CommandError(
            f"DATA_DIR={data_dir} holds a store that is not the demo's. "
            "Give the demo its own: DATA_DIR=var/demo make demo"
        )
    store_file = data_dir / "demo-store.yaml"
    store_file.write_text(_store_document(store_file))
    made = _provision(store_file.read_text(), known.get("keys", {}))
    access = {
        "url": url.rstrip("/"),
        "username": USERNAME,
        "password": known.get("password") or secrets.token_urlsafe(9),
        "keys": known.get("keys", {}) | made.answer["keys"],
        "store": made.store.code,
        "truth": str(data_dir / "truth.jsonl"),
    }
    _user(access["password"], made.store)
    _write(path, access)
    return access


def simulator(data_dir: Path) -> Program:
    """The simulated store as a program to supervise."""
    manage = Path(__file__).resolve().parent.parent / "manage.py"
    port = camera_port((data_dir / "demo-store.yaml").read_text())
    options = ["--config", str(data_dir / "demo.json"), "--port", str(port), "--seed", str(settings.DEMO_SEED)]
    return Program("simulated store", [sys.executable, str(manage), "simulate", *options])


def _store_document(kept: Path) -> str:
    """The demo store with its cameras on a port that is free: the one of last time where it is."""
    document = STORE_FILE.read_text()
    usual = camera_port(document)
    last = camera_port(kept.read_text()) if kept.exists() else usual
    port = next((port for port in (last, usual, *SPARE_PORTS) if port_is_free("127.0.0.1", port)), usual)
    return document.replace(f"127.0.0.1:{usual}/", f"127.0.0.1:{port}/")


def camera_port(document: str) -> int:
    """The port that a store document's cameras point to."""
    found = re.search(r"127\.0\.0\.1:(\d+)/", document)
    assert found is not None, "the demo store names its cameras by address and port"
    return int(found[1])


def _provision(document: str, known: dict[str, str]) -> Provisioned:
    """The demo's store. A key whose secret was lost with the file is made anew: nobody can show it again."""
    made = provision(document, actor=ACTOR)
    lost = [key["name"] for key in made.answer["api_keys"] if not key["made"] and key["name"] not in known]
    if not lost:
        return made
    ApiKey.objects.filter(store=made.store, name__in=lost).delete()
    return provision(document, actor=ACTOR)


def _user(password: str, store: Store) -> None:
    user, _ = get_user_model()._default_manager.update_or_create(
        username=USERNAME, defaults={"is_staff": True, "is_superuser": True, "is_active": True}
    )
    if not user.check_password(password):
        user.set_password(password)
        user.save()
    StoreMembership.objects.get_or_create(user=user, store=store, role=Role.ADMINISTRATOR)


def _read(path: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return known


def _write(path: Path, access: dict[str, Any]) -> None:
    """Whole or not at all, readable by this user only."""
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(access, file, indent=2)
    draft.replace(path)
