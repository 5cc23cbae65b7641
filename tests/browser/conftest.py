"""A running server on a throw-away store, another process that acts there, and Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.running import free_port
from tests.factories.cases import PASSWORD
from tests.repository import REPOSITORY

CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_S = 90.0
# What a browser says by itself when a server is away, or a case is not there (any more).
EXPECTED = ("WebSocket", "ERR_CONNECTION", "404 (Not Found)")
expect.set_options(timeout=20_000)


class Desk:
    """The product's web process on SQLite and the embedded channel layer, in a DATA_DIR of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
        } | {"DATA_DIR": str(data_dir), "DETECTOR": "motion", "LOG_LEVEL": "WARNING"}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server: subprocess.Popen[bytes] | None = None

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=REPOSITORY, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def act(self, name: str, argument: str = "") -> str:
        """Let something happen in another process; returns what it answers."""
        return json.loads(self.python("-m", "tests.browser.act", name, argument).splitlines()[-1])

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "shrink.asgi:application", "--port", str(self.port)]
        self.server = subprocess.Popen([*command, "--log-level", "warning"], cwd=REPOSITORY, env=self.environment)
        deadline = time.monotonic() + START_S
        while True:
            assert self.server.poll() is None, "the server stopped"
            assert time.monotonic() < deadline, "the server did not answer"
            try:
                urllib.request.urlopen(f"{self.url}/login/", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)

    def stop(self) -> None:
        if self.server is not None:
            self.server.terminate()
            self.server.wait(15)
            self.server = None


@pytest.fixture(scope="package")
def migrated() -> Iterator[Path]:
    """A database with the store in it, copied for each test."""
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        desk = Desk(Path(folder))
        desk.python("manage.py", "migrate", "-v0")
        desk.act("open_store")
        yield Path(folder)


@pytest.fixture
def desk(migrated: Path, tmp_path: Path) -> Iterator[Desk]:
    data_dir = tmp_path / "var"
    shutil.copytree(migrated, data_dir, ignore=shutil.ignore_patterns("*.sock"))
    running = Desk(data_dir)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed (apt-get install chromium), or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab at 1440 px that fails its test for any error on the console and for any request elsewhere."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(expected in message.text for expected in EXPECTED):
            complaints.append(message.text)

    tab.on("console", heard)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda sent: None if "127.0.0.1" in sent.url else complaints.append(sent.url))
    yield tab
    context.close()
    assert complaints == []


def sign_in(page: Page, desk: Desk, name: str = "ana") -> None:
    page.goto(desk.url)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#live[data-state=live]").wait_for()
