"""`kill -9` of both workers in mid-stream, ten times: no event of a till is lost, no case doubled, capture comes back.

Lane 1 is pulled and looked at by ourselves, which is what has to come back. Lane 2 is told of over the API by its till
and by an edge box, before, between and after the kills, so that it is known exactly what was passed and not rung up.
"""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.e2e.running import System, running, until
from tests.servers.http_video import TsCamera, served

KILLS = 10
BACK_WITHIN_S = 15.0
FPS = 25
LOOP_S = 4.0
OF_LANE_1 = "camera_id = (SELECT id FROM lanes_camera WHERE code = 'L1-top')"
STORE = """
store: {{code: S001, name: Kill store, timezone: Europe/Madrid, currency: EUR, country: ES}}
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
        source: http://127.0.0.1:{port}/live.ts
        zones: &zones
          - {{kind: belt,    polygon: [[.05,.3],[.4,.3],[.4,.7],[.05,.7]]}}
          - {{kind: scanner, polygon: [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]}}
          - {{kind: bagging, polygon: [[.6,.3],[.95,.3],[.95,.7],[.6,.7]]}}
  - code: L2
    kind: staffed
    terminals: [{{code: T2, granularity: line}}]
    cameras:
      - {{code: L2-top, source: "rtsp://127.0.0.1:1/out-of-our-reach", zones: *zones}}
keys:
  - {{name: till, scopes: [pos.write]}}
  - {{name: edge, scopes: [vision.write]}}
  - {{name: analyst, scopes: [cases.read]}}
"""


