"""How long a till waits for an answer before it acts, as a multiple of a call that does nothing.

    nice python -m benchmarks.approvals                       # SQLite, in a throw-away directory
    DATABASE_URL=postgres://... nice python -m benchmarks.approvals   # PostgreSQL, in a database of its own

A store with 100,000 stored events, its own live policy with the shipped rules. Through the real views without a server,
the ways interleaved call by call, so that a busy machine slows all alike:

bare      an authenticated DRF view that asks the database for nothing but the key (GET time)
refund    a refund that names its original: all that a rule may look up
discount  a discount: nothing to look up but the ticket
again     the refund's id asked again: the answer that was kept
"""

import argparse
import itertools
import json
import time
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from benchmarks._database import throw_away

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
LINES = 20
URL = "/api/v1/pos/approvals"


def _fill(client: Any, events: int) -> int:
    """Tickets of 20 events, every tenth of them a refund of an earlier one; how many tickets."""
    tickets = events // LINES
    for first in range(0, tickets, 50):
        batch = [event for number in range(first, min(first + 50, tickets)) for event in _ticket(number)]
        reply = client.post("/api/v1/pos/events", json.dumps(batch), content_type="application/json").json()
        assert reply["accepted"] == len(batch), reply
    return tickets


def _ticket(number: int) -> list[dict[str, Any]]:
    back = {"original_transaction": f"T1-{number - 1:06}"} if number % 10 == 9 else {}
    lines = [_event(number, line, "return" if back and line == 1 else "scan", **back) for line in range(1, LINES - 1)]
    total = f"{1.99 * (LINES - 2 - (2 if back else 0)):.2f}"
    return [
        *lines,
        _event(number, LINES - 1, "tender", amount=total),
        _event(number, LINES, "ticket_close", amount=total),
    ]


def _event(number: int, line: int, type: str, **data: Any) -> dict[str, Any]:
    at = START + timedelta(seconds=60 * number + line)
    goods = {"gtin": f"{4012345000000 + (number * 7 + line) % 5000}", "description": f"Article {line}", "quantity": 1}
    return {
        "id": f"{number}-{line}", "terminal": "T1", "type": type, "occurred_at": at.isoformat(),
        "transaction": f"T1-{number:06}", "line": line, "operator": f"c-{number % 7}",
        "data": {"amount": "1.99", **goods, **data},
    }  # fmt: skip


def measure(calls: int, events: int) -> dict[str, list[float]]:
    """Milliseconds of every call, by way."""
    from django.utils import timezone
    from rest_framework.test import APIClient

    from pos.services.approval_rules import approval_mode_set, approval_policy_create
    from privacy.models import User
    from tests.factories.stores import key_of, small_store

    shop = small_store("BENCH")
    authorization = f"Api-Key {key_of(shop.store, 'pos.write')}"
    client = APIClient(HTTP_AUTHORIZATION=authorization)
    root, now = User.objects.create_superuser("root"), timezone.now()
    policy = approval_policy_create(actor=root, store=shop.store, now=now)
    approval_mode_set(actor=root, policy=policy, mode="live", reason="benchmark", now=now)
    tickets = _fill(client, events)
    numbers = itertools.count(1)

    def asked(type: str, **data: Any) -> dict[str, Any]:
        number = next(numbers)
        sent = _event(number * 37 % tickets, 1, type, **data)
        return sent | {"id": f"ask-{number}", "basket_total": "40.00"}

    def post(sent: dict[str, Any]) -> dict[str, Any]:
        return client.post(URL, json.dumps(sent), content_type="application/json").json()

    def refund() -> dict[str, Any]:
        original = (next(numbers) * 10 + 8) % tickets
        return asked("refund", amount="-5.00", original_transaction=f"T1-{original:06}")

    took: dict[str, list[float]] = {"bare": [], "refund": [], "discount": [], "again": []}
    failed = 0
    for _ in range(calls):
        one = refund()
        ways = [("bare", lambda: client.get("/api/v1/time").json()), ("refund", lambda one=one: post(one))]
        two = asked("discount", amount="-2.00")
        ways += [("discount", lambda two=two: post(two)), ("again", lambda one=one: post(one))]
        for way, call in ways:
            began = time.perf_counter()
            answer = call()
            took[way].append(1000 * (time.perf_counter() - began))
            failed += any("could not be checked" in reason for reason in answer.get("reasons", []))
    print(f"  answered without the rules, as there was no time: {failed} of {3 * calls}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--events", type=int, default=100_000)
    arguments = parser.parse_args()
    with throw_away():
        from django.db import connection

        print(f"\n{connection.vendor}, {arguments.events:,} stored events, {arguments.calls} calls of each way")
        took = measure(arguments.calls, arguments.events)
        base = median(took["bare"])
        for way, times in took.items():
            p95 = quantiles(times, n=20)[-1]
            shares = f"{median(times) / base:5.1f} x bare   p95 {p95 / quantiles(took['bare'], n=20)[-1]:5.1f} x bare's"
            print(f"  {way:9} p50 {median(times):6.2f} ms   p95 {p95:6.2f} ms   {shares}")


if __name__ == "__main__":
    main()
