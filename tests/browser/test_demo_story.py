"""The demo as a visitor meets it: real rendered video, the real judge, a case that comes by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.running import free_port
from tests.repository import REPOSITORY

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.timeout(600)]
FIRST_CASE_MS = 240_000  # a minute on a quiet machine


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What `make demo` runs after its set-up, and what it wrote into demo.json."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
    } | {"DATA_DIR": str(tmp_path), "PORT": str(free_port())}
    with (tmp_path / "demo.log").open("wb") as log:
        system = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--demo"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
        )
        deadline = time.monotonic() + 180
        while b"http://" not in (tmp_path / "demo.log").read_bytes():
            assert system.poll() is None, (tmp_path / "demo.log").read_text()
            assert time.monotonic() < deadline, "the demo never said its address"
            time.sleep(0.2)
        try:
            yield json.loads((tmp_path / "demo.json").read_text())
        finally:
            system.send_signal(signal.SIGTERM)
            system.wait(30)


def test_a_visitor_sees_a_case_arrive_watches_and_decides(page: Page, demo: dict[str, Any]) -> None:
    page.goto(demo["url"])
    page.get_by_label("User name").fill(demo["username"])
    page.get_by_label("Password").fill(demo["password"])
    page.keyboard.press("Enter")
    page.locator("#live[data-state=live]").wait_for()
    name = watch_and_confirm(page) or watch_and_confirm(page) or watch_and_confirm(page)
    assert name, "three cases in a row were withdrawn while they were watched"
    page.goto(f"{demo['url']}/audit/mine/")
    expect(page.get_by_text(f"watched the clip of case {name[:8]}.")).to_have_count(1)
    expect(page.get_by_text(f"confirmed case {name[:8]}, because: Item not rung up.")).to_be_visible()


def watch_and_confirm(page: Page) -> str:
    """The case in the queue that was confirmed; empty if the judge withdrew it meanwhile, as it may at any time."""
    expect(page.locator(".card").first).to_be_visible(timeout=FIRST_CASE_MS)
    expect(page.locator(".card__thumb img").first).to_be_visible(timeout=120_000)
    name = page.locator(".card", has=page.locator("img")).last.get_attribute("data-case") or ""
    page.locator(f"#case-{name} a").click()
    page.wait_for_function(
        "() => { const v = document.querySelector('video'); return v && !v.paused && v.currentTime > 0.5 }"
    )
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    withdrawn = page.get_by_text("This case has been withdrawn")
    expect(page.get_by_text("Confirmed.").or_(withdrawn).first).to_be_visible()
    if page.get_by_text("Confirmed.").count():
        return name
    page.get_by_role("link", name="Back to the queue").click()
    return ""
