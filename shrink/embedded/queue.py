"""A durable queue of messages in one SQLite file, shared by the processes of one machine.

A message stays in the file until it is acknowledged. Taking it writes the taker's identity beside it; when that
process is gone, `recover` hands its messages back, so a `kill -9` costs nothing but the time to notice it.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from shrink.embedded.processes import identity, is_alive

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS message(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    tag TEXT NOT NULL UNIQUE,
    due_at REAL NOT NULL DEFAULT 0,
    owner TEXT,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS message_ready ON message(queue, due_at, id) WHERE owner IS NULL;
CREATE INDEX IF NOT EXISTS message_owned ON message(owner) WHERE owner IS NOT NULL;
"""
LOOK = "SELECT id FROM message WHERE queue=? AND owner IS NULL AND due_at<=? ORDER BY id LIMIT 1"
TAKE = f"UPDATE message SET owner=? WHERE id=({LOOK}) RETURNING tag, body"  # noqa: S608  constants only


class DurableQueue:
    """Queues by name in the file at `path`. Safe to share between threads; a fork opens its own connection."""

    def __init__(self, path: str | Path, clock: Callable[[], float] = time.time) -> None:
        self.path = Path(path)
        self.clock = clock
        self._lock = threading.RLock()
        self._connection: tuple[int, sqlite3.Connection] | None = None

    def put(self, queue: str, tag: str, body: bytes | str, due_at: float = 0.0) -> None:
        """Store one message; it can be taken once the clock has reached `due_at` (Unix seconds)."""
        self._write("INSERT INTO message(queue, tag, due_at, body) VALUES(?,?,?,?)", (queue, tag, due_at, body))

    def take(self, queue: str) -> tuple[str, bytes | str] | None:
        """Claim the oldest due message for this process: `(tag, body)`, or None. The idle case takes no lock."""
        now = self.clock()
        if not self._read(LOOK, (queue, now)):
            return None
        rows = self._write(TAKE, (identity(), queue, now))
        return rows[0] if rows else None

    def acknowledge(self, tag: str) -> None:
        self._write("DELETE FROM message WHERE tag=?", (tag,))

    def release(self, tag: str) -> None:
        """Give a taken message back, to be taken again at its old place."""
        self._write("UPDATE message SET owner=NULL, due_at=0 WHERE tag=?", (tag,))

    def recover(self) -> int:
        """Hand back what dead processes had taken; returns how many messages."""
        owners = [row[0] for row in self._read("SELECT DISTINCT owner FROM message WHERE owner IS NOT NULL")]
        return sum(self._disown(owner) for owner in owners if not is_alive(owner))

    def size(self, queue: str) -> int:
        """Messages of this queue, taken ones included."""
        return int(self._read("SELECT count(*) FROM message WHERE queue=?", (queue,))[0][0])

    def purge(self, queue: str) -> int:
        """Drop what nobody has taken yet."""
        return len(self._write("DELETE FROM message WHERE queue=? AND owner IS NULL RETURNING id", (queue,)))

    def close(self) -> None:
        with self._lock:
            if self._connection and self._connection[0] == os.getpid():
                self._connection[1].close()
            self._connection = None

    def _disown(self, owner: str) -> int:
        return len(self._write("UPDATE message SET owner=NULL, due_at=0 WHERE owner=? RETURNING id", (owner,)))

    def _read(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        with self._lock:
            return self._database().execute(sql, tuple(values)).fetchall()

    _write = _read  # autocommit: every statement is its own transaction

    def _database(self) -> sqlite3.Connection:
        if self._connection is None or self._connection[0] != os.getpid():
            self._connection = (os.getpid(), self._open())
        return self._connection[1]

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
        connection.executescript(SCHEMA)
        self.path.chmod(0o600)
        return connection
