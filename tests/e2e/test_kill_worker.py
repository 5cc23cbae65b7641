"""The capture worker is killed in mid-stream, again and again: capture comes back by itself and nothing comes twice."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.e2e.running import System, running, until
from tests.servers.http_video import TsCamera, served

KILLS = 10
FPS = 25
LOOP_S = 4.0
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
        zones:
          - {{kind: belt,    polygon: [[.05,.3],[.4,.3],[.4,.7],[.05,.7]]}}
          - {{kind: scanner, polygon: [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]}}
          - {{kind: bagging, polygon: [[.6,.3],[.95,.3],[.95,.7],[.6,.7]]}}
keys:
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


@contextmanager
def rows(system: System) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{system.data_dir / 'db.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        yield database


def segment_since(system: System, instant: float) -> bool:
    at = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with rows(system) as database:
        return bool(database.execute("SELECT 1 FROM vision_segment WHERE started_at > ? LIMIT 1", [at]).fetchone())


def passes(system: System) -> list[float]:
    with rows(system) as database:
        found = database.execute("SELECT occurred_at FROM vision_visualevent WHERE type = 'item_pass'").fetchall()
    return sorted(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() for (at,) in found)


def capture_worker(system: System) -> int:
    """The process that pulls the camera now: its number is part of the lease's holder."""
    with rows(system) as database:
        [(holder,)] = database.execute("SELECT lease_holder FROM vision_camerafeed").fetchall()
    pid = int(holder.split(":")[1]) if holder else 0
    return pid if pid and Path(f"/proc/{pid}").exists() else 0


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_capture_comes_back_after_every_kill_and_nothing_is_seen_twice(tmp_path: Path) -> None:
    camera = TsCamera(belt_draw(tmp_path / "belt.mp4"), turns=10_000)
    embedded = {"DATABASE_URL": "", "REDIS_URL": "", "BROKER_URL": ""}
    with served(camera.handler()) as port, running(tmp_path / "var", DETECTOR="motion", **embedded) as system:
        store = system.data_dir / "store.yaml"
        store.write_text(STORE.format(port=port))
        system.manage("provision", str(store))
        until(lambda: passes(system), within_s=40, what=f"a first pass is seen; the system said:\n{system.log}")
        back_after = []
        for kill in range(KILLS):
            _let_play(0.7 + 0.37 * kill % 2.0)  # at another place in the segment each time
            os.kill(until(lambda: capture_worker(system), within_s=15, what="a capture worker runs"), signal.SIGKILL)
            killed_at = time.time()
            until(
                lambda killed_at=killed_at: segment_since(system, killed_at),
                within_s=15,
                what=f"capture is back after kill {kill + 1}; the system said:\n{system.log[-4000:]}",
            )
            back_after.append(time.time() - killed_at)
        known = len(passes(system))
        until(lambda: len(passes(system)) > known + 1, within_s=30, what="items are seen again")
        seen = passes(system)
        leftovers = list((system.data_dir / "segments").rglob(".part*"))
    print(f"capture back after {', '.join(f'{s:.1f}' for s in back_after)} s; {len(seen)} passes")
    twice = [later - earlier for earlier, later in itertools.pairwise(seen) if later - earlier < 1.0]
    assert twice == []
    assert leftovers == []


def _let_play(seconds: float) -> None:
    """The camera plays on; nothing is waited for."""
    time.sleep(seconds)
