"""A million events through the whole system: stored exactly once whatever is killed, and memory that stays flat.

    python -m benchmarks.million [--events 1000000] [--senders 4] [--embedded]

Starts `manage.py up` on PostgreSQL and Redis where they answer (on a database made for it) or on the embedded default,
and sends twice, as tills would that were cut off for a while: batches of 1 to 1,000 in shuffled order, some events
hours late, one in twenty a second time, one batch in thirty again although it had been answered; what is not answered
is sent again until it is.

killed  every few seconds a process of the system is killed (SIGKILL): workers by themselves, and the web with all its
        children, which is then started again. Afterwards the database is compared with what was sent, row by row.
steady  nothing is killed. Memory of the web (its own, shared pages divided) at every tenth of the events, and events a
        second.
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
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from benchmarks.live.__main__ import Servers, servers
from benchmarks.live.watch import Database, instant, memory_mb, processes_of
from tests.e2e.running import answers, free_port, until
from tests.repository import REPOSITORY

START = datetime(2026, 11, 20, 7, tzinfo=UTC)
TYPES = ("scan", "scan", "scan", "scan", "void", "discount", "tender", "ticket_close", "no_sale", "heartbeat")
DOUBLED, AGAIN, LATE = 0.05, 1 / 30, 0.02
WINDOW = 4_000
"""Events within which the order is shuffled; the late ones come at the very end."""
STORE = """
store: {code: S001, name: Million, timezone: Europe/Madrid, currency: EUR, country: ES}
governance: {purpose: Loss prevention at the checkout (benchmark), legal_basis: legitimate_interest,
             assessment: LIA-BENCH-01, dpia: DPIA-BENCH-01, owner: dpo@example.org}
