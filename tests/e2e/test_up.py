"""`manage.py up` as an operator meets it: it starts, heals, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import System, free_port, running, until
from tests.repository import REPOSITORY

pytestmark = pytest.mark.e2e


def processes_of(system: System) -> dict[int, str]:
    """Every living process that was started for this system's DATA_DIR, with its command line."""
    mark = f"DATA_DIR={system.data_dir}\0".encode()
    found: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if mark in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def worker_of(system: System, name: str) -> int | None:
    return next((pid for pid, line in processes_of(system).items() if f"-n {name}@" in line), None)


def another(pid: int | None, than: int) -> int | None:
    return None if pid == than else pid


def roles_alive(system: System) -> dict[str, int]:
    """Role and process id of every node that says it lives."""
    told = system.manage(
        "shell", "-v", "0", "-c",
        "import json; from edge.models import Node; print(json.dumps(dict(Node.objects.values_list('role', 'pid'))))",
    )  # fmt: skip
    answer: dict[str, int] = json.loads(told.strip().splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One for all tests but those that kill it; the last of them stops it."""
    with running(tmp_path_factory.mktemp("up") / "var") as system:
        yield system


def test_a_killed_worker_is_back_under_a_new_process(system: System) -> None:
    first = until(lambda: worker_of(system, "work"), within_s=30, what="the worker runs")
    os.kill(first, signal.SIGKILL)
    second = until(lambda: another(worker_of(system, "work"), first), within_s=15, what="it runs again")
    until(lambda: roles_alive(system).get("work") == second, within_s=30, what="it is ready")


def start(data_dir: Path, port: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(data_dir), "PORT": str(port)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60
    )


def test_a_second_start_says_what_is_in_the_way(system: System, tmp_path: Path) -> None:
    same_data = start(system.data_dir, free_port())
    assert same_data.returncode == 1
    assert "Another system runs on DATA_DIR" in same_data.stderr
    same_port = start(tmp_path / "other", system.port)
    assert same_port.returncode == 1
    assert f"Port {system.port} is taken" in same_port.stderr


def test_stopping_ends_everything_it_started_within_ten_seconds(system: System) -> None:
    until(lambda: "First administrator: admin" in system.log, within_s=10, what="the empty system names somebody")
    until(lambda: {"web", "capture", "work"} <= roles_alive(system).keys(), within_s=60, what="all three beat")
    system.process.send_signal(signal.SIGTERM)
    assert system.process.wait(10) == 0, system.log
    assert processes_of(system) == {}
    assert not (system.data_dir / "live.sock").exists()


def test_when_the_parent_is_killed_nothing_survives_it_and_the_next_start_works(tmp_path: Path) -> None:
    with running(tmp_path / "var") as system:
        until(lambda: worker_of(system, "capture") and worker_of(system, "work"), within_s=30, what="the workers run")
        os.kill(system.process.pid, signal.SIGKILL)
        system.process.wait()
        until(lambda: processes_of(system) == {}, within_s=15, what="its children end too")
    with running(tmp_path / "var") as again:
        assert httpx.get(again.url + "/admin/login/", timeout=20).status_code == 200
        assert "First administrator" not in again.log, "its password is shown once"
