"""The demo's store and `demo.json`: made once, kept over restarts, healed when the file is lost."""

import json
import socket
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management.base import CommandError

from lanes.models import ApiKey, Camera, Store
from shrink import demo

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:8000/"


def test_demo_json_says_what_the_contract_promises(tmp_path: Path) -> None:
    access = demo.prepare(url=URL, data_dir=tmp_path)
    written = tmp_path / "demo.json"
    assert json.loads(written.read_text()) == access
    assert access.keys() == {"url", "username", "password", "keys", "store", "truth"}
    assert access["keys"].keys() == {"till", "edge", "analyst"}
    assert written.stat().st_mode & 0o077 == 0
    assert authenticate(username=access["username"], password=access["password"]) is not None
    assert all(ApiKey.objects.is_valid(key) for key in access["keys"].values())
    assert Store.objects.get().code == access["store"]


def test_a_second_start_keeps_password_and_keys(tmp_path: Path) -> None:
    first = demo.prepare(url=URL, data_dir=tmp_path)
    assert demo.prepare(url=URL, data_dir=tmp_path) == first
    assert ApiKey.objects.count() == 3


def test_keys_that_were_lost_with_the_file_are_made_anew(tmp_path: Path) -> None:
    first = demo.prepare(url=URL, data_dir=tmp_path)
    told = json.loads((tmp_path / "demo.json").read_text())
    del told["keys"]["till"]
    (tmp_path / "demo.json").write_text(json.dumps(told))
    second = demo.prepare(url=URL, data_dir=tmp_path)
    assert second["keys"]["till"] != first["keys"]["till"]
    assert second["keys"]["edge"] == first["keys"]["edge"]
    assert ApiKey.objects.is_valid(second["keys"]["till"])


def test_a_real_store_is_never_mixed_with_the_demo(tmp_path: Path) -> None:
    Store.objects.create(code="S001", name="A real one", timezone="Europe/Madrid", currency="EUR", country="ES")
    with pytest.raises(CommandError, match="not the demo's"):
        demo.prepare(url=URL, data_dir=tmp_path)
    assert not (tmp_path / "demo.json").exists()
    assert not ApiKey.objects.exists()


def test_cameras_move_to_a_port_that_is_free(tmp_path: Path) -> None:
    usual = demo.camera_port(demo.STORE_FILE.read_text())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", usual))
            other.listen()
        except OSError:
            pass  # somebody else holds it already, which is the case to test
        demo.prepare(url=URL, data_dir=tmp_path)
    sources = list(Camera.objects.values_list("source", flat=True))
    assert sources
    assert all(f":{usual}/" not in source for source in sources)
    program = demo.simulator(tmp_path)
    port = program.arguments[program.arguments.index("--port") + 1]
    assert all(f":{port}/" in source for source in sources)
