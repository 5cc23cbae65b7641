"""A till's line to Shrink, with nothing but Python's standard library (3.9 or later).

    till = Till("https://shrink.example.org", key="...", terminal="T1", path="till.sqlite3")
    till.say("scan", transaction="T1-0042", line=3, operator="c-17", data={"gtin": "...", "amount": "7.95"})
    till.run()                       # in a thread of its own: sends for as long as the till runs

What is said is on disk before `say` returns, and stays there until the server has answered for it: a power cut, a
restart or a day without network loses nothing. A batch whose answer was lost is sent again; the server knows the ids,
so nothing doubles. When the disk's share is full, the oldest goes, and the server is told from when to when as a `gap`.

As a program it takes one event to a line on standard input, and ends when all of it has been answered:

    echo '{"type": "no_sale", "operator": "c-17"}' | python3 till.py https://shrink.example.org "$TILL_KEY" T1
"""

import http.client
import json
import random
import secrets
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

MOST = 100_000  # events kept: some days of a busy till, in about 50 MB
BATCH = 500  # the server takes 1,000
TIMEOUT_S = 10.0
BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
HEARTBEAT_S = 30.0
EXCHANGES = 5

TABLES = """
CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY AUTOINCREMENT, occurred_at TEXT, event TEXT);
CREATE TABLE IF NOT EXISTS refused (number INTEGER PRIMARY KEY, event TEXT, code TEXT, detail TEXT);
CREATE TABLE IF NOT EXISTS lost (first TEXT, last TEXT);
CREATE TABLE IF NOT EXISTS born (tag TEXT);
"""


class Refused(Exception):
    """The server does not want what was sent; the message is its own, and says what to do. Everything still waits."""

    def __init__(self, status, said):
        super().__init__(f"{status}: {said}")
        self.status = status


class Queue:
    """Events on disk, oldest first, `most` of them. For several threads."""

    def __init__(self, path, most=MOST):
        self.most, self.lock = most, threading.Lock()
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")  # on disk is on disk, also when the power goes
        self.db.executescript(TABLES)
        # Numbers begin anew with a new file, and an id must never come back: so every file has a name of its own.
        self.db.execute(
            "INSERT INTO born SELECT ? WHERE NOT EXISTS (SELECT 1 FROM born)",
            (secrets.token_hex(4),),
        )
        self.tag = self.db.execute("SELECT tag FROM born").fetchone()[0]

    def put(self, event):
        """On disk when this returns. Where the queue is full the oldest makes room, and is known to be lost."""
        with self.lock, self.db:
            self.db.execute("BEGIN IMMEDIATE")
            self._make_room()
            self._put(event)

    def oldest(self, count):
        """`[(number, event), ...]`, the first to be sent."""
        with self.lock:
            rows = self.db.execute("SELECT number, event FROM waiting ORDER BY number LIMIT ?", (count,)).fetchall()
        return [(number, json.loads(text)) for number, text in rows]

    def answered(self, numbers, refused):
        """The server has them. `refused`: `{number: (code, detail)}`, kept for a person to look at."""
        with self.lock, self.db:
            self.db.execute("BEGIN IMMEDIATE")
            for number, (code, detail) in refused.items():
                self.db.execute(
                    "INSERT OR REPLACE INTO refused SELECT number, event, ?, ? FROM waiting WHERE number = ?",
                    (code, detail, number),
                )
            self.db.executemany("DELETE FROM waiting WHERE number = ?", [(number,) for number in numbers])

    def confess(self, event_of):
        """Put in what was lost as one event, `event_of(first, last)`, if anything was."""
        with self.lock, self.db:
            self.db.execute("BEGIN IMMEDIATE")
            first, last = self.db.execute("SELECT min(first), max(last) FROM lost").fetchone()
            if first is not None:
                self.db.execute("DELETE FROM lost")
                self._put(event_of(first, last))

    def __len__(self):
        with self.lock:
            return self.db.execute("SELECT count(*) FROM waiting").fetchone()[0]

    def _put(self, event):
        row = (event["occurred_at"], json.dumps(event))
        self.db.execute("INSERT INTO waiting (occurred_at, event) VALUES (?, ?)", row)

    def _make_room(self):
        over = self.db.execute("SELECT count(*) FROM waiting").fetchone()[0] - self.most + 1
        if over > 0:
            oldest = "SELECT number FROM waiting ORDER BY number LIMIT ?"
            self.db.execute(
                f"INSERT INTO lost SELECT min(occurred_at), max(occurred_at) FROM waiting WHERE number IN ({oldest})",
                (over,),
            )
            self.db.execute(f"DELETE FROM waiting WHERE number IN ({oldest})", (over,))


