"""How fast POS events are taken in, as a share of what the database itself can do.

    nice python -m benchmarks.pos_ingest                       # SQLite, in a throw-away directory
    DATABASE_URL=postgres://... nice python -m benchmarks.pos_ingest   # PostgreSQL, in a database of its own

Rounds of every way are interleaved and the best of each counts, so that a busy machine slows all alike. Ways:

raw     the bare statement on prepared values: executemany on SQLite, COPY on PostgreSQL
write   services.events.pos_events_record on prepared rows: idempotent, sorted, with signals
view    the whole call without a server: key, JSON, every field checked, redaction, pseudonyms, idempotent writing
http    the same over sockets, to a server process of the product (uvicorn) on the same database, four tills at once
again   the view with the same batch a second time: all duplicates
serial  the naive way, for scale: a DRF ModelSerializer with many=True, without a server
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx

from benchmarks._database import throw_away
from tests.e2e.running import answers, free_port, until

EVENTS = 20_000
SLOW_EVENTS = 500
TILLS = 4


def _batches(prefix: str, count: int, size: int) -> list[bytes]:
    start = datetime(2026, 11, 21, 8, tzinfo=UTC)
    events = [
        {
            "id": f"{prefix}-{n:07}", "terminal": "T1", "type": "scan",
            "occurred_at": (start + timedelta(seconds=n)).isoformat(),
            "transaction": f"T1-20261121-{n // 20:04}", "line": n % 20 + 1, "operator": f"c-{n % 7}",
            "data": {"gtin": f"{4012345000000 + n % 5000:014}", "description": "Olive oil 1 l", "quantity": 1,
                     "unit_price": "7.95", "amount": "7.95", "entry_method": "scanned", "voids_line": None,
                     "reason": "", "approver": ""},
        }
        for n in range(count)
    ]  # fmt: skip
    return [json.dumps(events[i : i + size]).encode() for i in range(0, count, size)]


@contextmanager
def served() -> Iterator[str]:
    """The address of a server process of its own on this process's database."""
    from django.db import connection

    settings, port = connection.settings_dict, free_port()
    where = f"sqlite:///{settings['NAME']}"
    if connection.vendor == "postgresql":
        where = f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    command = [sys.executable, "-m", "uvicorn", "shrink.asgi:application", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen([*command, "--log-level", "error"], env=os.environ | {"DATABASE_URL": where})
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(url), within_s=60, what="the server answers")
        yield url
    finally:
        process.terminate()
        process.wait()


class Ways:
    """One store with a key; each way writes ``batches`` and returns the seconds it took."""

    def __init__(self) -> None:
        from rest_framework.test import APIClient

        from pos.services.intake import intake_of
        from tests.factories.stores import key_of, small_store

        shop = small_store("BENCH")
        self.store = shop.store
        self.key = key_of(shop.store, "pos.write")
        self.client = APIClient(HTTP_AUTHORIZATION=f"Api-Key {self.key}")
        self.intake = intake_of(shop.store, datetime.now(UTC))

    def view(self, batches: list[bytes]) -> float:
        url, kind = "/api/v1/pos/events", "application/json"
        return self._timed(batches, lambda body: self.client.post(url, body, content_type=kind))

    def http(self, batches: list[bytes]) -> float:
        headers = {"Authorization": f"Api-Key {self.key}", "Content-Type": "application/json"}
        with (
            served() as url,
            httpx.Client(base_url=url, headers=headers, timeout=60) as client,
            ThreadPoolExecutor(TILLS) as tills,
        ):
            warm = [tills.submit(client.get, "/api/v1/time") for _ in range(3 * TILLS)]
            assert all(one.result().is_success for one in warm), "what is loaded once is loaded"
            post = partial(client.post, "/api/v1/pos/events")
            began = time.perf_counter()
            for answer in list(tills.map(lambda body: post(content=body), batches)):
                answer.raise_for_status()
            return time.perf_counter() - began

    def write(self, batches: list[bytes]) -> float:
        from pos.services.events import pos_events_record

        return self._timed([self._rows(b) for b in batches], lambda rows: pos_events_record(rows=rows))

    def raw(self, batches: list[bytes]) -> float:
        from django.db import connection, transaction

        from lanes.batches import sqlite_columns
        from pos.models import PosEvent
        from pos.serializers import PosEventRow

        table, names = PosEvent._meta.db_table, ", ".join(PosEventRow._fields).replace('"', "")
        names = names.replace("transaction", '"transaction"')

        def executemany(rows: list[tuple]) -> None:
            marks = ", ".join("?" * len(PosEventRow._fields))
            with transaction.atomic():
                connection.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

        def copy(rows: list[tuple]) -> None:
            into = f"COPY {table} ({names}) FROM STDIN"
            with transaction.atomic(), connection.cursor() as cursor, cursor.copy(into) as out:
                for row in rows:
                    out.write_row(row)

        prepared = [self._rows(b) for b in batches]
        if connection.vendor == "postgresql":
            return self._timed(prepared, copy)
        fields = [PosEvent._meta.get_field(name) for name in PosEventRow._fields]
        return self._timed([list(zip(*sqlite_columns(fields, rows), strict=True)) for rows in prepared], executemany)

    def serial(self, batches: list[bytes]) -> float:
        from rest_framework import serializers

        from pos.models import PosEvent

        class Naive(serializers.ModelSerializer):
            class Meta:
                model = PosEvent
                fields = "__all__"

        def save(body: bytes) -> None:
            data = [row._asdict() for row in self._rows(body)]
            for one in data:
                one |= {"store": one["store_id"], "lane": one["lane_id"], "terminal": one["terminal_id"]}
                one |= {"flags": [], "data": json.loads(one["data"])}
            naive = Naive(data=data, many=True)
            naive.is_valid(raise_exception=True)
            naive.save()

        return self._timed(batches, save)

    def _rows(self, body: bytes) -> list:
        from lanes.batches import _split, batch_read
        from pos.serializers import pos_event_decode, pos_event_row

        return batch_read(_split(body), pos_event_decode, lambda sent: pos_event_row(sent, self.intake))[0]

    @staticmethod
    def _timed(parts: list, act: Callable) -> float:
        began = time.perf_counter()
        for part in parts:
            act(part)
        return time.perf_counter() - began


def measure(rounds: int, size: int) -> dict[str, float]:
    """Events per second, the best of ``rounds``, by way."""
    from pos.models import PosEvent

    ways, best = Ways(), dict.fromkeys(("raw", "write", "view", "http", "again", "serial"), 0.0)
    for turn in range(rounds):
        for way in ("raw", "write", "view", "http", "serial"):
            count = SLOW_EVENTS if way == "serial" else EVENTS
            batches = _batches(f"{way}{turn}", count, size)
            best[way] = max(best[way], count / getattr(ways, way)(batches))
            if way == "view":
                best["again"] = max(best["again"], count / ways.view(batches))
        PosEvent.objects.all().delete()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000])
    arguments = parser.parse_args()
    with throw_away():
        from django.db import connection

        from tests.factories.stores import Store

        for size in arguments.sizes:
            best = measure(arguments.rounds, size)
            print(f"\n{connection.vendor}, {size} events a batch")
            for way, per_s in best.items():
                shares = f"{per_s / best['raw']:.3f} of raw   {per_s / best['serial']:6.1f} x serial"
                print(f"  {way:7} {per_s:9,.0f} events/s   {shares}")
            Store.objects.filter(code="BENCH").delete()


if __name__ == "__main__":
    main()