keys: [{name: till, scopes: [pos.write]}]
lanes:
"""
Row = tuple[str, float, str, int | None, Decimal | None, str]


def event(turn: str, terminal: int, number: int) -> dict[str, Any]:
    """Event `number` of a till: always the same one."""
    kind = TYPES[(number * 7 + terminal) % len(TYPES)]
    at = START + timedelta(milliseconds=137 * number)
    cents = (number * 7919 + terminal) % 9_973 + 1
    return {
        "id": f"{turn}-{number}", "terminal": f"T{terminal}", "type": kind, "occurred_at": at.isoformat(),
        "transaction": f"T{terminal}-{turn}-{number // 25:06}", "line": number % 25, "operator": f"c-{number % 9}",
        "data": {"gtin": f"{4012345000000 + number % 5000:014}", "description": f"Article {number % 5000}",
                 "quantity": 1, "amount": f"{cents // 100}.{cents % 100:02}", "entry_method": "scanned"},
    }  # fmt: skip


def row_of(sent: dict[str, Any]) -> Row:
    at = datetime.fromisoformat(sent["occurred_at"]).timestamp()
    amount = Decimal(sent["data"]["amount"])
    return sent["type"], at, sent["transaction"], sent["line"], amount, sent["data"]["gtin"]


def batches(turn: str, terminal: int, count: int, seed: int) -> Iterator[list[int]]:
    """Numbers of events in the order of sending."""
    chance = random.Random(seed * 1000 + terminal)
    late, sent = list[int](), list[int]()
    for first in range(0, count, WINDOW):
        window = list(range(first, min(count, first + WINDOW)))
        kept = [number for number in window if chance.random() < LATE]
        late += kept
        sent = sorted(set(window) - set(kept)) + chance.choices(window, k=int(DOUBLED * len(window)))
        chance.shuffle(sent)
        yield from _cut(sent, chance)
    chance.shuffle(late)
    yield from _cut(late, chance)


def _cut(numbers: Sequence[int], chance: random.Random) -> Iterator[list[int]]:
    place = 0
    while place < len(numbers):
        size = chance.choice((1, 20, 100, 500, 1_000, 1_000, 1_000, 1_000))
        batch = list(numbers[place : place + size])
        yield batch
        if chance.random() < AGAIN:
            yield batch
        place += size


@dataclass
class House:
    """One system, that may be killed and started again where it was."""

    data_dir: Path
    servers: Servers
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    key: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return os.environ | self.servers.environment() | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)}

    def start(self) -> None:
        with (self.data_dir / "system.log").open("ab") as log:
            command = [sys.executable, "manage.py", "up"]
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env=self.environment(), stdout=log, stderr=subprocess.STDOUT
            )
        until(lambda: answers(self.url), within_s=180, what="the web answers")

    def provision(self, lanes: int) -> None:
        path = self.data_dir / "store.yaml"
        lane = "  - {{code: L{0}, kind: staffed, terminals: [{{code: T{0}, granularity: line}}]}}\n"
        path.write_text(STORE + "".join(lane.format(number) for number in range(lanes)))
        command = [sys.executable, "manage.py", "provision", str(path), "--json"]
        made = subprocess.run(
            command, cwd=REPOSITORY, env=self.environment(), capture_output=True, check=True, text=True
        )
        self.key = json.loads(made.stdout)["keys"]["till"]

    def kill_one(self, chance: random.Random) -> str:
        """A child, or every third time the web and with it all; then it is started again."""
        assert self.process is not None
        children = [pid for pid in processes_of(self.data_dir) if pid != self.process.pid]
        if children and chance.random() < 2 / 3:
            os.kill(chance.choice(children), signal.SIGKILL)
            return "child"
        self.process.kill()
        self.process.wait()
        until(lambda: not processes_of(self.data_dir), within_s=30, what="what it had started is gone")
        self.start()
        return "web"

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


@dataclass
class Tally:
    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, count: int, reply: dict[str, Any]) -> None:
        with self.lock:
            self.sent += count
            self.accepted += reply["accepted"]
            self.duplicates += reply["duplicates"]
            self.rejected += len(reply["rejected"])


def send_all(house: House, turn: str, terminal: int, count: int, seed: int, tally: Tally) -> None:
    headers = {"Authorization": f"Api-Key {house.key}", "Content-Type": "application/json"}
    with httpx.Client(base_url=house.url, headers=headers, timeout=30) as client:
        for numbers in batches(turn, terminal, count, seed):
            body = json.dumps([event(turn, terminal, number) for number in numbers]).encode()
            tally.add(len(numbers), _answered(client, body, tally))


def _answered(client: httpx.Client, body: bytes, tally: Tally) -> dict[str, Any]:
    while True:
        try:
            reply = client.post("/api/v1/pos/events", content=body)
            if reply.status_code == 200:
                return dict(reply.json())
            assert reply.status_code >= 500, reply.text
        except httpx.TransportError:
            pass
        tally.unanswered += 1
        time.sleep(0.2)  # a till waits before it tries again


def stored(database: Database, turn: str, terminal: int) -> Iterator[tuple[str, Row]]:
    sql = f"""SELECT e.external_id, e.type, e.occurred_at, e.transaction, e.line, e.amount, e.gtin FROM pos_posevent e
      JOIN lanes_terminal t ON t.id = e.terminal_id WHERE t.code = 'T{terminal}' AND e.external_id LIKE '{turn}-%'"""
    for name, kind, at, ticket, line, amount, gtin in database.rows(sql):
        yield name, (kind, instant(at), ticket, line, Decimal(str(amount)).quantize(Decimal("0.01")), gtin)


def compared(database: Database, turn: str, senders: int, each: int) -> dict[str, int]:
    """What is stored against what was sent."""
    found = {"stored": 0, "missing": 0, "doubled": 0, "different": 0, "never sent": 0}
    for terminal in range(senders):
        seen = set[str]()
        for name, row in stored(database, turn, terminal):
            number = int(name.rpartition("-")[2])
            found["stored"] += 1
            found["doubled"] += name in seen
            found["never sent"] += number >= each
            found["different"] += row != row_of(event(turn, terminal, number))
            seen.add(name)
        found["missing"] += each - len(seen)
    return found


def sent_by_all(house: House, turn: str, asked: argparse.Namespace, tally: Tally) -> list[threading.Thread]:
    each = asked.events // asked.senders
    senders = [
        threading.Thread(target=send_all, args=(house, turn, number, each, asked.seed, tally))
        for number in range(asked.senders)
    ]
    for sender in senders:
        sender.start()
    return senders


def killed(house: House, database: Database, asked: argparse.Namespace) -> None:
    tally, chance, kills = Tally(), random.Random(asked.seed), dict.fromkeys(("child", "web"), 0)
    senders = sent_by_all(house, "k", asked, tally)
    while any(sender.is_alive() for sender in senders):
        time.sleep(asked.kill_every * (0.5 + chance.random()))
        kills[house.kill_one(chance)] += 1
    found = compared(database, "k", asked.senders, asked.events // asked.senders)
    print(f"killed   {tally.sent:,} sent in all, {tally.unanswered:,} answers lost; kills: {kills}")
    print(f"         {tally.accepted:,} said new, {tally.duplicates:,} said known, {tally.rejected:,} said rejected")
    print(f"         {found}", flush=True)


def steady(house: House, asked: argparse.Namespace) -> None:
    assert house.process is not None
    tally, began, tenths = Tally(), time.monotonic(), list[float]()
    senders = sent_by_all(house, "s", asked, tally)
    while any(sender.is_alive() for sender in senders):
        if tally.sent >= len(tenths) * asked.events / 10:
            tenths.append(memory_mb(house.process.pid)[0])
        time.sleep(0.2)
    took = time.monotonic() - began
    told = " ".join(f"{mb:.0f}" for mb in tenths)
    print(
        f"steady   {tally.sent / took:,.0f} events a second, senders and all on the same cores; MB of the web: {told}"
    )
    print(f"         last of them {100 * (tenths[-1] / tenths[1] - 1):+.1f} % of the first tenth's", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--kill-every", type=float, default=8.0, help="seconds, half to one and a half times")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--embedded", action="store_true", help="SQLite and the embedded broker, whatever answers")
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        house = House(
            Path(stack.enter_context(tempfile.TemporaryDirectory())), stack.enter_context(servers(asked.embedded))
        )
        stack.callback(house.stop)
        house.start()
        house.provision(asked.senders)
        database = Database(house.servers.database, house.data_dir)
        stack.callback(database.close)
        print(f"{'PostgreSQL' if house.servers.database else 'SQLite'}, {asked.events:,} events, twice", flush=True)
        killed(house, database, asked)
        steady(house, asked)


if __name__ == "__main__":
    main()
