"""The truth table: named situations, what a judge should say about each, and why.

Every row plays some plain shoppers first, so that the clocks can be told apart, then one shopper with the deed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from shrink.simulator.acts import ActKind
from shrink.simulator.catalogue import ARTICLES, BOTTLES, DEAR, Article
from shrink.simulator.counter import Counter
from shrink.simulator.script import Ticket

Deed = Callable[[Counter], None]
PLAIN = tuple(article for article in ARTICLES if not article.weighed)
WARM_UP_TICKETS, WARM_UP_ITEMS = 2, 8
LESSONS = 12
PACE_S = (2.6, 3.6)


def _named(description: str) -> Article:
    return next(article for article in ARTICLES if article.description == description)


SALMON, COLA = _named("Salmon fillet"), _named("Cola 0.33 l")
"""Dear and cheap, and unlike from above."""


@dataclass(frozen=True, slots=True)
class Row:
    """`expected`: kinds of discrepancy that must be raised for the deed, empty for none at all."""

    name: str
    deed: Deed
    expected: frozenset[str]
    reason: str
    till_silent: bool = False
    """The till is off the net while the deed happens: no events and no heartbeats."""
    taught: tuple[Article, ...] = ()
    """Articles that pass and are paid for often before, so that the store knows how they look."""


def _paid(c: Counter, kind: ActKind = ActKind.PASS, duration_s: float = 1.2, article: Article | None = None) -> None:
    article = article or PLAIN[int(c.rng.integers(len(PLAIN)))]
    crossing = c.act(kind, duration_s, article)[0]
    c.moved(crossing, line=c.line(article, c.line_s(crossing)))


def _unscanned(c: Counter) -> None:
    c.moved(c.act(ActKind.PASS, 1.2, PLAIN[int(c.rng.integers(len(PLAIN)))])[0], line=None, theft=True)


def _bypass(c: Counter) -> None:
    c.moved(c.act(ActKind.BYPASS, 1.9, PLAIN[int(c.rng.integers(len(PLAIN)))])[0], line=None, theft=True)


def _own_bag(c: Counter) -> None:
    c.act(ActKind.OWN_BAG, 2.0)


def _two_handled(c: Counter) -> None:
    first, second = DEAR[0], DEAR[1]
    found = c.act(ActKind.SIDE_BY_SIDE, 1.5, first, second)
    c.moved(found[0], line=c.line(first, c.line_s(found[0])))
    c.moved(found[1], line=None, theft=True)


def _swap(c: Counter) -> None:
    crossing = c.act(ActKind.PASS, 1.3, SALMON)[0]
    c.moved(crossing, line=c.line(COLA, c.line_s(crossing)), theft=True)


def _return_without_item(c: Counter) -> None:
    c.line(DEAR[0], c.now_s + 1.0, type_="return")
    c.now_s += 2.0


def _under_trolley(c: Counter) -> None:
    c.moved(c.act(ActKind.TROLLEY, 3.6, BOTTLES[0])[0], line=None, theft=True)


def _quick(c: Counter) -> None:
    _paid(c, ActKind.QUICK, 0.6)


NONE: frozenset[str] = frozenset()
ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        Row("normal", _paid, NONE, "an item passes and is rung up"),
        Row("bypass", _bypass, frozenset({"bypass"}), "an item goes around the scanner and no line is rung up"),
        Row("silent_till", _unscanned, frozenset({"no_scan"}), "an item passes, the till is well and says nothing"),
        Row("quick_but_paid", _quick, NONE, "an item passes very quickly and is rung up"),
        Row("own_bag", _own_bag, NONE, "the shopper's own bag passes: no item for sale"),
        Row("two_handled_one_billed", _two_handled, frozenset({"no_scan"}), "two items pass together, one line"),
        Row(
            "swap",
            _swap,
            frozenset({"item_swap"}),
            "a dear article passes under the code of a cheap one",
            taught=(COLA, SALMON),
        ),
        Row("return_without_item", _return_without_item, frozenset({"return_without_item"}), "a return, no item"),
        Row("bottle_under_trolley", _under_trolley, frozenset({"bypass"}), "a bottle leaves under the trolley"),
        Row("till_off_the_net", _paid, NONE, "the feed is down: no verdict over the gap", till_silent=True),
    )
}


def row_tickets(name: str, seed: int, *, staffed: bool = True) -> list[Ticket]:
    """The tickets of a row; the deed is in the last one. Raises KeyError for an unknown name."""
    row, found = ROWS[name], warm_up_tickets(seed, ROWS[name].taught, staffed=staffed)
    rng = np.random.default_rng([seed, sum(map(ord, name))])
    counter = Counter(rng, len(found) + 1, found[-1].end_s, staffed=staffed, pace_s=PACE_S)
    return [*found, _played(counter, [_paid, _paid, row.deed, _paid, _paid])]


def warm_up_tickets(seed: int, taught: tuple[Article, ...] = (), *, staffed: bool = True) -> list[Ticket]:
    """The plain shoppers at the beginning: the same ones in every row that teaches the same."""
    found: list[Ticket] = []
    articles = taught * (LESSONS // WARM_UP_TICKETS) if taught else (None,) * WARM_UP_ITEMS
    for number in range(1, WARM_UP_TICKETS + 1):
        start_s = found[-1].end_s if found else 2.0
        counter = Counter(np.random.default_rng([seed, number]), number, start_s, staffed=staffed, pace_s=PACE_S)
        found.append(_played(counter, [partial(_paid, article=article) for article in articles]))
    return found


def _played(c: Counter, steps: Sequence[Deed]) -> Ticket:
    for step in steps:
        step(c)
        c.rest()
    c.pay(6.0, receipt=False, cash=False)
    return c.finished()
