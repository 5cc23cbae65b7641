"""What many lanes in real time cost, database and all: how many lanes two cores carry.

    python -m benchmarks.many_lanes [--lanes 6] [--history 60] [--minutes 6] [--every 1] [--level mid]
    DATABASE_URL=postgres://... python -m benchmarks.many_lanes

Each lane has a generated day of its own. `--history` minutes of it are taken in and judged first; then the
store's clock runs on in steps of `--every` seconds, lines come 0.3 s after they were told and passes 1.5 s after they
were seen, through the API; after each step the lanes that have something new are judged, as the worker does. The CPU
seconds of this process (and of its PostgreSQL backend) per second of the store give the lanes that two cores carry.
Of the cases that were opened meanwhile, how long after the pass that was, and how many were withdrawn again.
"""

from __future__ import annotations

import argparse
import os
import time
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks._database import throw_away

SETTLED_S = 2.0
LINE_LATE_S, PASS_LATE_S = 0.3, 1.5
OPENING = datetime(2026, 11, 20, 8, tzinfo=UTC).timestamp()
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Spent:
    """CPU seconds by what they went into."""

    seconds: dict[str, float] = field(default_factory=dict)
    backend: int | None = None

    def now(self) -> float:
        own = time.process_time()
        if self.backend is None:
            return own
        parts = Path(f"/proc/{self.backend}/stat").read_text().rpartition(")")[2].split()
        return own + (int(parts[11]) + int(parts[12])) / TICKS

    def on(self, what: str, began: float) -> None:
        self.seconds[what] = self.seconds.get(what, 0.0) + self.now() - began


@dataclass
class Feed:
    """One lane's events in the order in which they arrive, as (arrival on the camera's clock, body)."""

    lane_id: int
    visual: list[tuple[float, dict[str, Any]]]
    pos: list[tuple[float, dict[str, Any]]]

    def between(self, start: float, end: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return _part(self.visual, start, end), _part(self.pos, start, end)


def _part(events: list[tuple[float, dict[str, Any]]], start: float, end: float) -> list[dict[str, Any]]:
    low, high = (bisect_left(events, at, key=lambda event: event[0]) for at in (start, end))
    return [body for _, body in events[low:high]]


def feeds(store: Any, count: int, level: str) -> list[Feed]:
    from benchmarks.alignment.generator import lane_day
    from benchmarks.alignment.level import LEVELS
    from benchmarks.alignment.wire import pos_event, visual_event
    from lanes.models import Camera, Lane, Terminal

    found = []
    for n in range(count):
        lane = Lane.objects.create(store=store, code=f"M{n}", kind="staffed")
        Terminal.objects.create(store=store, lane=lane, code=f"M{n}")
        Camera.objects.create(store=store, lane=lane, code=f"M{n}-top", source="rtsp://127.0.0.1:1/none")
        day = lane_day(LEVELS[level], n)
        same = OPENING - day.passes[0].at  # generated days are days of their own
        seen = [replace(s, at=s.at + same) for s in day.passes]
        told = [
            (line.at - day.truth.offset_at(line.at) + same + LINE_LATE_S, replace(line, at=line.at + same))
            for line in day.lines
        ]
        visual = [(s.at + PASS_LATE_S, visual_event(s, f"m{n}-", f"M{n}-top")) for s in seen]
        pos = sorted(((at, pos_event(line, f"m{n}-", f"M{n}")) for at, line in told), key=lambda event: event[0])
        found.append(Feed(lane.pk, visual, pos))
    return found


def measure(asked: argparse.Namespace) -> None:
    from django.db import connection
    from rest_framework.test import APIClient

    from cases.models import Case, Discrepancy, LaneMark
    from cases.services.judging import lane_judge, lanes_due
    from tests.factories.stores import key_of, small_store

    store = small_store("BENCH").store
    client = APIClient(HTTP_AUTHORIZATION=f"Api-Key {key_of(store, 'pos.write', 'vision.write')}")
    lanes = feeds(store, asked.lanes, asked.level)
    spent = Spent(backend=connection.connection.info.backend_pid if connection.vendor == "postgresql" else None)
    begin = OPENING
    live = begin + 60 * asked.history
    looks = events = 0

    def take_in(start: float, end: float) -> int:
        count = 0
        for feed in lanes:
            for path, bodies in zip(("vision", "pos"), feed.between(start, end), strict=True):
                for n in range(0, len(bodies), 1000):
                    answer = client.post(f"/api/v1/{path}/events", bodies[n : n + 1000], format="json").json()
                    assert not answer["rejected"], answer["rejected"][:2]
                count += len(bodies)
        return count

    def judge_due(now: datetime) -> int:
        count = 0
        for lane_id in lanes_due(now=now):
            for _ in range(5):
                looked = lane_judge(lane_id=lane_id, now=now)
                count += looked is not None
                if looked is None or looked.again_at is None or looked.again_at > now:
                    break
        return count

    at = begin
    with patch("django.utils.timezone.now", lambda: datetime.fromtimestamp(at, UTC)):
        at = live
        take_in(begin, live + SETTLED_S)
        judge_due(datetime.fromtimestamp(at, UTC))
        at = live = live + SETTLED_S  # a backlog is judged when no more of it comes
        judge_due(datetime.fromtimestamp(at, UTC))
        assert not LaneMark.objects.exists(), "the history is judged"
        while at < live + 60 * asked.minutes:
            before, at = at, at + asked.every
            began = spent.now()
            events += take_in(before, at)
            spent.on("taking in", began)
            began = spent.now()
            looks += judge_due(datetime.fromtimestamp(at, UTC))
            spent.on("judging", began)
    seconds, lane_seconds = 60 * asked.minutes, 60 * asked.minutes * asked.lanes
    total = sum(spent.seconds.values())
    print(
        f"{connection.vendor}: {asked.lanes} lanes, {events} events in {seconds:.0f} s, a step each {asked.every:g} s"
    )
    print(f"{looks} looks, {1000 * spent.seconds['judging'] / max(1, looks):.1f} ms each")
    for what, cpu in spent.seconds.items():
        a_second, an_event = 1000 * cpu / lane_seconds, 1000 * cpu / max(1, events)
        print(f"{what:10} {a_second:7.2f} CPU ms a lane and second, {an_event:6.2f} an event")
    print(f"two cores carry {2 * lane_seconds / total:.0f} such lanes ({Discrepancy.objects.count()} rows listed)")
    opened = Case.objects.filter(occurred_at__gte=datetime.fromtimestamp(live, UTC), discrepancy__camera__isnull=False)
    waits = sorted((case.created_at - case.occurred_at).total_seconds() for case in opened)
    if waits:
        p50, p95 = (waits[int(share * (len(waits) - 1))] for share in (0.5, 0.95))
        gone = opened.filter(status=Case.Status.WITHDRAWN).count()
        print(f"{len(waits)} cases opened, p50 {p50:.1f} s and p95 {p95:.1f} s after the pass; {gone} withdrawn again")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, default=6)
    parser.add_argument("--level", default="mid")
    parser.add_argument("--history", type=float, default=60.0, help="minutes")
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--every", type=float, default=1.0, help="seconds")
    asked = parser.parse_args()
    with throw_away():
        measure(asked)


if __name__ == "__main__":
    main()
