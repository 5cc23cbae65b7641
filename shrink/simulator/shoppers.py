"""Random shoppers: most pay for everything in plain ways, some in odd ways, a few not for everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from shrink.simulator.acts import ActKind
from shrink.simulator.catalogue import ARTICLES, BOTTLES, CHEAP, DEAR, Article
from shrink.simulator.counter import Counter
from shrink.simulator.script import Habits, Ticket


def _article(c: Counter) -> Article:
    return ARTICLES[int(c.rng.integers(len(ARTICLES)))]


def _chosen(c: Counter, articles: tuple[Article, ...]) -> Article:
    return articles[int(c.rng.integers(len(articles)))]


# -- paid ------------------------------------------------------------------------------------------------


def plain(c: Counter) -> None:
    article = _article(c)
    kind = ActKind.SLIDE if c.staffed and c.rng.random() < 0.05 else ActKind.PASS
    crossing = c.act(kind, c.pass_s() if kind is ActKind.PASS else 1.8, article)[0]
    method = "weighed" if article.weighed else "scanned"
    c.moved(crossing, line=c.line(article, c.line_s(crossing, method), method=method))


def by_hand(c: Counter) -> None:
    article = _article(c)
    method = "keyed" if c.rng.random() < 0.7 else "department"
    crossing = c.act(ActKind.PASS, c.pass_s(), article)[0]
    c.moved(crossing, line=c.line(article, c.line_s(crossing, method), method=method))


def quick(c: Counter) -> None:
    article = _article(c)
    crossing = c.act(ActKind.QUICK, float(c.rng.uniform(0.55, 0.75)), article)[0]
    c.moved(crossing, line=c.line(article, c.line_s(crossing)))


def several(c: Counter) -> None:
    """Two or three of the same, one line with a quantity."""
    article, number = _chosen(c, CHEAP), int(c.rng.integers(2, 4))
    found = []
    for _ in range(number):
        found += c.act(ActKind.PASS, float(c.rng.uniform(0.8, 1.1)), article)
        c.now_s += 0.45
    line = c.line(article, c.line_s(found[0]), quantity=number)
    for crossing in found:
        c.moved(crossing, line=line)


def pair(c: Counter) -> None:
    kind = ActKind.STACK if c.rng.random() < 0.4 else ActKind.SIDE_BY_SIDE
    first, second = _article(c), _article(c)
    found = c.act(kind, c.pass_s() + 0.3, first, second)
    at_s = c.line_s(found[0])
    for step, (crossing, article) in enumerate(zip(found, (first, second), strict=True)):
        c.moved(crossing, line=c.line(article, at_s + 0.4 * step))


def void_and_rescan(c: Counter) -> None:
    article = _article(c)
    crossing = c.act(ActKind.PASS, c.pass_s(), article)[0]
    first = c.line(article, c.line_s(crossing))
    c.void(first, article, crossing.at_s + 2.2)
    c.moved(crossing, line=c.line(article, crossing.at_s + 3.4))
    c.now_s = max(c.now_s, crossing.at_s + 3.7)


def double_scan_voided(c: Counter) -> None:
    article = _article(c)
    crossing = c.act(ActKind.PASS, c.pass_s(), article)[0]
    at_s = c.line_s(crossing)
    c.moved(crossing, line=c.line(article, at_s))
    c.void(c.line(article, at_s + 0.5), article, at_s + 2.4)


def discounted(c: Counter) -> None:
    plain(c)
    c.reduction("discount", c.now_s + 0.8, 30, "Expires today")
    c.now_s += 1.0


def returned(c: Counter) -> None:
    article = _article(c)
    start_s = c.now_s
    c.act(ActKind.RETURN, 1.5, article)
    c.handled(start_s + 1.5, line=c.line(article, start_s + 1.6, type_="return"))
    c.now_s += 2.2


def put_back(c: Counter) -> None:
    c.act(ActKind.PUT_BACK, 1.3, _article(c))
    c.handled(c.now_s)


def inquiry(c: Counter) -> None:
    article = _article(c)
    start_s = c.now_s
    c.act(ActKind.PRICE_INQUIRY, 2.2, article)
    c.intent(start_s + 1.2, "price_inquiry", gtin=article.gtin, description=article.description)
    c.handled(c.now_s)
    c.now_s += 2.2


def gesture(kind: ActKind) -> Callable[[Counter], None]:
    def move(c: Counter) -> None:
        c.act(kind, float(c.rng.uniform(1.4, 2.2)))

    return move


# -- not paid --------------------------------------------------------------------------------------------


def unscanned(c: Counter) -> None:
    c.moved(c.act(ActKind.PASS, c.pass_s(), _article(c))[0], line=None, theft=True)


def bypassed(c: Counter) -> None:
    c.moved(c.act(ActKind.BYPASS, float(c.rng.uniform(1.6, 2.2)), _article(c))[0], line=None, theft=True)


def under_trolley(c: Counter) -> None:
    c.moved(c.act(ActKind.TROLLEY, float(c.rng.uniform(3.2, 4.5)), _chosen(c, BOTTLES))[0], line=None, theft=True)


def two_for_one(c: Counter) -> None:
    kind = ActKind.STACK if c.rng.random() < 0.4 else ActKind.SIDE_BY_SIDE
    first, second = _article(c), _article(c)
    found = c.act(kind, c.pass_s() + 0.3, first, second)
    c.moved(found[0], line=c.line(first, c.line_s(found[0])))
    c.moved(found[1], line=None, theft=True)


def swapped(c: Counter) -> None:
    """A dear article passes under the code of a cheap one."""
    crossing = c.act(ActKind.PASS, c.pass_s(), _chosen(c, DEAR))[0]
    c.moved(crossing, line=c.line(_chosen(c, CHEAP), c.line_s(crossing)), theft=True)


Deed = Callable[[Counter], None]
UNPAID: tuple[tuple[Deed, float], ...] = (
    (unscanned, 0.55),
    (bypassed, 0.25),
    (two_for_one, 0.10),
    (under_trolley, 0.05),
    (swapped, 0.05),
)
ODD: tuple[tuple[Deed, float], ...] = (
    (by_hand, 0.05),
    (quick, 0.06),
    (several, 0.04),
    (pair, 0.03),
    (void_and_rescan, 0.015),
    (double_scan_voided, 0.015),
    (discounted, 0.04),
    (returned, 0.01),
    (put_back, 0.01),
    (inquiry, 0.012),
    (gesture(ActKind.EMPTY_HAND), 0.03),
    (gesture(ActKind.PURSE), 0.01),
    (gesture(ActKind.PHONE), 0.01),
    (gesture(ActKind.CHILD_ARM), 0.015),
    (gesture(ActKind.OWN_BAG), 0.02),
)


def _deed(c: Counter, habits: Habits) -> Deed:
    roll = float(c.rng.random())
    if roll < habits.theft_rate:
        names, shares = zip(*UNPAID, strict=True)
        return names[int(c.rng.choice(len(names), p=np.array(shares) / sum(shares)))]
    roll = float(c.rng.random())
    for deed, share in ODD:
        roll -= share * habits.oddities
        if roll < 0:
            return deed
    return plain


def _basket(c: Counter, habits: Habits) -> Iterator[Deed]:
    for _ in range(int(c.rng.integers(habits.items[0], habits.items[1] + 1))):
        yield _deed(c, habits)


def _opening(number: int, habits: Habits) -> list[Deed]:
    if not habits.opening or number > 1:
        return []
    return [*[plain] * habits.opening, unscanned, plain, plain]


def shopper(seed: int, lane: int, number: int, start_s: float, habits: Habits) -> Ticket:
    """The `number`-th shopper of a lane. Depends on nothing but its arguments."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, lane, number])
    counter = Counter(rng, number, start_s, staffed=habits.staffed, pace_s=habits.pace_s)
    for deed in _opening(number, habits) or _basket(counter, habits):
        deed(counter)
        counter.rest()
    if rng.random() < 0.12 * habits.oddities:
        counter.reduction("coupon", counter.now_s + 0.5, 50, "Coupon")
        counter.now_s += 1.0
    counter.pay(float(rng.uniform(*habits.payment_s)), receipt=rng.random() < 0.7, cash=rng.random() < 0.35)
    return counter.finished(child=bool(rng.random() < 0.15))
