"""One cashier at work: moves goods, makes entries, takes time. Each method is one deed and advances `now`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.alignment.catalogue import Catalogue, item_lab
from benchmarks.alignment.level import Law, Level
from benchmarks.alignment.records import Entry, Item, Motion, Ticket

CASHIER = 1
"""Keeps this stream of chances apart from those of the store and the clocks."""
SLOW = ("weighed", "keyed", "department")
LEAST_PACE_S = 0.35
RETRY_S = (1.2, 2.5)
UNIT_S, STAFF_PACE_S = (0.5, 1.4), 2.8
"""Between units of one quantity line, at the pace of staff."""
QUICK_STOLEN_S, QUICK_PAID_S = (0.12, 0.6), (0.3, 0.9)
DELAY_LEAST_S = {"scanned": -0.7, "weighed": 0.4, "keyed": 0.8, "department": 0.8}
DELAY_MOST_SD = 4.0
BAGGED_EARLY_S, BAGGED_LATE_S = (1.5, 6.0), (2.5, 10.0)
SAME_AGAIN = 0.1
"""How often the next item is of the same article."""


class Cashier:
    """Keeps what happened in `motions`, `entries` and `items`. Times are true seconds since opening.

    Every customer brings chances of their own, drawn from seed and number: levels of one seed share most of a day.
    """

    def __init__(self, level: Level, seed: int, catalogue: Catalogue) -> None:
        self.level, self._seed, self._catalogue = level, seed, catalogue
        self.rng = np.random.default_rng([seed, CASHIER])
        self.now = 0.0
        self.motions: list[Motion] = []
        self.entries: list[Entry] = []
        self.items: list[Item] = []
        self._hurry: tuple[float, float] | None = None
        self.take_over()

    def take_over(self) -> None:
        """Another person sits down, with a pace and a hand of their own."""
        self._pace = float(np.exp(self.rng.normal(0, self.level.operator_pace_sd)))
        self._hand_s = float(self.rng.normal(0, self.level.operator_delay_sd))

    def meet(self, customer: int) -> None:
        self.rng = np.random.default_rng([self._seed, CASHIER, customer])

    def chance(self, rate: float) -> bool:
        return bool(self.rng.random() < rate)

    def between(self, span: tuple[float, float]) -> float:
        return float(self.rng.uniform(*span))

    # -- the parts of a deed -----------------------------------------------------------------------------

    def step(self) -> None:
        """On to the next item: a gamma-distributed pace, or at once where it is in the same hand."""
        if self._hurry:
            self.now += self.between(self._hurry)
            self._hurry = None
            return
        shape = 1 / self.level.pace_cv**2
        self.now += max(LEAST_PACE_S, self._pace * float(self.rng.gamma(shape, self.level.pace_s / shape)))

    def item(self, stolen: bool = False) -> Item:
        again = self.items and self.chance(SAME_AGAIN)
        article = self.items[-1].article if again else self._catalogue.draw(self.rng)
        made = Item(f"i{len(self.items):05d}", article, item_lab(self.rng, article), stolen=stolen)
        self.items.append(made)
        return made

    def move(self, cause: str, item: Item | None = None, **more: object) -> Motion:
        """Something crosses now."""
        motion = Motion(self.now, cause, self._luck(), item, **more)  # type: ignore[arg-type]
        if item:
            item.at = item.at or self.now
        self.motions.append(motion)
        return motion

    def _luck(self) -> int:
        return int(self.rng.integers(2**31))

    def enter(self, ticket: Ticket | None, type_: str, at: float, cause: str, **more: object) -> Entry:
        entry = Entry(at, type_, ticket, cause, **more)  # type: ignore[arg-type]
        self.entries.append(entry)
        if ticket:
            ticket.last_at, ticket.first_at = max(ticket.last_at, at, self.now), min(ticket.first_at, at)
        return entry

    def delay(self, method: str) -> float:
        """From leaving the scanner to the line: the law of the entry, cut where it would make no sense."""
        laws: dict[str, Law] = {"scanned": self.level.scan_delay, "weighed": self.level.weighed_delay}
        mean, sd = laws.get(method, self.level.keyed_delay)
        if self.chance(self.level.outliers):
            return max(DELAY_LEAST_S[method] - 2.0, float(self.rng.normal(mean, self.level.outlier_sd)))
        drawn = float(self.rng.normal(mean + self._hand_s, sd))
        return float(np.clip(drawn, DELAY_LEAST_S[method], mean + DELAY_MOST_SD * sd))

    def method(self) -> str:
        roll = self.rng.random()
        for name in SLOW:
            roll -= getattr(self.level, name)
            if roll < 0:
                return name
        return "scanned"

    def pay(self, ticket: Ticket, motion: Motion, at: float | None = None, method: str | None = None) -> Entry:
        """The line for one motion; the cashier may wait for a slow one."""
        assert motion.item
        method = method or self.method()
        at = motion.at + self.delay(method) if at is None else at
        article, quantity = motion.item.article, 1.0
        if method == "weighed":
            quantity = round(self.between((0.15, 1.6)), 3)
        cents = max(1, round(article.cents * quantity))
        entry = self.enter(
            ticket, "scan", at, "passed", article=article, quantity=quantity, cents=cents, method=method,
            expects=[motion],
        )  # fmt: skip
        motion.paid_by = entry
        if method in SLOW and self.chance(self.level.serial_share):
            self.now = max(self.now, at)
        return entry

    # -- deeds with goods --------------------------------------------------------------------------------

    def sell(self, ticket: Ticket) -> Entry:
        if self._hurry is None and self.chance(self.level.quick_paid):
            self._hurry = QUICK_PAID_S
        self.step()
        item = self.item()
        method = self.method()
        if method == "scanned" and self.chance(self.level.retries):
            self._try_again(item)
        return self.pay(ticket, self.move("paid", item), method=method)

    def _try_again(self, item: Item) -> None:
        """It crosses, nothing beeps, it goes back; now and then more than once."""
        self.move("retry", item)
        self.now += self.between(RETRY_S)
        if self.chance(self.level.second_retry):
            self.move("retry", item)
            self.now += self.between(RETRY_S)

    def steal(self, ticket: Ticket) -> None:
        """Moved like any other item, some in one hand with the one before or after."""
        quick = self.chance(self.level.quick_stolen)
        follows = quick and self.chance(0.5)
        if follows:
            self._hurry = QUICK_STOLEN_S
        self.step()
        self.move("no_scan", self.item(stolen=True))
        ticket.last_at = max(ticket.last_at, self.now)
        if quick and not follows:
            self._hurry = QUICK_STOLEN_S

    def sell_several(self, ticket: Ticket) -> None:
        """One line for k of an article. The scanned one crosses; the others do or stay where they are."""
        self.step()
        first, units = self.item(), int(self.rng.integers(2, 6))
        seen = 1 + int(self.rng.binomial(units - 1, self.level.quantity_seen))
        scanned, crossed = int(self.rng.integers(seen)), []
        for place in range(seen):
            if place:
                self.now += self.between(UNIT_S) * float(np.sqrt(self.level.pace_s / STAFF_PACE_S))
            item = first if not place else Item(f"{first.name}-{place}", first.article, first.lab)
            if place:
                self.items.append(item)
            crossed.append(self.move("paid", item))
        self._quantity_line(ticket, crossed, scanned, units)

    def _quantity_line(self, ticket: Ticket, crossed: list[Motion], scanned: int, units: int) -> None:
        change = self.chance(self.level.quantity_change)
        entry = self.pay(ticket, crossed[scanned], method="scanned")
        assert entry.cents is not None
        entry.expects = crossed
        for motion in crossed:
            motion.paid_by = entry
        if change:
            at = max(entry.at, self.now) + self.between((0.6, 2.5))
            self.enter(
                ticket, "quantity_change", at, "soft", article=entry.article, quantity=float(units),
                cents=entry.cents * units, method="keyed", changes=entry,
            )  # fmt: skip
        else:
            entry.quantity, entry.cents = float(units), entry.cents * units

    def sell_bagged(self, ticket: Ticket) -> None:
        """Bagged before it is scanned, or scanned and bagged much later: pass and line lie apart."""
        self.step()
        motion = self.move("paid", self.item())
        late = self.chance(0.5)
        apart = self.between(BAGGED_LATE_S) if late else -self.between(BAGGED_EARLY_S)
        self.pay(ticket, motion, at=motion.at + apart, method="scanned")

    def void_and_rescan(self, ticket: Ticket) -> None:
        """Voided and entered again: half the time the item crosses again, else its code is keyed."""
        entry = self.sell(ticket)
        motion = entry.expects[0]
        void_at = max(entry.at, self.now) + self.between((1.0, 3.5))
        self._void(ticket, entry, void_at)
        self.now = max(self.now, void_at)
        if self.chance(0.5):
            self.now += self.between((0.8, 2.0))
            self.pay(ticket, self.move("paid", motion.item), method="scanned")
            return
        self.enter(
            ticket, "scan", void_at + self.between((1.0, 4.0)), "soft", article=entry.article, cents=entry.cents,
            method="keyed", quantity=entry.quantity,
        )  # fmt: skip

    def sell_and_void(self, ticket: Ticket) -> None:
        """The customer does not want it after all; it goes back, seen or not."""
        entry = self.sell(ticket)
        at = max(entry.at, self.now) + self.between((1.5, 8.0))
        self._void(ticket, entry, at)
        self.now = max(self.now, at - 1.0)
        if self.chance(0.5):
            self.now = at + self.between((0.2, 1.5))
            self.move("return", entry.expects[0].item, type="item_return")

    def _void(self, ticket: Ticket, entry: Entry, at: float) -> None:
        self.enter(
            ticket, "void", at, "void", article=entry.article, quantity=entry.quantity,
            cents=-(entry.cents or 0), voids=entry,
        )  # fmt: skip

    # -- deeds that sell nothing -------------------------------------------------------------------------

    def _handled(self, cause: str, types: tuple[str, ...], shares: tuple[float, ...]) -> Item:
        """Goods shown, not sold: the camera calls it what it looks like, or does not see it ('')."""
        self.step()
        article = self._catalogue.draw(self.rng)
        item = Item("", article, item_lab(self.rng, article))
        type_ = str(self.rng.choice(types, p=shares))
        if type_:
            self.motions.append(Motion(self.now, cause, self._luck(), item, type_))
        return item

    def inquire(self, ticket: Ticket) -> None:
        item = self._handled("price_inquiry", ("item_presented", "item_pass", ""), (0.5, 0.4, 0.1))
        if self.chance(0.7):
            at = self.now + self.delay("scanned") - self.between((0.0, 0.5))
            self.enter(ticket, "price_inquiry", at, "inquiry", article=item.article)

    def put_back(self, ticket: Ticket) -> None:
        """The customer decides against it at the scanner."""
        self._handled("put_back", ("item_pass", "item_presented", "item_return"), (0.5, 0.25, 0.25))

    def take_back(self, ticket: Ticket) -> None:
        """A return: goods come in, money goes out."""
        types, shares = ("item_return", "item_presented", "item_pass", ""), (0.45, 0.2, 0.15, 0.2)
        article = self._handled("return", types, shares).article
        type_ = "return" if self.chance(0.7) else "refund"
        at = self.now + self.delay("scanned") + self.between((0.3, 2.5))
        self.enter(ticket, type_, at, "returned", article=article, cents=-article.cents, method="scanned")
        self.now = max(self.now, at)

    def wave(self, ticket: Ticket) -> None:
        """The customer's own bag, a purse, a sleeve: it takes no time from the cashier."""
        at = self.now + self.between((0.1, self.level.pace_s))
        self.motions.append(Motion(at, "own_bag", self._luck(), doubtful=True))

    def book_nothing(self, ticket: Ticket) -> None:
        """An entry without goods: a code keyed by mistake, a service, a card."""
        article = self._catalogue.draw(self.rng)
        at = self.now + self.between((0.5, 2.0))
        self.enter(ticket, "scan", at, "extra", article=article, cents=article.cents, method="keyed")

    def basket(self, items: int) -> list[Callable[[Ticket], object]]:
        """The deeds of one customer, in order."""
        level = self.level
        asides = ((level.price_inquiries, self.inquire), (level.put_back, self.put_back), (level.own_bag, self.wave),
                  (level.no_goods, self.book_nothing))  # fmt: skip
        ways = ((level.quantity, self.sell_several), (level.bagged_before, self.sell_bagged),
                (level.void_rescan, self.void_and_rescan), (level.voids, self.sell_and_void))  # fmt: skip
        deeds: list[Callable[[Ticket], object]] = []
        if self.chance(level.returns):
            deeds.append(self.take_back)
        for _ in range(items):
            deeds += [aside for rate, aside in asides if self.chance(rate)]
            deeds.append(self._way(ways))
        return deeds

    def _way(self, ways: tuple[tuple[float, Callable[[Ticket], object]], ...]) -> Callable[[Ticket], object]:
        """Always two draws: who steals does not depend on the other rates."""
        unpaid, roll = self.chance(self.level.no_scan), float(self.rng.random())
        if unpaid:
            return self.steal
        for rate, way in ways:
            roll -= rate
            if roll < 0:
                return way
        return self.sell
