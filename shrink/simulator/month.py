"""A month at a store's tills as counts: cashiers who differ in honest ways, and a few with a scheme of their own.

Every ticket is drawn with its cashier, lane, hour and lines; what happens on it depends on all of them, on how new the
cashier is, and on habits of their own. Schemes only add to that. Weekdays, bursts of voids and hours inside a band are
in the tickets but not in the strata: whoever compares has to live with it. Seeded; the truth is kept apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAYS = 28
LANES = ("staffed", "self_checkout", "service")
BANDS = ((6, 9, "06-09"), (9, 13, "09-13"), (13, 17, "13-17"), (17, 21, "17-21"), (21, 24, "21-24"))
BASKETS = ("small", "medium", "large")
BASKET_LINES = (8, 25)
"""Up to so many lines a basket is small, or medium."""
TICKETS_AN_HOUR = {"staffed": 22.0, "self_checkout": 55.0, "service": 9.0}
LINES_A_TICKET = {"staffed": 13.0, "self_checkout": 5.0, "service": 2.5}
DEMAND = {6: 0.3, 7: 0.5, 8: 0.7, 9: 0.9, 10: 1.0, 11: 1.1, 12: 1.1, 13: 0.9, 14: 0.8, 15: 0.9, 16: 1.1, 17: 1.3}
DEMAND |= {18: 1.3, 19: 1.1, 20: 0.8, 21: 0.5, 22: 0.35, 23: 0.25}

PER_LINE = ("void", "price_override", "discount")
PER_TICKET = ("refund", "ticket_void", "ticket_cancel")
RATES: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {  # at LANES, per line, per ticket, or per hour
        "void": (0.006, 0.010, 0.003),
        "price_override": (0.0012, 0.0004, 0.006),
        "discount": (0.002, 0.004, 0.002),
        "refund": (0.002, 0.0004, 0.13),
        "ticket_void": (0.0008, 0.0003, 0.004),
        "ticket_cancel": (0.002, 0.007, 0.003),
        "no_sale": (0.12, 0.02, 0.5),
    }
)
BY_BAND: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "void": (0.8, 1.0, 1.0, 1.2, 1.4),
        "price_override": (0.5, 0.8, 1.0, 1.6, 2.5),  # fresh goods are marked down in the evening
        "discount": (0.4, 0.7, 1.0, 1.8, 3.0),
        "refund": (0.6, 1.2, 1.1, 1.0, 0.6),
        "ticket_void": (0.8, 1.0, 1.0, 1.1, 1.3),
        "ticket_cancel": (0.8, 1.0, 1.0, 1.1, 1.5),
        "no_sale": (2.5, 0.8, 0.8, 1.0, 2.2),  # the float is counted in and out
    }
)
BY_BASKET: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"void": (0.7, 1.0, 1.4), "refund": (1.3, 0.8, 0.6), "ticket_cancel": (1.2, 0.9, 0.8)}
)
HABITS = {"void": 0.3, "price_override": 0.4, "discount": 0.3, "refund": 0.25}
HABITS |= {"ticket_void": 0.3, "ticket_cancel": 0.3, "no_sale": 0.4}
"""How much honest cashiers differ, standard deviation of a gamma-distributed factor."""
NEWNESS = 0.4, 1.6
"""Not all who are new are equally at a loss: between these times what WHEN_NEW adds."""
WHEN_NEW = {"void": 1.8, "ticket_void": 1.8, "ticket_cancel": 1.4, "no_sale": 1.4}
BURST = 0.25
"""Further voids that a void brings with it on average: a muddled basket."""

SCHEMES: Mapping[str, tuple[str, float, tuple[int, int]]] = MappingProxyType(
    {  # what it shows as; how much of the boldness, in acts a shift; lines an act
        "refund fraud": ("refund", 1.0, (1, 1)),
        "sweethearting by price": ("price_override", 0.7, (1, 5)),
        "sweethearting by discount": ("discount", 0.9, (1, 6)),
        "no-sale theft": ("no_sale", 1.0, (1, 1)),
        "post-void": ("ticket_void", 0.6, (1, 1)),
    }
)
BOLDNESS = 0.5, 5.0
"""Acts a shift, from hardly to be seen to reckless, even in the logarithm. Nobody knows what is usual: whatever is
found depends on this, so it is told by boldness."""


@dataclass(frozen=True, slots=True)
class Cashier:
    """speed: tickets against the usual. shifts: a week. starts: usual first hour. lanes: shares of shifts at LANES.
    habits: factor on what honestly happens, by kind. scheme: name, or "". boldness: its acts a shift."""

    pseudonym: str
    speed: float
    new: bool
    shifts: float
    hours: int
    starts: int
    lanes: tuple[float, float, float]
    habits: Mapping[str, float]
    scheme: str = ""
    boldness: float = 0.0

    @property
    def sort(self) -> str:
        """For whom scores had better be fair: one word for each."""
        if self.new:
            return "new"
        if self.speed < 0.8:
            return "slow"
        if max(self.lanes[1:]) > 0.5:
            return "service desk" if self.lanes[2] > 0.5 else "self-checkout"
        if self.starts >= 16:
            return "evening"
        return "busy" if self.shifts * self.hours > 30 else "other"


@dataclass(frozen=True, slots=True)
class TillRow:
    """What the tills tell of one cashier at one kind of lane, in one band of the day, with one kind of basket ("" where
    it is about hours). exposure: tickets, lines or hours; counts: by kind."""

    operator: str
    lane: str
    hours: str
    basket: str
    exposure: Mapping[str, float]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """`rows` is what a till tells, `sorts` who signed on for the first time of late. The rest is for judges only.

    truth: pseudonym and kind of each scheme. means: for each pseudonym and kind, how many an ordinary cashier of the
    same sort would have on average on the same tickets, and how many this one has, schemes apart.
    """

    rows: tuple[TillRow, ...]
    sorts: Mapping[str, str]
    cashiers: tuple[Cashier, ...]
    truth: frozenset[tuple[str, str]]
    means: Mapping[tuple[str, str], tuple[float, float]]


def month(seed: int, cashiers: int = 48, schemes: int = 3) -> Month:
    """A month of one store; the same seed, the same month."""
    rng = np.random.default_rng([seed, 20_261_122])
    crew = _crew(rng, cashiers, schemes)
    means: dict[tuple[str, str], tuple[float, float]] = {}
    rows = [row for cashier in crew for row in _worked(rng, cashier, means)]
    truth = frozenset((c.pseudonym, SCHEMES[c.scheme][0]) for c in crew if c.scheme)
    return Month(tuple(rows), {c.pseudonym: "new" for c in crew if c.new}, tuple(crew), truth, means)


def _crew(rng: np.random.Generator, cashiers: int, schemes: int) -> list[Cashier]:
    names = rng.permutation(10 * cashiers)[:cashiers]
    planted = dict(
        zip(
            rng.permutation(cashiers)[:schemes].tolist(),
            rng.choice(list(SCHEMES), schemes, replace=schemes > len(SCHEMES)).tolist(),
            strict=True,
        )
    )
    crew = []
    for k in range(cashiers):
        kind = rng.choice(["floor", "floor", "floor", "floor", "evening", "kiosk", "desk"])
        new = bool(rng.random() < 0.15)
        loss = float(rng.uniform(*NEWNESS)) if new else 0.0
        habits = {
            name: float(rng.gamma(1 / sd**2, sd**2)) * (1.0 + loss * (WHEN_NEW.get(name, 1.0) - 1.0))
            for name, sd in HABITS.items()
        }
        crew.append(
            Cashier(
                pseudonym=f"c-{names[k]:04d}",
                speed=float(np.clip(rng.lognormal(0.0, 0.15), 0.6, 1.5)) * (0.75 if new else 1.0),
                new=new,
                shifts=float(rng.choice([2.0, 3.0, 4.0, 5.0, 5.5])),
                hours=int(rng.integers(4, 9)),
                starts=int(rng.integers(16, 20)) if kind == "evening" else int(rng.integers(6, 15)),
                lanes={"kiosk": (0.2, 0.8, 0.0), "desk": (0.15, 0.0, 0.85)}.get(str(kind), (0.85, 0.12, 0.03)),
                habits=habits,
                scheme=planted.get(k, ""),
                boldness=float(np.exp(rng.uniform(*np.log(BOLDNESS)))) if k in planted else 0.0,
            )
        )
    return crew


@dataclass(frozen=True, slots=True)
class _Hours:
    """A cashier's hours at a till: all [hours]."""

    shift: Ints
    lane: Ints
    hour: Ints
    weekend: NDArray[np.bool_]

    @property
    def band(self) -> Ints:
        return np.searchsorted([start for start, _, _ in BANDS], self.hour, side="right") - 1


