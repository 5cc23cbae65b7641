"""The till's line to the server: posts events in order, waits when the server is away, loses none."""

from __future__ import annotations

import json
import threading
from collections import deque
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pos.replay.sending import TIMEOUT_S, Refused, post

MOST = 200
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
LAST_TRY_S = 2.0


class Line:
    """A thread that empties a queue of events into the API. What is unsent at the end is kept in `spool`."""

    def __init__(self, url: str, key: str, spool: Path) -> None:
        self._url, self._key, self._spool = url, key, spool
        self._waiting: deque[dict[str, Any]] = deque(_spooled(spool))
        self._wake, self._stopping = threading.Condition(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="till-line", daemon=True)
        self.accepted = self.rejected = 0

    def start(self) -> None:
        self._thread.start()

    def send(self, events: list[dict[str, Any]]) -> None:
        with self._wake:
            self._waiting.extend(events)
            self._wake.notify()

    def stop(self) -> None:
        """One more try, then keep the rest on disk for the next run."""
        self._stopping.set()
        with self._wake:
            self._wake.notify()
        self._thread.join(timeout=TIMEOUT_S)
        if self._waiting:
            self._spool.write_text("".join(json.dumps(event) + "\n" for event in self._waiting))
        else:
            self._spool.unlink(missing_ok=True)

    def _run(self) -> None:
        failures = 0
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting or self._stopping.is_set())
                batch = [self._waiting[k] for k in range(min(MOST, len(self._waiting)))]
            if not batch:
                return
            failures = 0 if self._posted(batch) else failures + 1
            if failures and self._stopping.is_set():
                return
            if failures:
                self._stopping.wait(BACKOFF_S[min(failures, len(BACKOFF_S)) - 1])

    def _posted(self, batch: list[dict[str, Any]]) -> bool:
        try:
            answer = post(self._url, self._key, batch, LAST_TRY_S if self._stopping.is_set() else TIMEOUT_S)
        except Refused as error:
            if error.status == HTTPStatus.UNAUTHORIZED:  # the key may not be there yet
                return False
            print(f"The server refused {len(batch)} events: {error}", flush=True)
            self.rejected += len(batch)
        except OSError:
            return False
        else:
            self._count(answer)
        for _ in batch:
            self._waiting.popleft()
        return True

    def _count(self, answer: dict[str, Any]) -> None:
        self.accepted += int(answer.get("accepted", 0))
        for rejected in answer.get("rejected", []):
            self.rejected += 1
            print(f"An event was rejected: {rejected}", flush=True)


def _spooled(spool: Path) -> list[dict[str, Any]]:
    """What the last run could not send. A line cut short by a kill is the only one lost."""
    events = []
    for line in spool.read_text().splitlines() if spool.is_file() else ():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events
