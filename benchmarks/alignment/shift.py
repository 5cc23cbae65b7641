"""A lane's opening hours: customers come with the rhythm of the day, wait, are served and pay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.alignment.cashier import Cashier
from benchmarks.alignment.records import Ticket

Deeds = list[Callable[[Ticket], object]]
OPENS_S, TOTAL_S = 0.3, 0.8
"""From the opening of the ticket to its first entry; from its last event to the subtotal."""
REACH_S = (0.5, 3.0)
PEAKS_H = ((3.0, 1.0), (7.0, 1.3))
"""Hours after opening with most customers, and how wide; on top of a steady trickle."""


def demand(hour: float) -> float:
    """Customers by hour after opening, about 1 on average over eight hours."""
    return 0.55 + sum(0.75 * float(np.exp(-0.5 * ((hour - peak) / width) ** 2)) for peak, width in PEAKS_H)


class Shift:
    """Serves everyone who comes within `hours`. `rng` decides when."""

    def __init__(self, cashier: Cashier, rng: np.random.Generator, hours: float) -> None:
        self.cashier, self._hours = cashier, hours
        self._level, self._rng = cashier.level, rng
        self._tickets = 0
        self.busy: list[tuple[float, float]] = []

    def run(self) -> None:
        arrivals, handovers = self._arrivals(), self._handovers()
        for place, arrived in enumerate(arrivals):
            if self.cashier.now > self._hours * 3600:
                return
            self.cashier.now = max(self.cashier.now + 1.0, arrived)
            if handovers and self.cashier.now > handovers[0]:
                handovers.pop(0)
                self._hand_over()
            waiting = place + 1 < len(arrivals) and arrivals[place + 1] < self.cashier.now + 60
            self._serve(waiting)

    def _arrivals(self) -> list[float]:
        """A Poisson process, thinned by the rhythm of the day."""
        per_s = self._level.items_per_hour / self._level.basket_mean / 3600
        most, now = 1.6, 0.0
        found: list[float] = []
        while True:
            now += float(self._rng.exponential(1 / (per_s * most)))
            if now > self._hours * 3600:
                return found
            if self._rng.random() < demand(now / 3600) / most:
                found.append(now)

    def _handovers(self) -> list[float]:
        number = self._rng.poisson(self._level.handovers * self._hours / 8)
        return sorted(float(at) for at in self._rng.uniform(0, self._hours * 3600, number))

    def _hand_over(self) -> None:
        cashier = self.cashier
        cashier.enter(None, "operator_sign_off", cashier.now, "ticket")
        cashier.now += cashier.between((40, 150))
        cashier.take_over()
        cashier.enter(None, "operator_sign_on", cashier.now, "ticket")
        cashier.now += cashier.between((5, 20))

    # -- customers ---------------------------------------------------------------------------------------

    def _serve(self, waiting: bool) -> None:
        began = self.cashier.now
        ticket, deeds = self._customer()
        if len(deeds) > 3 and self.cashier.chance(self._level.suspended):
            self._with_interruption(ticket, deeds)
        elif waiting and len(deeds) > 3 and self.cashier.chance(self._level.interleaved):
            self._by_turns(ticket, deeds)
        else:
            self._do(ticket, deeds)
            self._settle(ticket)
        self.busy.append((began, self.cashier.now))

    def _customer(self) -> tuple[Ticket, Deeds]:
        """Baskets are geometric mixed with size: many small, a few full trolleys."""
        self._tickets += 1
        self.cashier.meet(self._tickets)
        mean, rng = self._level.basket_mean - 1, self.cashier.rng
        items = 1 + int(rng.poisson(rng.gamma(1.2, mean / 1.2)))
        self.cashier.now += self.cashier.between(REACH_S)
        return Ticket(self._tickets), self.cashier.basket(items)

    def _do(self, ticket: Ticket, deeds: Deeds) -> None:
        for deed in deeds:
            deed(ticket)

    def _with_interruption(self, ticket: Ticket, deeds: Deeds) -> None:
        """The sale is parked, somebody else is served, the sale goes on."""
        cut = int(self.cashier.rng.integers(2, len(deeds)))
        self._do(ticket, deeds[:cut])
        self._park(ticket, "ticket_suspend")
        other, others = self._customer()
        self._do(other, others)
        self._settle(other)
        self._park(ticket, "ticket_resume")
        self._do(ticket, deeds[cut:])
        self._settle(ticket)

    def _by_turns(self, ticket: Ticket, deeds: Deeds) -> None:
        """Two customers at once: the till changes between their tickets every few items."""
        other, others = self._customer()
        turn: list[tuple[Ticket, Deeds]] = [(ticket, deeds), (other, others)]
        while turn:
            now, left = turn.pop(0)
            few = int(self.cashier.rng.integers(1, 5))
            self._do(now, left[:few])
            if left[few:]:
                turn.append((now, left[few:]))
            else:
                self._settle(now)

    def _park(self, ticket: Ticket, type_: str) -> None:
        cashier = self.cashier
        cashier.now = max(cashier.now, ticket.last_at) + cashier.between((0.5, 3.0))
        cashier.enter(ticket, type_, cashier.now, "ticket")
        cashier.now += cashier.between((1.0, 5.0))

    def _settle(self, ticket: Ticket) -> None:
        """Coupons, total, payment. A customer of whom the till has not heard just leaves."""
        cashier = self.cashier
        if ticket.first_at == float("inf"):
            return
        cashier.enter(ticket, "ticket_open", ticket.first_at - OPENS_S, "ticket")
        cashier.now = max(cashier.now, ticket.last_at) + TOTAL_S + cashier.between((0.0, 2.0))
        for _ in range(int(cashier.rng.poisson(self._level.coupons))):
            cashier.now += cashier.between((0.6, 2.0))
            cashier.enter(ticket, "coupon", cashier.now, "extra", cents=-50, description="Coupon")
        if cashier.chance(self._level.fees):
            cashier.now += cashier.between((0.5, 2.0))
            cashier.enter(ticket, "non_merchandise", cashier.now, "extra", cents=15, description="Carrier bag")
        wait = max(8.0, float(cashier.rng.gamma(4.0, self._level.customer_s / 4.0)))
        for type_, share in (("subtotal", 0.05), ("tender", 0.6), ("ticket_close", 0.75)):
            cashier.enter(ticket, type_, cashier.now + share * wait, "ticket")
        cashier.now += wait
