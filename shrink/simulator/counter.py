"""One ticket in the making: every method is something people do at a checkout, with what the till and the
truth say about it."""

from __future__ import annotations

from typing import Any

import numpy as np

from shrink.simulator.acts import Act, ActKind, Look, Visit
from shrink.simulator.catalogue import Article
from shrink.simulator.choreography import Crossing, choreograph, crossings
from shrink.simulator.script import Intent, Move, Ticket

ARRIVAL_S = 5.0
"""From the shopper's arrival to the first item in a hand."""

SCAN_DELAY_S = {
    "scanned": (0.15, 0.22, -0.35, 0.8),
    "keyed": (3.6, 1.0, 1.8, 6.5),
    "weighed": (2.3, 0.7, 0.8, 4.5),
    "department": (3.6, 1.0, 1.8, 6.5),
}
"""From leaving the scanner zone to the line: mean, spread, least, most."""


def euros(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


class Counter:
    """Collects one ticket. `now_s` is when the next movement may begin."""

    def __init__(
        self, rng: np.random.Generator, number: int, start_s: float, *, staffed: bool, pace_s: tuple[float, float]
    ) -> None:
        self.rng, self.number, self.start_s, self.staffed = rng, number, start_s, staffed
        self.now_s = start_s + ARRIVAL_S
        self._pace_s = pace_s
        self._acts: list[Act] = []
        self._intents: list[Intent] = []
        self._moves: list[Move] = []
        self._lines, self._total_cents = 0, 0
        self._amounts: dict[int, int] = {}

    # -- movements -------------------------------------------------------------------------------------

    def act(self, kind: ActKind, duration_s: float, *articles: Article, start_s: float | None = None) -> list[Crossing]:
        """Perform a movement now; returns when its items crossed."""
        looks: tuple[Look, ...] = tuple(article.look for article in articles)
        begin_s = self.now_s if start_s is None else start_s
        lane_n = float(self.rng.uniform(0.40, 0.60))
        act = Act(kind, begin_s, duration_s, looks, lane_n, int(self.rng.integers(1 << 30)))
        self._acts.append(act)
        self.now_s = max(self.now_s, act.end_s)
        return crossings((act,), choreograph((act,), staffed=self.staffed))

    def rest(self, least_s: float = 0.0) -> None:
        """Until the next item is reached for; `pace_s` counts from grip to grip."""
        begun_s = self._acts[-1].start_s if self._acts else self.now_s
        self.now_s = max(self.now_s + 0.35 + least_s, begun_s + float(self.rng.uniform(*self._pace_s)))

    def pass_s(self) -> float:
        return float(self.rng.uniform(1.0, 1.5))

    # -- the till --------------------------------------------------------------------------------------

    def intent(self, at_s: float, type_: str, line: int | None = None, **data: Any) -> None:
        self._intents.append(Intent(at_s, type_, self.number, line, data))

    def line(
        self, article: Article, at_s: float, *, quantity: int = 1, method: str = "scanned", type_: str = "scan"
    ) -> int:
        """Ring something up; returns the line's number."""
        self._lines += 1
        amount, shown = article.price_cents * quantity, str(quantity)
        if article.weighed and type_ == "scan":
            grams = int(self.rng.integers(250, 1800))
            amount, shown = round(article.price_cents * grams / 1000), f"{grams / 1000:.3f}"
        if type_ == "return":
            amount = -amount
        self._total_cents += amount
        self._amounts[self._lines] = amount
        self.intent(
            at_s,
            type_,
            self._lines,
            gtin=article.gtin,
            description=article.description,
            quantity=shown,
            unit_price=euros(article.price_cents),
            amount=euros(amount),
            entry_method=method,
        )
        if method in ("keyed", "department", "weighed"):
            self.now_s = max(self.now_s, at_s + 0.3)
        return self._lines

    def line_s(self, crossing: Crossing, method: str = "scanned") -> float:
        """When the till books an item that left the scanner zone at `crossing`."""
        mean, spread, least, most = SCAN_DELAY_S[method]
        return crossing.at_s + float(np.clip(self.rng.normal(mean, spread), least, most))

    def void(self, line: int, article: Article, at_s: float) -> None:
        cents = self._amounts[line]
        self._total_cents -= cents
        self._lines += 1
        self.intent(
            at_s,
            "void",
            self._lines,
            gtin=article.gtin,
            description=article.description,
            quantity=1,
            amount=euros(-cents),
            voids_line=line,
            reason="operator",
        )
        self.now_s = max(self.now_s, at_s + 0.4)

    def reduction(self, type_: str, at_s: float, cents: int, words: str) -> None:
        self._lines += 1
        self._total_cents -= cents
        self.intent(at_s, type_, self._lines, description=words, quantity=1, amount=euros(-cents), reason=words)

    # -- the truth -------------------------------------------------------------------------------------

    def moved(self, crossing: Crossing, *, line: int | None, theft: bool = False) -> None:
        visual = "item_pass" if crossing.over_scanner else "item_bypass"
        self._moves.append(Move(crossing.at_s, visual, line is not None, self.number, line, theft))

    def handled(self, at_s: float, *, line: int | None = None, theft: bool = False) -> None:
        """An item that was moved without reaching the bagging side."""
        self._moves.append(Move(at_s, "none", line is not None, self.number, line, theft))

    # -- whole -----------------------------------------------------------------------------------------

    def pay(self, wait_s: float, *, receipt: bool, cash: bool) -> None:
        """Subtotal, tender, the receipt handed over, the ticket closed."""
        last_s = max((intent.at_s for intent in self._intents), default=self.now_s)
        start_s = max(self.now_s, last_s) + 0.8
        total = self._total_cents
        self.intent(start_s, "subtotal", amount=euros(total))
        self.intent(start_s + wait_s * 0.6, "tender", amount=euros(total), method="cash" if cash else "card")
        if cash:
            self.intent(start_s + wait_s * 0.65, "drawer_open", reason="tender")
        self.intent(start_s + wait_s * 0.7, "ticket_close", amount=euros(total))
        self.now_s = start_s + wait_s * 0.75
        if receipt:
            self.act(ActKind.RECEIPT, 1.6)
        self.now_s = max(self.now_s, start_s + wait_s) + 1.5

    def finished(self, *, child: bool = False) -> Ticket:
        opened = min((i.at_s for i in self._intents if i.type in ("scan", "return")), default=self.start_s + ARRIVAL_S)
        self.intent(opened - 0.3, "ticket_open")
        intents = sorted(self._intents, key=lambda intent: intent.at_s)
        visit = Visit(self.start_s, self.now_s + 1.2, int(self.rng.integers(1 << 20)), with_child=child)
        return Ticket(
            self.number,
            self.start_s,
            self.now_s,
            tuple(self._acts),
            visit,
            tuple(intents),
            tuple(sorted(self._moves, key=lambda move: move.at_s)),
        )
