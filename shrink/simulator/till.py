"""A till: turns what people make it do into the POS events of the contract, on a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from shrink.simulator.script import Intent, Ticket

HEARTBEAT_S = 5.0
NETWORK_S = (0.05, 0.45)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EMPTY: dict[str, Any] = {
    "gtin": "",
    "description": "",
    "quantity": None,
    "unit_price": None,
    "amount": None,
    "entry_method": "",
    "voids_line": None,
    "reason": "",
    "approver": "",
}


@dataclass(frozen=True, slots=True)
class TillClock:
    """How a till's clock errs: shows true time + offset, drifts by `skew_ppm`, cuts to `resolution_s`."""

    offset_s: float = 0.0
    skew_ppm: float = 0.0
    resolution_s: float = 0.001

    def shows(self, start_at: datetime, at_s: float) -> datetime:
        """What the clock shows `at_s` true seconds after `start_at`."""
        shown = start_at + timedelta(seconds=at_s * (1 + self.skew_ppm * 1e-6) + self.offset_s)
        if self.resolution_s > 0:
            shown -= (shown - EPOCH) % timedelta(seconds=self.resolution_s)
        return shown


@dataclass(frozen=True, slots=True)
class PosEvent:
    """`body` is the event as posted, `send_s` when it leaves the till (true seconds since the start)."""

    send_s: float
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Till:
    """One terminal during one run. `run` makes ids unique when the same script is played again."""

    terminal: str
    start_at: datetime
    zone: tzinfo = UTC
    clock: TillClock = TillClock()
    run: str = "0"
    operator: str = "c-17"

    def transaction(self, number: int) -> str:
        """The receipt's number as printed, the same for every event of the ticket."""
        return f"{self.terminal}-{self.start_at:%Y%m%d}-{self.run}-{number:04d}"

    def events(self, ticket: Ticket) -> list[PosEvent]:
        return [self._event(intent, f"{ticket.number:05d}-{k:03d}") for k, intent in enumerate(ticket.intents)]

    def heartbeats(self, from_s: float, to_s: float) -> list[PosEvent]:
        """The heartbeats of `from_s` <= t < `to_s`."""
        first, last = int(np.ceil(from_s / HEARTBEAT_S)), int(np.ceil(to_s / HEARTBEAT_S))
        return [self._event(Intent(k * HEARTBEAT_S, "heartbeat"), f"hb-{k:06d}") for k in range(first, last)]

    def sign_on(self) -> PosEvent:
        return self._event(Intent(0.0, "operator_sign_on"), "on")

    def _event(self, intent: Intent, ident: str) -> PosEvent:
        delay = np.random.default_rng([int(intent.at_s * 1000) & 0xFFFFFFFF, len(ident)]).uniform(*NETWORK_S)
        shown = self.clock.shows(self.start_at, intent.at_s).astimezone(self.zone)
        body: dict[str, Any] = {
            "id": f"{self.terminal}-{self.run}-{ident}",
            "terminal": self.terminal,
            "type": intent.type,
            "occurred_at": shown.isoformat(timespec="milliseconds"),
        }
        if intent.ticket:
            body |= {"transaction": self.transaction(intent.ticket), "operator": self.operator}
            if intent.line is not None:
                body["line"] = intent.line
            body["data"] = EMPTY | intent.data if intent.line is not None else dict(intent.data)
        elif intent.type == "operator_sign_on":
            body["operator"] = self.operator
        return PosEvent(intent.at_s + float(delay), body)


def in_order_of_sending(*streams: list[PosEvent]) -> Iterator[PosEvent]:
    """All events of several lists, as they leave the tills."""
    yield from sorted((event for stream in streams for event in stream), key=lambda event: event.send_s)
