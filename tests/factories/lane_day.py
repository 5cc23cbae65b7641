"""What both witnesses of a lane say, as the API takes it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework.test import APIClient

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def instant(at_s: float) -> str:
    return (START + timedelta(seconds=at_s)).isoformat()


def pass_event(name: str, at_s: float, type: str = "item_pass", camera: str = "L1-top", **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "camera": camera,
        "type": type,
        "occurred_at": instant(at_s),
        "confidence": 0.93,
        "track": name,
        "path": ["belt", "scanner", "bagging"],
        "label": "item",
        "attributes": {},
    } | more


def pos_event(
    name: str, at_s: float, type: str = "scan", terminal: str = "T1", ticket: str = "K1", **data: Any
) -> dict[str, Any]:
    given = {"gtin": "04012345678901", "quantity": 1, "amount": "2.50", "entry_method": "scanned"} | data
    return {
        "id": name,
        "terminal": terminal,
        "type": type,
        "occurred_at": instant(at_s),
        "transaction": ticket,
        "data": given if type in ("scan", "return", "void") else data,
    }


@dataclass
class LaneDay:
    passes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    unpaid: list[str] = field(default_factory=list)


def lane_day(seed: int, tickets: int = 3, offset_s: float = 0.0, unpaid: float = 0.12) -> LaneDay:
    """A short day: some items unpaid, some keyed late, a quantity, a void and a rescan, a bypass."""
    rng, day, at = random.Random(seed), LaneDay(), 0.0
    for ticket in range(tickets):
        at += 40.0
        for _ in range(rng.randint(3, 8)):
            at += rng.uniform(1.8, 4.5)
            name, number = f"v{len(day.passes)}", len(day.lines)
            day.passes.append(pass_event(name, at))
            if rng.random() < unpaid:
                day.unpaid.append(name)
                continue
            keyed = rng.random() < 0.1
            late = rng.gauss(4, 1) if keyed else rng.gauss(0.25, 0.25)
            day.lines.append(
                pos_event(
                    f"p{number}",
                    at + offset_s + late,
                    ticket=f"K{ticket}",
                    entry_method="keyed" if keyed else "scanned",
                    gtin=f"{rng.randint(1, 30):014d}",
                )
            )
    day.passes.append(pass_event("by", at + 3, "item_bypass"))
    return day


def send(client: APIClient, what: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    reply = client.post(f"/api/v1/{what}/events", events, format="json")
    assert reply.status_code == 200, reply.content
    body = reply.json()
    assert body["rejected"] == []
    return body
