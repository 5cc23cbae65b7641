"""The whole system on live cameras: how far behind life it is, whether it drops anything, and what it holds in memory.

    python -m benchmarks.live --cameras 8 --minutes 30 [--films mixed|busy|half] [--embedded] [--json FILE]

Starts `manage.py up` in a folder of its own, on PostgreSQL and Redis where they answer (on a database made for it) or
on the embedded default, provisions one lane a camera, and serves every camera over RTSP with sender reports from one
more process: 720p at 25 pictures a second, H.264, 4 Mbit/s, the films of `benchmarks.cameras`, looped without a jump,
their key frames anywhere between each other's. Every lane has a till that rings up what crosses, but one item of a
hundred, so that there is judging to be done and evidence to be cut.

All clocks are this machine's, so a segment's end on the camera's clock is the instant of its last picture. Looked at is
the database, read only, four times a second: the lag of a verdict is from there to the system's own word of when it was
written (`created_at` of the segment and `lag_s` of the feed). `now - seen_until` holds up to a whole segment more.
The goals: lag p95 at most 1.5 s, every segment looked at in full without a hole between two, memory flat (3 %).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cameras import SOURCE_FPS
from benchmarks.live.report import figures, goals, table
from benchmarks.live.store import KINDS, Lane, LaneFilm, Tills, cameras_plan, document, films
from benchmarks.live.watch import Database, Processes, Watch, preferred
from tests.e2e.running import System, running, until
from tests.services import POSTGRES, REDIS

FILMS = {"mixed": list(KINDS), "busy": ["busy"], "half": ["half"]}
CONNECTED_WITHIN_S = 120.0
FIRST_CASE_WITHIN_S = 1200.0


@dataclass(frozen=True)
class Servers:
    """Addresses for the system; empty: the embedded default."""

    database: str = ""
    redis: str = ""

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database, "REDIS_URL": self.redis, "BROKER_URL": ""}


@contextlib.contextmanager
def servers(embedded: bool) -> Iterator[Servers]:
    """A database and a Redis number of our own on the servers that answer, gone afterwards."""
    import psycopg

    asked = "" if embedded else POSTGRES.url()
    redis = "" if embedded else _redis_free(REDIS.url())
    server, name = asked.rpartition("/")[0], f"shrink_live_{os.getpid()}"
    with contextlib.ExitStack() as cleaning:
        if redis:
            cleaning.callback(_redis(redis).flushdb)
        if asked:
            connection = cleaning.enter_context(psycopg.connect(f"{server}/postgres", autocommit=True))
            connection.execute(f'CREATE DATABASE "{name}"')
            cleaning.callback(connection.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
        yield Servers(asked and f"{server}/{name}", redis)


def _redis(url: str) -> Any:
    from redis import Redis

    return Redis.from_url(url)


def _redis_free(url: str) -> str:
    """An empty number, so that nobody's work is taken and ours is all that is thrown away. The tests use the last."""
    if not url:
        return ""
    numbers = (f"{url.rpartition('/')[0]}/{number}" for number in range(14, 0, -1))
    return next((tried for tried in numbers if not _redis(tried).dbsize()), "")


def lanes_of(made: dict[str, LaneFilm], asked: argparse.Namespace) -> list[Lane]:
    """Each camera somewhere else in its film, and its key frames anywhere between the others'."""
    order, chance, now = FILMS[asked.films], random.Random(asked.seed), time.time()
    lanes = []
    for number in range(asked.cameras):
        film = made[order[number % len(order)]]
        lanes.append(Lane(number, film, now - chance.random(), chance.random() * film.length_s))
    return lanes


@contextlib.contextmanager
def cameras(lanes: list[Lane], folder: Path) -> Iterator[tuple[int, int]]:
    """(port, process id) of the one process that is all cameras."""
    plan = folder / "cameras.json"
    plan.write_text(json.dumps(cameras_plan(lanes)))
    command = [sys.executable, "-m", "benchmarks.live.cameras", str(plan)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().split()[1]), process.pid
    finally:
        process.terminate()
        process.wait()


def known_processes(served: Servers, cameras_pid: int) -> dict[int, str]:
    found = {cameras_pid: "serving the cameras", os.getpid(): "this benchmark"}
    if served.redis:
        found[int(_redis(served.redis).info("server")["process_id"])] = "redis"
    return found


