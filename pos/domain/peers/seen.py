"""What was seen of a till's people or lanes: counts and exposure, by where and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from pos.domain.peers.special import Array


class Exposure(StrEnum):
    """What something can happen on."""

    TICKETS = "tickets"
    LINES = "lines"
    HOURS = "hours"


class BadTally(ValueError):
    """A count or an exposure that cannot be."""


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """Where and when: kind of lane, band of the day, kind of basket. Any words, "" for not told apart.

    The order is that in which a thin stratum leans on a broader one: baskets on their hours, hours on their lanes.
    """

    lane: str = ""
    hours: str = ""
    basket: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """An exception as it is counted: `many` names several of it, `per` is what it can happen on."""

    name: str
    one: str
    many: str
    per: Exposure


KINDS = (
    Kind("void", "voided line", "voided lines", Exposure.LINES),
    Kind("refund", "refund", "refunds", Exposure.TICKETS),
    Kind("no_sale", "drawer opened without a sale", "drawers opened without a sale", Exposure.HOURS),
    Kind("price_override", "price override", "price overrides", Exposure.LINES),
    Kind("discount", "discount by hand", "discounts by hand", Exposure.LINES),
    Kind("ticket_void", "ticket voided afterwards", "tickets voided afterwards", Exposure.TICKETS),
    Kind("ticket_cancel", "cancelled ticket", "cancelled tickets", Exposure.TICKETS),
)
"""What a till commonly tells; any other may be counted likewise."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one subject (an operator's pseudonym, or a lane) in one stratum.

    `counts`: how often each kind happened, by its name. Several of the same subject and stratum add up. Raises
    BadTally where a number is negative or not finite.
    """

    subject: str
    stratum: Stratum
    exposure: Mapping[Exposure, float]
    counts: Mapping[str, int]

    def __post_init__(self) -> None:
        for name, number in (*self.exposure.items(), *self.counts.items()):
            if not isfinite(number) or number < 0:
                raise BadTally(f"{self.subject} has {number} {name}: it must be a number of at least 0.")


@dataclass(frozen=True, slots=True)
class Level:
    """The strata told apart so finely. `observed`, `exposure` [subjects, groups]; `above` [groups]: each one's group
    in the level before."""

    observed: Array
    exposure: Array
    above: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Table:
    """One kind, counted: from everything in one heap to every stratum apart. Subjects without exposure are left out.

    sorts: what sort of subject each is, as "new"; "" where nothing is told.
    """

    subjects: tuple[str, ...]
    sorts: tuple[str, ...]
    levels: tuple[Level, ...]

    @property
    def observed(self) -> Array:
        """[subjects]"""
        return np.asarray(self.levels[0].observed[:, 0])

    @property
    def exposure(self) -> Array:
        """[subjects]"""
        return np.asarray(self.levels[0].exposure[:, 0])


def table_of(seen: Iterable[Seen], kind: Kind, sorts: Mapping[str, str] | None = None) -> Table:
    """`seen` as the numbers of one kind, subjects and strata in alphabetical order; `sorts` by subject.

    Raises BadTally where a kind was counted in a stratum without any exposure to it.
    """
    cells: dict[tuple[str, Stratum], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in seen:
        cell = cells[row.subject, row.stratum]
        cell[0] += row.counts.get(kind.name, 0)
        cell[1] += row.exposure.get(kind.per, 0.0)
    for (subject, stratum), (count, exposure) in cells.items():
        if count and not exposure:
            raise BadTally(f"{subject} has {count:g} {kind.many} at {stratum} and no {kind.per} there.")
    exposed = {key: cell for key, cell in sorted(cells.items()) if cell[1] > 0}
    subjects = sorted({subject for subject, _ in exposed})
    strata = sorted({stratum for _, stratum in exposed})
    numbers = np.zeros((2, len(subjects), len(strata)))
    row_of, column_of = {s: k for k, s in enumerate(subjects)}, {s: k for k, s in enumerate(strata)}
    for (subject, stratum), cell in exposed.items():
        numbers[:, row_of[subject], column_of[stratum]] = cell
    told = sorts or {}
    return Table(tuple(subjects), tuple(told.get(subject, "") for subject in subjects), _levels(numbers, strata))


def _levels(numbers: Array, strata: Sequence[Stratum]) -> tuple[Level, ...]:
    """From coarse to fine: all, by lane, by lane and hours, by all three."""
    keys = [[(s.lane, s.hours, s.basket)[:depth] for s in strata] for depth in range(4)]
    levels: list[Level] = []
    known: dict[tuple[str, ...], int] = {}
    for depth, names in enumerate(keys):
        groups = {name: k for k, name in enumerate(sorted(set(names)))} or {(): 0}
        member = np.zeros((len(strata), len(groups)))
        for column, name in enumerate(names):
            member[column, groups[name]] = 1.0
        above = np.array([known[name[:-1]] if depth else 0 for name in groups], dtype=np.intp)
        levels.append(Level(numbers[0] @ member, numbers[1] @ member, above))
        known = groups
    return tuple(levels)