def _hours_of(rng: np.random.Generator, cashier: Cashier) -> _Hours:
    days = np.flatnonzero(rng.random(DAYS) < cashier.shifts / 7)
    shift: list[int] = []
    lane: list[int] = []
    hour: list[int] = []
    weekend: list[bool] = []
    for number, day in enumerate(days.tolist()):
        first = int(np.clip(cashier.starts + rng.integers(-1, 3), 6, 24 - 3))
        last = min(first + cashier.hours, 24)
        at = int(rng.choice(len(LANES), p=cashier.lanes))
        shift += [number] * (last - first)
        lane += [at] * (last - first)
        hour += range(first, last)
        weekend += [day % 7 >= 5] * (last - first)
    return _Hours(
        np.array(shift, dtype=np.int64),
        np.array(lane, dtype=np.int64),
        np.array(hour, dtype=np.int64),
        np.array(weekend, dtype=bool),
    )


def _worked(
    rng: np.random.Generator, cashier: Cashier, means: dict[tuple[str, str], tuple[float, float]]
) -> list[TillRow]:
    """What the tills tell of one cashier; notes in `means` what is to be expected in truth."""
    hours = _hours_of(rng, cashier)
    if not len(hours.hour):
        return []
    demand = np.array([DEMAND[hour] for hour in hours.hour.tolist()]) * np.where(hours.weekend, 1.25, 1.0)
    rate = np.array([TICKETS_AN_HOUR[lane] for lane in LANES])[hours.lane] * demand
    # Nobody but shoppers makes self-checkout faster.
    tickets = rng.poisson(rate * np.where(hours.lane == 1, 1.0, cashier.speed))
    of = np.repeat(np.arange(len(tickets)), tickets)
    lane, band = hours.lane[of], hours.band[of]
    size = np.array([LINES_A_TICKET[name] for name in LANES])[lane] * np.where(hours.weekend[of], 1.3, 1.0)
    lines = 1 + rng.poisson(size * rng.gamma(1.5, 1 / 1.5, len(of)))
    basket = np.searchsorted(BASKET_LINES, lines)
    rates = _rates(lane, band, basket, lines, hours.weekend[of])
    counts = {kind: rng.poisson(rate * cashier.habits[kind]) for kind, rate in rates.items()}
    counts["void"] = counts["void"] + rng.poisson(BURST * counts["void"])
    rates["void"] *= 1.0 + BURST
    rates["no_sale"] = np.array(RATES["no_sale"])[hours.lane] * np.array(BY_BAND["no_sale"])[hours.band]
    drawers = rng.poisson(rates["no_sale"] * cashier.habits["no_sale"])
    for kind, rate in rates.items():
        usual = WHEN_NEW.get(kind, 1.0) if cashier.new else 1.0
        total = float(rate.sum())
        means[cashier.pseudonym, kind] = (total * usual, total * cashier.habits[kind])
    _scheme(rng, cashier, hours, of, counts, drawers)
    return _ticket_rows(cashier, lane, band, basket, lines, counts) + _hour_rows(cashier, hours, drawers)


