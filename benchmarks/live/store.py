"""The store that `benchmarks.live` runs: its films, its provisioning file, and its tills."""

from __future__ import annotations

import heapq
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.cameras import FPS, LANE, SIDE, Clip, clips
from benchmarks.live.cameras import film
from shrink.simulator.lanes import recording
from tests.e2e.running import System
from vision.domain.types import ZoneShape
from vision.pipeline.decode import frames
from vision.pipeline.detector import detector_open
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

KINDS = {"busy": "never at rest", "half": "half idle"}
BEEP_S = 0.3
"""From when an item has left the scanner to its line."""
TICKET_LINES = 8
GOVERNANCE = {
    "purpose": "Loss prevention at the checkout (benchmark)", "legal_basis": "legitimate_interest",
    "assessment": "LIA-BENCH-01", "dpia": "DPIA-BENCH-01", "owner": "dpo@example.org",
}  # fmt: skip


@dataclass(frozen=True)
class LaneFilm:
    """`crossed_s`: when items are seen to cross, in every turn but the first."""

    clip: Clip
    kind: str
    length_s: float
    crossed_s: list[float]


def films(folder: Path, seconds: float, seed: int) -> dict[str, LaneFilm]:
    """Both clips of `benchmarks.cameras`, made once and kept in `folder`, with what is seen in them."""
    folder = folder / f"{seed}-{seconds:g}"
    folder.mkdir(parents=True, exist_ok=True)
    layout = recording(seed, 0.5).layout
    zones = [ZoneShape(kind, polygon) for kind, polygon in layout.zones()]
    paths = {key: folder / f"{key}.mp4" for key in KINDS}
    if not all(path.with_suffix(".json").exists() for path in paths.values()):
        for clip in clips(folder, seconds, seed):
            clip.path.with_suffix(".json").write_text(json.dumps(_crossings(clip)))
    kind = "staffed" if layout.staffed else "self_checkout"
    return {
        key: LaneFilm(Clip(KINDS[key], path, seconds, zones), kind, *json.loads(path.with_suffix(".json").read_text()))
        for key, path in paths.items()
    }


def _crossings(clip: Clip) -> tuple[float, list[float]]:
    """(length, when items cross) by our own eyes in the second of two turns: the till is to agree with them."""
    detector, length = detector_open(LANE), film(str(clip.path)).length_s
    state: LaneVision | None = None
    for began_at in (1000.0, 1000.0 + length):
        looked = frames(clip.path, began_at, FPS, SIDE)
        state, events, _ = analyse(looked, detector, clip.zones, PipelineConfig(), state)
    crossed = [event.at - began_at for event in events if event.type in ("item_pass", "item_bypass")]
    return length, sorted(round(at, 3) for at in crossed if 0.0 <= at < length)


@dataclass(frozen=True)
class Lane:
    """One lane with one camera. `began_at`, `from_s`: see `benchmarks/live/cameras.py`."""

    number: int
    film: LaneFilm
    began_at: float
    from_s: float

    @property
    def code(self) -> str:
        return f"L{self.number:02}"

    @property
    def path(self) -> str:
        return f"/{self.code.lower()}"

    def crossings(self, since: float) -> Iterator[tuple[float, int]]:
        """(when, which article) crosses, one after the other, for ever. In every turn of the film the same cross."""
        turn = int((since - self.began_at + self.from_s) // self.film.length_s)
        while self.film.crossed_s:
            for article, at in enumerate(self.film.crossed_s):
                crossed = self.began_at - self.from_s + turn * self.film.length_s + at
                if crossed > since:
                    yield crossed, article
            turn += 1


def cameras_plan(lanes: list[Lane]) -> dict[str, Any]:
    """For `benchmarks/live/cameras.py`."""
    rows = [
        {"path": lane.path, "clip": str(lane.film.clip.path), "began_at": lane.began_at, "from_s": lane.from_s}
        for lane in lanes
    ]
    return {"port": 0, "cameras": rows}


def document(lanes: list[Lane], port: int) -> str:
    """The provisioning file; JSON is YAML."""
    rows = [
        {
            "code": lane.code,
            "kind": lane.film.kind,
            "terminals": [{"code": lane.code, "granularity": "line"}],
            "cameras": [
                {
                    "code": f"{lane.code}-top",
                    "source": f"rtsp://127.0.0.1:{port}{lane.path}",
                    "zones": [
                        {"kind": str(zone.kind), "polygon": [list(point) for point in zone.polygon]}
                        for zone in lane.film.clip.zones
                    ],
                }
            ],
        }
        for lane in lanes
    ]
    store = {"code": "LIVE", "name": "Live", "timezone": "Europe/Madrid", "currency": "EUR", "country": "ES"}
    keys = [{"name": "till", "scopes": ["pos.write"]}, {"name": "analyst", "scopes": ["cases.read"]}]
    return json.dumps({"store": store, "governance": GOVERNANCE, "lanes": rows, "keys": keys})


@dataclass(eq=False)
class Tills(threading.Thread):
    """Every lane's till: each line is sent when it beeps, one of `unpaid_every` is left out."""

    system: System
    lanes: list[Lane]
    unpaid_every: int
    lines: int = 0
    left_out: int = 0
    failed: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(name="tills", daemon=True)

    def run(self) -> None:
        now = time.time()
        crossings = [(lane.number, lane.crossings(now)) for lane in self.lanes if lane.film.crossed_s]
        coming = [(*next(found), number, found) for number, found in crossings]
        heapq.heapify(coming)
        counts = dict.fromkeys((lane.number for lane in self.lanes), 0)
        headers = {"Authorization": f"Api-Key {self.system.keys['till']}"}
        with httpx.Client(base_url=self.system.url, headers=headers, timeout=20) as client:
            while coming and not self.stopping.is_set():
                at, article, number, found = coming[0]
                if self.stopping.wait(max(0.0, at + BEEP_S - time.time())):
                    return
                heapq.heapreplace(coming, (*next(found), number, found))
                counts[number] += 1
                self._beep(client, number, counts[number], article, at + BEEP_S)

    def _beep(self, client: httpx.Client, number: int, count: int, article: int, at: float) -> None:
        if count % self.unpaid_every == 0:
            self.left_out += 1
            return
        ticket, line = divmod(count, TICKET_LINES)
        sale = {"gtin": f"{article + 1:014}", "quantity": 1, "unit_price": "1.50", "amount": "1.50"}
        told = [("scan", at, sale | {"entry_method": "scanned"})]
        if line == 0:
            told.insert(0, ("ticket_open", at - 0.05, {}))
        if line == TICKET_LINES - 1:
            told += [("tender", at + 0.05, {}), ("ticket_close", at + 0.1, {})]
        code = f"L{number:02}"
        body = [
            {
                "id": f"{code}-{count}-{type_}", "terminal": code, "type": type_, "line": line, "operator": "c-17",
                "occurred_at": datetime.fromtimestamp(when, UTC).isoformat(), "transaction": f"{code}-{ticket}",
                "data": data,
            }
            for type_, when, data in told
        ]  # fmt: skip
        try:
            self.failed += client.post("/api/v1/pos/events", json=body).status_code != 200
        except httpx.TransportError:
            self.failed += 1
        self.lines += 1
