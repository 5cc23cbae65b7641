"""Tickets of a till, as its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

OPENING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
EACH_S = 60.0
PRICE = "2.50"


def ticket_sent(
    number: int,
    *,
    at_s: float | None = None,
    lines: int = 2,
    total: str | None = None,
    terminal: str = "T1",
    **close: Any,
) -> list[dict[str, Any]]:
    """Ticket `number` of the day: opened, so many lines, paid and closed within some seconds. `total`: as the close
    names it, else what the lines come to; `close`: more of its data."""
    begins = EACH_S * number if at_s is None else at_s
    name = f"{terminal}-20261120-{number:04d}"
    owed = total or f"{lines * 2.5:.2f}"
    told: list[tuple[str, dict[str, Any]]] = [("ticket_open", {})]
    told += [("scan", {"gtin": "04012345678901", "quantity": 1, "amount": PRICE})] * lines
    told += [("tender", {"amount": owed}), ("ticket_close", {"amount": owed} | close)]
    return [
        {
            "id": f"{name}.{place}",
            "terminal": terminal,
            "type": type_,
            "occurred_at": (OPENING + timedelta(seconds=begins + 4 * place)).isoformat(),
            "transaction": name,
            "line": place if type_ == "scan" else None,
            "data": data,
        }
        for place, (type_, data) in enumerate(told)
    ]


def day_sent(*lost: int, until: int = 20, **how: Any) -> list[dict[str, Any]]:
    """The events of tickets 1 to `until` without those `lost`."""
    return [event for number in range(1, until + 1) if number not in lost for event in ticket_sent(number, **how)]


def line_sent(number: int, line: int, type_: str = "scan", terminal: str = "T1", **data: Any) -> dict[str, Any]:
    """One more line of ticket `number`, rung before it was paid."""
    name = f"{terminal}-20261120-{number:04d}"
    return {
        "id": f"{name}.{type_}.{line}",
        "terminal": terminal,
        "type": type_,
        "occurred_at": (OPENING + timedelta(seconds=EACH_S * number + 5)).isoformat(),
        "transaction": name,
        "line": line,
        "data": {"gtin": "04012345678901", "quantity": 1, "amount": PRICE} | data,
    }