def belt_draw(path: Path) -> Path:
    """One box crosses a grey belt from left to right in every loop, and the belt is empty at both ends of it."""
    noise = np.random.default_rng(1)
    background = noise.integers(110, 130, (360, 640, 3)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        video.codec_context.gop_size, video.codec_context.thread_count = FPS, 1
        video.options = {"preset": "ultrafast", "sc_threshold": "0", "bf": "0"}
        for number in range(round(LOOP_S * FPS)):
            image = background.copy()
            x = round((number / FPS - 0.5) / (LOOP_S - 1.0) * 640)
            cv2.rectangle(image, (x - 30, 155), (x + 30, 205), (40, 60, 200), -1)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


class Checkout(threading.Thread):
    """Lane 2 at work: its till and an edge box tell of one ticket after the other; of every fifth, one item in
    four is left out.

    What they tell of is days old: ticket follows on ticket faster than in life, so that a judge is at work when it is
    killed, and far enough from the one before that no look at one makes good what was forgotten of the other.
    """

    PAUSE_S = 0.1
    TICKET_S = 900.0
    ITEMS = 4
    EVERY = 5

    def __init__(self, system: System) -> None:
        super().__init__(name="checkout", daemon=True)
        self._system, self._closing = system, threading.Event()
        self._at = time.time() - 9 * 86_400
        self.accepted: list[str] = []
        self.left_out: list[str] = []
        self.failure: Exception | AssertionError | None = None

    def run(self) -> None:
        try:
            for ticket in itertools.count():
                self._sell(f"K{ticket}", left_out=ticket % self.ITEMS if ticket % self.EVERY == 0 else None)
                if self._closing.wait(self.PAUSE_S):
                    break
            self._say_that_all_was_said()
        except (AssertionError, Exception) as failure:
            self.failure = failure

    def close(self) -> None:
        """Finish the ticket and go. Raises what went wrong meanwhile."""
        self._closing.set()
        self.join(60)
        assert not self.is_alive()
        if self.failure is not None:
            raise self.failure

    def _sell(self, ticket: str, left_out: int | None) -> None:
        passes, lines = [], [self._line(ticket, 0.0, "ticket_open")]
        for item in range(self.ITEMS):
            after_s = 2.0 + 4.0 * item
            passes.append(self._pass(f"{ticket}-{item}", after_s))
            if item == left_out:
                self.left_out.append(f"{ticket}-{item}")
            else:
                sale = {"gtin": f"{item + 1:014}", "quantity": 1, "unit_price": "1.50", "amount": "1.50"}
                lines.append(self._line(ticket, after_s + 0.3, "scan", **sale, entry_method="scanned"))
        lines += [self._line(ticket, 19.0, "tender"), self._line(ticket, 19.5, "ticket_close")]
        self._post("pos/events", lines, "till")
        self._post("vision/events", passes, "edge")
        self._at += self.TICKET_S

    def _say_that_all_was_said(self) -> None:
        self._post("pos/events", [self._line("", 60.0, "heartbeat")], "till")
        self._post("vision/events", [self._pass("end", 60.0, "person_leave")], "edge")

    def _line(self, ticket: str, after_s: float, type_: str, **data: object) -> dict[str, Any]:
        event = {"id": f"T2-{self._at + after_s:.1f}-{type_}", "terminal": "T2", "type": type_, "data": data}
        return event | {"transaction": ticket, "occurred_at": self._instant(after_s)}

    def _pass(self, name: str, after_s: float, type_: str = "item_pass") -> dict[str, Any]:
        told = {"id": name, "camera": "L2-top", "type": type_, "occurred_at": self._instant(after_s)}
        return told | {"confidence": 0.93, "track": name, "path": ["belt", "scanner", "bagging"], "label": "item"}

    def _instant(self, after_s: float) -> str:
        return datetime.fromtimestamp(self._at + after_s, UTC).isoformat()

    def _post(self, path: str, events: list[dict[str, Any]], key: str) -> None:
        reply = self._system.post(path, events, key)
        assert reply == {"accepted": len(events), "duplicates": 0, "rejected": []}
        if path.startswith("pos"):
            self.accepted += [event["id"] for event in events]


@contextmanager
def rows(system: System) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{system.data_dir / 'db.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        yield database


def column(system: System, query: str) -> list[Any]:
    with rows(system) as database:
        return [value for (value,) in database.execute(query).fetchall()]


def segment_since(system: System, instant: float) -> bool:
    at = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with rows(system) as database:
        return bool(database.execute("SELECT 1 FROM vision_segment WHERE started_at > ? LIMIT 1", [at]).fetchone())


def passes(system: System) -> list[float]:
    """When our own eyes saw an item pass on lane 1."""
    found = column(system, f"SELECT occurred_at FROM vision_visualevent WHERE type = 'item_pass' AND {OF_LANE_1}")
    return sorted(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() for at in found)


def capture_worker(system: System) -> int | None:
    """The process that pulls the camera now: its number is part of the lease's holder."""
    [holder] = column(system, f"SELECT lease_holder FROM vision_camerafeed WHERE {OF_LANE_1}")
    return alive(int(holder.split(":")[1])) if holder else None


def work_worker(system: System) -> int | None:
    """The process that sees, judges and starts periodic work, by its own word."""
    pids = column(system, "SELECT pid FROM edge_node WHERE role = 'work' ORDER BY started_at DESC LIMIT 1")
    return alive(pids[0]) if pids else None


def alive(pid: int) -> int | None:
    return pid if Path(f"/proc/{pid}").exists() else None


def is_judging(system: System) -> bool:
    return bool(column(system, "SELECT 1 FROM cases_lanejudgement WHERE claimed_by != ''"))


def killed(system: System) -> tuple[float, bool]:
    """Both workers die, the second in mid-judgement: when capture died, and whether a judgement was cut short."""
    os.kill(until(lambda: capture_worker(system), within_s=15, what="a capture worker runs"), signal.SIGKILL)
    at = time.time()
    work = until(lambda: work_worker(system), within_s=15, what="the other worker runs")
    while not is_judging(system) and time.time() < at + 2.0:
        _let_play(0.005)
    os.kill(work, signal.SIGKILL)
    return at, is_judging(system)


def all_judged(system: System) -> bool:
    [marks] = column(system, "SELECT count(*) FROM cases_lanemark")
    waiting = column(
        system,
        "SELECT judged_from FROM cases_lanejudgement JOIN lanes_lane ON lanes_lane.id = lane_id WHERE code = 'L2'",
    )
    return marks == 0 and waiting == [None]


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_killed_in_mid_stream_ten_times_nothing_is_lost_or_doubled_and_capture_is_back(tmp_path: Path) -> None:
    camera = TsCamera(belt_draw(tmp_path / "belt.mp4"), turns=10_000)
    embedded = {"DATABASE_URL": "", "REDIS_URL": "", "BROKER_URL": ""}
    with served(camera.handler()) as port, running(tmp_path / "var", DETECTOR="motion", **embedded) as system:
        system.provision(STORE.format(port=port))
        checkout = Checkout(system)
        checkout.start()
        until(lambda: passes(system), within_s=40, what=f"a first pass is seen; the system said:\n{system.log}")
        back_after, cut_short = [], 0
        for kill in range(KILLS):
            _let_play(0.7 + 0.37 * kill % 2.0)  # at another place in the segment each time
            at, judging = killed(system)
            cut_short += judging
            until(
                lambda at=at: segment_since(system, at),
                within_s=BACK_WITHIN_S - (time.time() - at),
                what=f"capture is back after kill {kill + 1}; the system said:\n{system.log[-4000:]}",
            )
            back_after.append(time.time() - at)
        known = len(passes(system))
        checkout.close()
        until(lambda: len(passes(system)) > known + 1, within_s=30, what="items are seen again")
        until(lambda: all_judged(system), within_s=60, what=f"all is judged; the system said:\n{system.log[-4000:]}")
        seen = passes(system)
        stored = column(system, "SELECT external_id FROM pos_posevent")
        told = [d for d in system.all("discrepancies") if d["alerted"]]
        cases = [c for c in system.all("cases") if c["status"] != "withdrawn"]
        leftovers = list((system.data_dir / "segments").rglob(".part*"))
    print(f"capture back after {', '.join(f'{s:.1f}' for s in back_after)} s; {len(seen)} passes")
    print(f"{cut_short} judgements cut short; {len(stored)} events of a till, {len(checkout.left_out)} items left out")
    assert cut_short > 0
    assert sorted(stored) == sorted(checkout.accepted)
    of_lane_2 = {d["id"]: (d["visual_event"], d["kind"]) for d in told if d["lane"] == "L2"}
    assert sorted(of_lane_2.values()) == sorted((name, "no_scan") for name in checkout.left_out)
    asked = Counter(d for c in cases for d in c["discrepancies"])
    assert asked == Counter(d["id"] for d in told), "a case for each, and one only"
    twice = [later - earlier for earlier, later in itertools.pairwise(seen) if later - earlier < 1.0]
    assert twice == []
    assert leftovers == []


def _let_play(seconds: float) -> None:
    """The camera plays on; nothing is waited for."""
    time.sleep(seconds)