class Till:
    """One terminal. `say` whatever happens, whenever it happens; `run` or `flush` sends it."""

    def __init__(self, address, key, terminal, path, most=MOST):
        self.address, self.key, self.terminal = address.rstrip("/"), key, terminal
        self.queue = Queue(path, most)
        self.batch, self.wake, self.stopping = BATCH, threading.Event(), False

    def say(self, type, occurred_at=None, **fields):
        """`fields`: transaction, line, operator, data. Do not net out voids: say the scan, then say the void."""
        self.queue.put(self._event(type, occurred_at or now(), **fields))
        self.wake.set()

    def flush(self):
        """Send one batch; True while more waits. Raises OSError (try again later) or Refused (somebody must act)."""
        rows = self.queue.oldest(self.batch)
        if not rows:
            return False
        events = [{"id": f"{self.terminal}-{self.queue.tag}-{number}", **event} for number, event in rows]
        try:
            reply = self._call("pos/events", events)
        except Refused as error:
            if error.status != 413 or self.batch == 1:
                raise
            self.batch = max(1, len(rows) // 2)  # too large for the server: in smaller parts
            return True
        refused = {rows[one["index"]][0]: (one["code"], one["detail"]) for one in reply["rejected"]}
        self.queue.answered([number for number, _ in rows], refused)
        # Only now, for only now somebody listens.
        self.queue.confess(lambda first, last: self._event("gap", now(), data={"from": first, "to": last}))
        return len(self.queue) > 0

    def clock_offset_s(self, exchanges=EXCHANGES):
        """This clock minus the server's in seconds, by the exchange with the shortest way. Raises OSError, Refused."""
        return min(self._exchange() for _ in range(exchanges))[1]

    def heartbeat(self):
        """Says that the till is well, and how wrong its clock is: a silent till is then a till without customers."""
        try:
            told = {"clock_offset_s": round(self.clock_offset_s(), 3)}
        except (OSError, Refused):
            told = {}  # the server is away, but the till is not
        self.say("heartbeat", data=told)

    def run(self, heartbeat_s=HEARTBEAT_S):
        """Send until `stop`. A server that is away, or refuses the key, is tried again, ever more slowly."""
        failures, beat_at = 0, 0.0
        while not self.stopping:
            if time.monotonic() >= beat_at:
                self.heartbeat()
                beat_at = time.monotonic() + heartbeat_s
            self.wake.clear()
            try:
                more, failures = self.flush(), 0
            except (OSError, Refused) as error:
                print(f"Not sent, {len(self.queue)} wait: {error}", file=sys.stderr)
                more, failures = False, failures + 1
            if failures:
                # Not all tills of a store at the same instant, when the server is back.
                pause_s = BACKOFF_S[min(failures, len(BACKOFF_S)) - 1] * random.uniform(0.5, 1.0)
                beat_at = max(beat_at, time.monotonic() + pause_s)
                self._pause(pause_s)
            elif not more:
                self.wake.wait(max(0.0, beat_at - time.monotonic()))

    def stop(self):
        """`run` ends after what it is at; what waits is sent by the next one."""
        self.stopping = True
        self.wake.set()

    def _pause(self, pause_s):
        """Until then, or until `stop`: new events do not make a server come back sooner."""
        until = time.monotonic() + pause_s
        while not self.stopping and (left := until - time.monotonic()) > 0:
            self.wake.clear()
            self.wake.wait(left)

    def _event(self, type, occurred_at, **fields):
        return {"terminal": self.terminal, "type": type, "occurred_at": occurred_at, **fields}

    def _exchange(self):
        t1 = now()
        answer = self._call("time?" + urllib.parse.urlencode({"t1": t1}))
        t4 = instant(now())
        t1, t2, t3 = instant(t1), instant(answer["t2"]), instant(answer["t3"])
        way_s = ((t4 - t1) - (t3 - t2)).total_seconds()
        return way_s, ((t1 - t2) + (t4 - t3)).total_seconds() / 2

    def _call(self, path, body=None):
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Api-Key {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in (408, 429):
                raise  # an OSError: later
            raise Refused(error.code, error.read().decode(errors="replace")) from error
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"the answer broke off: {error!r}") from error


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def main(address, key, terminal, path="till.sqlite3"):
    till = Till(address, key, terminal, path)
    for line in sys.stdin:
        if line.strip():
            event = json.loads(line)
            till.say(event.pop("type"), event.pop("occurred_at", None), **event)
    for pause_s in (0.0, *BACKOFF_S):
        time.sleep(pause_s)
        try:
            while till.flush():
                pass
        except OSError as error:
            print(f"Not sent, {len(till.queue)} wait: {error}", file=sys.stderr)
        else:
            break
    for _, event, code, detail in till.queue.db.execute("SELECT * FROM refused"):
        print(f"refused ({code}): {detail}\n  {event}", file=sys.stderr)
    return 1 if len(till.queue) else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main(*sys.argv[1:]))
    except Refused as error:
        raise SystemExit(f"Everything still waits. {error}") from error
