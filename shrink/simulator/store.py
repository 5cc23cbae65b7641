"""The running store: draws and serves its lanes, works its tills and writes the truth, all in real time.

Time is the wall clock at the start plus the monotonic clock since: it neither jumps nor drifts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from shrink.simulator import truth
from shrink.simulator.layout import Layout
from shrink.simulator.performance import Performance
from shrink.simulator.posting import Line
from shrink.simulator.script import Habits, LaneScript, Ticket
from shrink.simulator.serve import CameraServer, Feed
from shrink.simulator.till import PosEvent, Till, TillClock

FPS = 10.0
STORE_FILE = Path(__file__).with_name("store.yaml")
CLOCKS = (TillClock(2.4, 30.0, 0.001), TillClock(-1.7, -20.0, 0.01))
HABITS = {
    "staffed": Habits(staffed=True, pace_s=(2.6, 4.2), items=(4, 11), opening=6),
    "self_checkout": Habits(staffed=False, pace_s=(4.0, 6.5), items=(2, 6), payment_s=(7.0, 12.0)),
}


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What the simulator needs to know of one lane of the store file."""

    code: str
    terminal: str
    camera: str
    staffed: bool


def lanes_of(store: dict[str, Any]) -> list[LaneSpec]:
    return [
        LaneSpec(
            lane["code"], lane["terminals"][0]["code"], lane["cameras"][0]["code"], lane["kind"] != "self_checkout"
        )
        for lane in store["lanes"]
    ]


def port_of(store: dict[str, Any]) -> int:
    """The port that the store file's cameras point to."""
    source: str = store["lanes"][0]["cameras"][0]["source"]
    return int(source.split("/")[2].rpartition(":")[2])


@dataclass
class SimulatedLane:
    """One lane in play: due events and moves wait here until their time has come."""

    spec: LaneSpec
    till: Till
    performance: Performance
    feed: Feed
    script: Iterator[Ticket]
    events: list[PosEvent] = field(default_factory=list)
    moves: list[Any] = field(default_factory=list)
    drawn_until_s: float = 0.0
    beaten_until_s: float = 0.0

    def foresee(self, t_s: float) -> None:
        """Queue what shoppers who arrive before `t_s` will do, and the heartbeats until then."""
        while self.drawn_until_s <= t_s:
            ticket = next(self.script)
            self.drawn_until_s = ticket.end_s
            self.events += self.till.events(ticket)
            self.moves += ticket.moves
        self.events += self.till.heartbeats(self.beaten_until_s, t_s)
        self.beaten_until_s = max(self.beaten_until_s, t_s)

    def due(self, t_s: float) -> tuple[list[dict[str, Any]], list[Any]]:
        """POS bodies that leave the till and items that have moved by `t_s`, each once."""
        sent = sorted((e for e in self.events if e.send_s <= t_s), key=lambda e: e.send_s)
        moved = [m for m in self.moves if m.at_s <= t_s]
        self.events = [e for e in self.events if e.send_s > t_s]
        self.moves = [m for m in self.moves if m.at_s > t_s]
        return [event.body for event in sent], moved


class SimulatedStore:
    def __init__(
        self,
        *,
        url: str,
        key: str,
        truth_file: Path,
        port: int | None = None,
        seed: int = 7,
        theft_rate: float = 0.15,
        fps: float = FPS,
        store: dict[str, Any] | None = None,
    ) -> None:
        self.store = store or yaml.safe_load(STORE_FILE.read_text())
        self._seed, self._fps, self._theft_rate = seed, fps, theft_rate
        self._truth_file = truth_file
        self._line = Line(url, key, truth_file.with_suffix(".unsent.jsonl"))
        self.start_at = datetime.now(UTC)
        self._begun = time.monotonic()
        zone = ZoneInfo(self.store["store"]["timezone"])
        self.lanes = [self._lane(n, spec, zone) for n, spec in enumerate(lanes_of(self.store))]
        self._server = CameraServer({lane.spec.camera: lane.feed for lane in self.lanes}, port or port_of(self.store))
        self.late_frames = 0

    def _lane(self, number: int, spec: LaneSpec, zone: tzinfo) -> SimulatedLane:
        habits = HABITS["staffed" if spec.staffed else "self_checkout"]
        script = LaneScript(self._seed, number, replace(habits, theft_rate=self._theft_rate), start_s=1.0)
        layout = Layout(staffed=spec.staffed, colour_seed=self._seed + number)
        till = Till(
            spec.terminal,
            self.start_at,
            zone,
            CLOCKS[number % len(CLOCKS)],
            run=f"{int(self.start_at.timestamp()):x}",
            operator="c-17" if spec.staffed else "sco",
        )
        performance = Performance(self._seed + 31 * number, layout, script.tickets())
        feed = Feed(layout.width_px, layout.height_px, self._fps)
        return SimulatedLane(spec, till, performance, feed, script.tickets())

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop. A picture whose time has passed is left out, never shown late."""
        self._server.start()
        self._line.start()
        self._line.send([lane.till.sign_on().body for lane in self.lanes])
        number = 0
        try:
            while not stopping.wait(max(0.0, number / self._fps - self._now_s())):
                self._live(number / self._fps)
                due = int(self._now_s() * self._fps) + 1
                self.late_frames += max(0, due - number - 1)
                number = max(number + 1, due)
        finally:
            self._server.stop()
            self._line.stop()

    def _now_s(self) -> float:
        return time.monotonic() - self._begun

    def _live(self, t_s: float) -> None:
        for lane in self.lanes:
            lane.foresee(t_s + 1.0)
            events, moves = lane.due(t_s)
            if events:
                self._line.send(events)
            truth.append(
                self._truth_file, (truth.truth_of(move, lane.spec.code, lane.till, self.start_at) for move in moves)
            )
            if lane.feed.watched:
                lane.feed.add(lane.performance.render(t_s), t_s)
