"""A whole system as processes, driven from outside: provisioning and HTTP, nothing else."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from shrink.server import port_is_free
from tests.repository import REPOSITORY

PORTS = range(20_000, 30_000)
"""Below those that the kernel gives to whoever asks for any: what runs beside would get one before it is used."""


def free_port() -> int:
    return next(port for port in random.sample(PORTS, 100) if port_is_free("127.0.0.1", port))


def until(condition: Callable[[], Any], *, within_s: float, what: str) -> Any:
    """The first true answer of ``condition``; fails with ``what`` when time is up."""
    deadline = time.monotonic() + within_s
    while True:
        if answer := condition():
            return answer
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.1)


@dataclass
class System:
    """One running system. ``keys`` are filled by ``provision``."""

    data_dir: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.data_dir / "system.log").read_text(errors="replace")

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def provision(self, document: str) -> dict[str, Any]:
        """Provision from ``document`` (YAML) as an installer would; keeps the keys it prints."""
        path = self.data_dir / "store.yaml"
        path.write_text(document)
        made: dict[str, Any] = json.loads(self.manage("provision", str(path), "--json"))
        self.keys |= made["keys"]
        return made

    def get(self, path: str, key: str = "analyst", **parameters: str) -> Any:
        answer = httpx.get(self.url + "/api/v1/" + path, params=parameters, headers=self._as(key), timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """Every row of a cursor-paginated list."""
        page = self.get(path, **parameters)
        rows: list[dict[str, Any]] = page["results"]
        while page["next"]:
            page = httpx.get(page["next"], headers=self._as("analyst"), timeout=20).json()
            rows += page["results"]
        return rows

    def post(self, path: str, body: Any, key: str = "till") -> Any:
        answer = httpx.post(self.url + "/api/v1/" + path, json=body, headers=self._as(key), timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _as(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Api-Key {self.keys[key]}"}


@contextmanager
def running(data_dir: Path, *, command: tuple[str, ...] = ("up",), **environment: str) -> Iterator[System]:
    """Start ``manage.py up`` in ``data_dir`` and stop it the way an operator would."""
    port = free_port()
    data_dir.mkdir(parents=True, exist_ok=True)
    inherited = {k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE"}}
    full = inherited | {"DATA_DIR": str(data_dir), "PORT": str(port), "PYTHONUNBUFFERED": "1"} | environment
    with (data_dir / "system.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=REPOSITORY, env=full, stdout=log, stderr=subprocess.STDOUT
        )
    system = System(data_dir, port, full, process)
    try:
        until(lambda: _runs(system), within_s=180, what=f"the web answers; it said:\n{system.log}")
        yield system
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _runs(system: System) -> bool:
    assert system.process.poll() is None, f"the system stopped by itself:\n{system.log}"
    return answers(system.url)


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/api/v1/schema", timeout=20).status_code == 200
    except httpx.TransportError:
        return False
