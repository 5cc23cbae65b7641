"""What happens at a lane, ticket after ticket: movements for the camera, intents for the till, and the truth.

All times are seconds of true time since the script's start. A script is drawn from a seed; the same seed gives
the same shoppers. Nothing here knows a clock, a network or the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shrink.simulator.acts import Act, Visit


@dataclass(frozen=True, slots=True)
class Intent:
    """What the till is made to do at `at_s`; `ticket` is 0 outside a ticket. `data` as in the contract."""

    at_s: float
    type: str
    ticket: int = 0
    line: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """The truth about one item that was moved."""

    at_s: float
    visual: str
    scanned: bool
    ticket: int
    line: int | None
    theft: bool


@dataclass(frozen=True, slots=True)
class Ticket:
    """One shopper at one lane."""

    number: int
    start_s: float
    end_s: float
    acts: tuple[Act, ...]
    visit: Visit
    intents: tuple[Intent, ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """How shoppers and the cashier behave. Shares are per item unless said otherwise."""

    staffed: bool = True
    theft_rate: float = 0.02
    items: tuple[int, int] = (3, 12)
    pace_s: tuple[float, float] = (2.3, 3.8)
    payment_s: tuple[float, float] = (5.0, 9.0)
    oddities: float = 1.0
    """Multiplies every share of what is neither a plain sale nor unpaid."""
    opening: int = 0
    """When not 0: the first shopper pays plainly for so many items and leaves the next one unscanned."""


@dataclass(frozen=True, slots=True)
class LaneScript:
    """An endless lane: `tickets()` yields one shopper after another."""

    seed: int
    lane: int
    habits: Habits = Habits()
    start_s: float = 2.0

    def tickets(self) -> Iterator[Ticket]:
        from shrink.simulator.shoppers import shopper

        number, start_s = 1, self.start_s
        while True:
            ticket = shopper(self.seed, self.lane, number, start_s, self.habits)
            yield ticket
            number, start_s = number + 1, ticket.end_s

    def until(self, length_s: float) -> list[Ticket]:
        """The tickets that end within `length_s`."""
        found: list[Ticket] = []
        for ticket in self.tickets():
            if ticket.end_s > length_s:
                return found
            found.append(ticket)
        return found