def _rates(lane: Ints, band: Ints, basket: Ints, lines: Ints, weekend: NDArray[np.bool_]) -> dict[str, Floats]:
    """How often it honestly happens on each ticket on average, by kind [tickets]."""
    found: dict[str, Floats] = {}
    for kind in (*PER_LINE, *PER_TICKET):
        rate: Floats = np.array(RATES[kind])[lane] * np.array(BY_BAND[kind])[band]
        rate = rate * np.array(BY_BASKET.get(kind, (1.0, 1.0, 1.0)))[basket] * (lines if kind in PER_LINE else 1)
        if kind == "refund":
            rate = rate * np.where(weekend, 0.7, 1.15)
        found[kind] = rate
    return found


def _scheme(
    rng: np.random.Generator, cashier: Cashier, hours: _Hours, of: Ints, counts: dict[str, Ints], drawers: Ints
) -> None:
    """Adds the acts of a scheme to what happened, at moments of the cashier's own shifts."""
    if not cashier.scheme:
        return
    kind, share, (least, most) = SCHEMES[cashier.scheme]
    where = drawers if kind == "no_sale" else counts[kind]
    staffed = np.flatnonzero(hours.lane != 1) if kind == "no_sale" else np.flatnonzero(hours.lane[of] != 1)
    if not len(staffed):
        return
    acts = int(rng.poisson(share * cashier.boldness * (hours.shift.max() + 1)))
    np.add.at(where, rng.choice(staffed, acts), rng.integers(least, most + 1, acts))


def _ticket_rows(
    cashier: Cashier, lane: Ints, band: Ints, basket: Ints, lines: Ints, counts: dict[str, Ints]
) -> list[TillRow]:
    key = (lane * len(BANDS) + band) * len(BASKETS) + basket
    size = len(LANES) * len(BANDS) * len(BASKETS)
    tickets, total = np.bincount(key, minlength=size), np.bincount(key, lines, minlength=size)
    sums = {kind: np.bincount(key, number, minlength=size) for kind, number in counts.items()}
    rows = []
    for k in np.flatnonzero(tickets).tolist():
        at, rest = divmod(k, len(BANDS) * len(BASKETS))
        when, what = divmod(rest, len(BASKETS))
        exposure = {"tickets": float(tickets[k]), "lines": float(total[k])}
        happened = {kind: int(number[k]) for kind, number in sums.items()}
        rows.append(TillRow(cashier.pseudonym, LANES[at], BANDS[when][2], BASKETS[what], exposure, happened))
    return rows


def _hour_rows(cashier: Cashier, hours: _Hours, drawers: Ints) -> list[TillRow]:
    worked: Counter[tuple[int, int]] = Counter(zip(hours.lane.tolist(), hours.band.tolist(), strict=True))
    opened: Counter[tuple[int, int]] = Counter()
    for at, when, number in zip(hours.lane.tolist(), hours.band.tolist(), drawers.tolist(), strict=True):
        opened[at, when] += number
    return [
        TillRow(
            cashier.pseudonym,
            LANES[at],
            BANDS[when][2],
            "",
            {"hours": float(number)},
            {"no_sale": opened[at, when]},
        )
        for (at, when), number in sorted(worked.items())
    ]
