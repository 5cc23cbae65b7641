"""Watching a system that runs, from outside: its database, read only, and what its processes use."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

POLL_S, USE_EVERY_S = 0.25, 5.0
TICKS = os.sysconf("SC_CLK_TCK")
ROLES = {"-n capture@": "capture", "-n work@": "work", "embedded.nursery": "nursery", "manage.py up": "web"}
PREFERRED = -19
SERVERS = ("database", "redis")
FEEDS = "SELECT camera_id, seen_until, lag_s, state, failures FROM vision_camerafeed"
LOAD = "SELECT state FROM vision_analysisload"
PENDING = "SELECT count(*) FROM vision_segment WHERE state = 'pending'"
SEGMENTS = """SELECT camera_id, started_at, duration_s, frames, state, created_at, detail, report
  FROM vision_segment ORDER BY camera_id, started_at"""
EVENTS = "SELECT type, occurred_at, received_at FROM vision_visualevent"


def instant(value: Any) -> float:
    """Unix seconds of what a database gave."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return float((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())


class Database:
    """The system's own, by its address; empty: SQLite in its DATA_DIR."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self._connection: Any
        if url:
            import psycopg

            self._connection = psycopg.connect(url, autocommit=True)
        else:
            file = f"file:{data_dir / 'db.sqlite3'}?mode=ro"
            self._connection = sqlite3.connect(file, uri=True, check_same_thread=False, timeout=20)
        self._server = bool(url)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(sql).fetchall())

    def backends(self) -> list[int]:
        """Process ids of the server's own, where there is one."""
        if not self._server:
            return []
        own = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return [pid for (pid,) in self.rows(own)]

    def close(self) -> None:
        self._connection.close()


@dataclass
class Use:
    """What was used at one instant: MB that are a role's own (shared pages divided), CPU seconds since it began."""

    at: float
    mb: dict[str, float] = field(default_factory=dict)
    rss_mb: dict[str, float] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)


class Processes:
    """The processes of one system and what serves it; CPU time of those that ended meanwhile stays counted."""

    def __init__(self, data_dir: Path, database: Database, others: dict[int, str]) -> None:
        self._data_dir, self._database, self._others = data_dir, database, others
        self._cpu: dict[int, tuple[str, float]] = {}

    def use(self) -> Use:
        use = Use(time.time())
        for pid, role in self._roles().items():
            with suppress(OSError, ValueError, IndexError):
                own, whole = memory_mb(pid)
                use.mb[role] = use.mb.get(role, 0.0) + own
                use.rss_mb[role] = use.rss_mb.get(role, 0.0) + whole
                self._cpu[pid] = (role, _cpu_s(pid))
        for role, spent in self._cpu.values():
            use.cpu_s[role] = use.cpu_s.get(role, 0.0) + spent
        use.cpu_s["whole machine"] = _machine_s()
        return use

    def _roles(self) -> dict[int, str]:
        found = dict(self._others) | dict.fromkeys(self._database.backends(), "database")
        return processes_of(self._data_dir) | found


def processes_of(data_dir: Path) -> dict[int, str]:
    """Every living process that was started for this DATA_DIR, and its role."""
    mark, found = f"DATA_DIR={data_dir}\0".encode(), dict[int, str]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes():
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found[int(folder.name)] = next((role for key, role in ROLES.items() if key in line), "other")
    return found


@contextmanager
def preferred(data_dir: Path, database: str, servers: Iterable[int]) -> Iterator[None]:
    """While this lasts, what is started for this DATA_DIR and the servers that it asks go before all else here, as they
    would if the rest were started with `nice -n 19`. Linux shares processors between sessions first: between two of
    them `nice` does not count (sched(7), autogroup).
    """
    stopping, done = threading.Event(), set[int]()

    def prefer() -> None:
        asked = Database(database, data_dir) if database else None
        while not stopping.wait(0.5):
            found = {os.getpid(), *servers, *processes_of(data_dir), *(asked.backends() if asked else ())}
            for pid in found - done:
                _precedence(pid, PREFERRED)
            done.update(found)
        if asked:
            asked.close()

    thread = threading.Thread(target=prefer, name="prefer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        for pid in {os.getpid(), *servers}:
            _precedence(pid, 0)


def _precedence(pid: int, nice: int) -> None:
    with suppress(OSError):  # gone, or not allowed
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))


def memory_mb(pid: int) -> tuple[float, float]:
    """(proportional, resident) MB."""
    sizes = dict.fromkeys(("Pss", "Rss"), 0.0)
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, size = line.partition(":")
        if name in sizes:
            sizes[name] = int(size.split()[0]) / 1024
    return sizes["Pss"], sizes["Rss"]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _machine_s() -> float:
    """CPU seconds that anybody used."""
    user, nice, system, _idle, _wait, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / TICKS


@dataclass(frozen=True)
class Verdict:
    """That a camera had been looked at up to `ended_at`, its own clock. `seen_at`: when the watch saw it; `lag_s`: the
    system's own word, from the segment's row to its verdict.
    """

    ended_at: float
    seen_at: float
    lag_s: float | None


@dataclass
class Seen:
    """What the watch saw."""

    verdicts: dict[int, list[Verdict]] = field(default_factory=dict)
    """By camera, in order of time."""
    behind: list[tuple[float, int, float]] = field(default_factory=list)
    """(when, camera, seconds from what was seen last to now)."""
    uses: list[Use] = field(default_factory=list)
    steps: list[tuple[float, int]] = field(default_factory=list)
    waiting: list[tuple[float, int]] = field(default_factory=list)
    troubles: set[str] = field(default_factory=set)


class Watch(threading.Thread):
    """Looks four times a second how far each camera was seen, and now and then at everything else."""

    def __init__(self, database: Database, processes: Processes) -> None:
        super().__init__(name="watch", daemon=True)
        self.seen = Seen()
        self.failure: Exception | None = None
        self._database, self._processes = database, processes
        self._stopping = threading.Event()

    def run(self) -> None:
        use_at = 0.0
        try:
            while not self._stopping.wait(POLL_S - time.time() % POLL_S):
                self._feeds()
                if time.time() >= use_at:
                    use_at = time.time() + USE_EVERY_S
                    self._rest()
        except Exception as failure:
            self.failure = failure

    def stop(self) -> None:
        self._stopping.set()
        self.join(20)
        if self.failure is not None:
            raise self.failure

    def _feeds(self) -> None:
        rows, now = self._database.rows(FEEDS), time.time()
        for camera, until, lag_s, state, failures in rows:
            if state != "running" or failures:
                self.seen.troubles.add(f"camera {camera}: {state}, {failures} failures")
            if until is None:
                continue
            ended = instant(until)
            self.seen.behind.append((now, camera, now - ended))
            known = self.seen.verdicts.setdefault(camera, [])
            if not known or known[-1].ended_at != ended:
                known.append(Verdict(ended, now, lag_s))

    def _rest(self) -> None:
        now = time.time()
        self.seen.uses.append(self._processes.use())
        for (state,) in self._database.rows(LOAD):
            known = json.loads(state) if isinstance(state, str) else state
            self.seen.steps.append((now, known.get("step", 0)))
        self.seen.waiting.append((now, self._database.rows(PENDING)[0][0]))
