"""Real footage over real RTSP, a till that leaves out one item a loop: that one becomes a case, the others never do.

The belt clip plays in a loop; apple, broccoli, cauliflower and orange cross from right to left. The till rings up three
of the four in every loop. Everything goes through provisioning and the HTTP API.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.running import System, free_port, running, until
from tests.media import MEDIA, needs_media

BELT = MEDIA / "video" / "belt_produce.mp4"
FPS = 15.0
# The frame in which each item's centre crosses the middle of the picture, from the media's own annotations.
CROSSINGS = {"apple": 17, "broccoli": 33, "cauliflower": 72, "orange": 92}
LENGTH_S = 101 / FPS
LOOPS = 5
SCAN_DELAY_S = 0.3
# Past the last crossing by this much, the lane has said all about it.
SETTLED_S = 4.0

STORE = """
store: {{code: S001, name: Belt store, timezone: Europe/Madrid, currency: EUR, country: ES}}
governance:
  purpose: Loss prevention at the checkout
  legal_basis: legitimate_interest
  assessment: LIA-2026-01
  dpia: DPIA-2026-01
  owner: dpo@example.org
lanes:
  - code: L1
    kind: staffed
    terminals: [{{code: T1, granularity: line}}]
    cameras:
      - code: L1-top
        source: rtsp://127.0.0.1:{port}/l1
        zones:
          - {{kind: belt,    polygon: [[.6,.05],[.98,.05],[.98,.95],[.6,.95]]}}
          - {{kind: scanner, polygon: [[.4,.05],[.6,.05],[.6,.95],[.4,.95]]}}
          - {{kind: bagging, polygon: [[.02,.05],[.4,.05],[.4,.95],[.02,.95]]}}
keys:
  - {{name: till, scopes: [pos.write]}}
  - {{name: analyst, scopes: [cases.read, cases.decide]}}
"""


class LoopingCamera:
    """The RTSP server; it says when the first frame of the first loop was played."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._began_at: float | None = None

    def next_loop(self) -> float:
        """The instant at which the next loop begins, Unix seconds."""
        played = time.time() - self.first_loop()
        return self.first_loop() + (played // LENGTH_S + 1) * LENGTH_S

    def first_loop(self) -> float:
        """The instant at which the film began, Unix seconds."""
        while self._began_at is None:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            assert line, "the RTSP server ended"
            if line.startswith("playing "):
                self._began_at = float(line.split()[1])
        return self._began_at


@contextmanager
def looping_camera(video: Path, port: int) -> Iterator[LoopingCamera]:
    server = Path(__file__).parents[1] / "servers" / "rtsp_server.py"
    process = subprocess.Popen(
        ["/usr/bin/python3", str(server), str(video), "--port", str(port), "--path", "/l1", "--loop"],
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        yield LoopingCamera(process)
    finally:
        process.kill()
        process.wait()


class Till:
    """Rings up what crosses, but one item a loop. Knows nothing of the camera but when a loop begins."""

    def __init__(self, system: System) -> None:
        self._system, self._number = system, 0

    def _event(self, type_: str, at: float, transaction: str, **data: object) -> dict[str, object]:
        self._number += 1
        instant = datetime.fromtimestamp(at, UTC).isoformat()
        event = {"id": f"T1-{self._number:06}", "terminal": "T1", "type": type_, "occurred_at": instant}
        return event | {"transaction": transaction, "operator": "c-17", "data": data}

    def sell(self, loop: int, began_at: float, left_out: str) -> None:
        """Plays one ticket as it happens: every event is sent when its time has come."""
        ticket, end = f"T1-{loop:04}", began_at + LENGTH_S
        due = [(began_at, "ticket_open", {})]
        for item, frame in CROSSINGS.items():
            if item != left_out:
                sale = {"description": item, "quantity": 1, "unit_price": "1.50", "amount": "1.50"}
                due.append((began_at + frame / FPS + SCAN_DELAY_S, "scan", sale | {"entry_method": "scanned"}))
        due += [(end - 0.15, "tender", {}), (end - 0.05, "ticket_close", {})]
        for line, (at, type_, data) in enumerate(due):
            time.sleep(max(0.0, at - time.time()))
            reply = self._system.post("pos/events", [self._event(type_, at, ticket, **data) | {"line": line}])
            assert reply == {"accepted": 1, "duplicates": 0, "rejected": []}


@needs_media
@pytest.mark.e2e
@pytest.mark.media
@pytest.mark.parametrize("eyes", ["yolov8n_int8_openvino_model", "motion"])
def test_the_one_item_a_loop_that_is_not_rung_up_becomes_a_case(eyes: str, tmp_path: Path) -> None:
    detector = eyes if eyes == "motion" else str(MEDIA / "weights" / eyes)
    port = free_port()
    with looping_camera(BELT, port) as camera, running(tmp_path / "var", DETECTOR=detector) as system:
        system.provision(STORE.format(port=port))
        until(lambda: _lane_runs(system), within_s=90, what=f"the lane runs; the system said:\n{system.log}")
        missing = _sell_loops(camera, Till(system))

        last = max(missing.values())
        until(lambda: _correlated(system) > last + SETTLED_S, within_s=60, what="the last loop is judged")
        cases = system.all("cases")

    found = {name: [c for c in cases if abs(_instant(c) - at) < 1.2] for name, at in missing.items()}
    assert {name: [c["kind"] for c in some] for name, some in found.items()} == {
        name: ["no_scan"] for name in missing
    }, _told(cases, missing)
    explained = {c["id"] for some in found.values() for c in some}
    # Before the first and after the last of these loops nothing is rung up at all, and rightly raised.
    first = min(missing.values()) - CROSSINGS["apple"] / FPS
    others = [c for c in cases if c["id"] not in explained and 0.5 < _instant(c) - first < LOOPS * LENGTH_S]
    assert others == [], _told(cases, missing)


def _sell_loops(camera: LoopingCamera, till: Till) -> dict[str, float]:
    """Sells LOOPS loops as they play; returns when each item that was left out crossed, by loop and item."""
    missing, first = {}, camera.next_loop()
    for loop in range(LOOPS):
        began_at = first + loop * LENGTH_S
        left_out = list(CROSSINGS)[loop % len(CROSSINGS)]
        till.sell(loop, began_at, left_out)
        missing[f"loop {loop}: {left_out}"] = began_at + CROSSINGS[left_out] / FPS
    return missing


def _told(cases: list[dict[str, str]], missing: dict[str, float]) -> str:
    """What happened, in seconds since the first loop began."""
    first = min(missing.values()) - CROSSINGS["apple"] / FPS
    lines = [f"{at - first:7.2f} {name} left out" for name, at in missing.items()]
    lines += [f"{_instant(c) - first:7.2f} case {c['kind']} {c['status']} risk {c['risk']}" for c in cases]
    return "\n" + "\n".join(sorted(lines, key=lambda line: float(line.split()[0])))


def _lane_runs(system: System) -> bool:
    lanes = system.get("lanes")
    return bool(lanes["results"][0]["correlated_until"])


def _correlated(system: System) -> float:
    until_ = system.get("lanes")["results"][0]["correlated_until"]
    return datetime.fromisoformat(until_).timestamp() if until_ else 0.0


def _instant(case: dict[str, str]) -> float:
    return datetime.fromisoformat(case["occurred_at"]).timestamp()