def all_seen(database: Database, count: int) -> bool:
    [(seen,)] = database.rows("SELECT count(*) FROM vision_camerafeed WHERE seen_until IS NOT NULL")
    return bool(seen == count)


def first_cut(database: Database) -> bool:
    [(cut,)] = database.rows("SELECT count(*) FROM cases_evidence")
    return bool(cut)


def measure(asked: argparse.Namespace, system: System, lanes: list[Lane], served: Servers, pid: int) -> dict[str, Any]:
    database = Database(served.database, system.data_dir)
    own = Database(served.database, system.data_dir)
    tills = Tills(system, lanes, asked.unpaid_every)
    watch = Watch(own, Processes(system.data_dir, own, known_processes(served, pid)))
    try:
        tills.start()  # before the first picture: an item without a line is a case
        until(lambda: all_seen(database, len(lanes)), within_s=CONNECTED_WITHIN_S, what=f"all run:\n{system.log}")
        print(f"all cameras run; warming up for {asked.warm_up:.0f} s, then {asked.minutes:g} minutes", flush=True)
        time.sleep(asked.warm_up)
        # The first case is cut once the tills' clocks are known; what that loads, a worker keeps.
        until(lambda: first_cut(database), within_s=FIRST_CASE_WITHIN_S, what=f"a case has its clip:\n{system.log}")
        watch.start()
        since = time.time()
        while (left := since + 60 * asked.minutes - time.time()) > 0:
            time.sleep(min(left, 30.0))
            print(f"  {(time.time() - since) / 60:.1f} min, load {os.getloadavg()[0]:.1f}", flush=True)
        ended = time.time()
        time.sleep(1.0)
        watch.stop()
        found = figures(database, watch.seen, since, ended, SOURCE_FPS)
    finally:
        tills.stopping.set()
        database.close()
        own.close()
    said = [line for line in system.log.splitlines() if " WARNING " in line or " ERROR " in line]
    rung = {"lines": tills.lines, "left_out": tills.left_out, "failed": tills.failed}
    return found | {"till": rung, "log": said[-20:]}


def run(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    print("encoding the films, unless they are there", flush=True)
    made = films(asked.clips or folder / "clips", asked.clip_seconds, asked.seed)
    lanes = lanes_of(made, asked)
    with servers(asked.embedded) as served, cameras(lanes, folder) as (port, pid):
        print(f"database {served.database or 'SQLite'}, broker {served.redis or 'embedded'}", flush=True)
        servers_here = [own for own, role in known_processes(served, pid).items() if role == "redis"]
        preference = preferred(folder / "var", served.database, servers_here)
        first = preference if asked.before_others else contextlib.nullcontext()
        with first, running(folder / "var", **served.environment()) as system:
            system.provision(document(lanes, port))
            found = measure(asked, system, lanes, served, pid)
    on = "PostgreSQL" if served.database else "SQLite", "Redis" if served.redis else "embedded"
    how = {"cameras": asked.cameras, "films": asked.films, "on": on, "before_others": asked.before_others}
    return how | {"cores": os.cpu_count(), "load_at_the_end": os.getloadavg()} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--warm-up", type=float, default=120.0, help="seconds")
    parser.add_argument("--films", choices=FILMS, default="mixed", help="what the lanes do: %(choices)s")
    parser.add_argument("--clips", type=Path, help="keep the encoded films here, for the next run")
    parser.add_argument("--clip-seconds", type=float, default=40.0)
    parser.add_argument("--seed", type=int, default=98_301)
    parser.add_argument("--unpaid-every", type=int, default=100, help="of how many items one is not rung up")
    parser.add_argument("--embedded", action="store_true", help="SQLite and the embedded broker, whatever answers")
    parser.add_argument("--before-others", action="store_true", help="the system goes before other work here (root)")
    parser.add_argument("--json", type=Path, help="write all figures there")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it leaves nothing running and no database
    with tempfile.TemporaryDirectory(prefix="shrink-live-") as folder:
        found = run(asked, Path(folder))
    reached = goals(found, asked.cameras)
    found["goals"] = reached
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    print(table(found, asked.cameras, found["cores"]))
    for line in found["log"]:
        print(f"  it said: {line}")
    for goal, met in reached.items():
        print(f"{'met    ' if met else 'NOT MET'}  {goal}")


if __name__ == "__main__":
    main()
