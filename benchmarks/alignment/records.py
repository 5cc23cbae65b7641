"""What physically happens on a lane, in true seconds since opening, before any witness tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.alignment.catalogue import Article, Lab


@dataclass(eq=False, slots=True)
class Item:
    """Goods moved for sale."""

    name: str
    article: Article
    lab: Lab
    at: float = 0.0
    stolen: bool = False


@dataclass(eq=False, slots=True)
class Motion:
    """Something crosses the scanner. `paid_by`: the entry that paid for it."""

    at: float
    cause: str
    luck: int
    """Seed of what the camera makes of it."""
    item: Item | None = None
    type: str = "item_pass"
    paid_by: Entry | None = None
    doubtful: bool = False
    """No goods: a bag, a hand, a shadow."""


@dataclass(eq=False, slots=True)
class Entry:
    """What the till books. `expects`: the motions that it pays for; with none it is told by `cause`."""

    at: float
    type: str
    ticket: Ticket | None
    cause: str
    article: Article | None = None
    quantity: float = 1.0
    cents: int | None = None
    method: str = ""
    voids: Entry | None = None
    changes: Entry | None = None
    description: str = ""
    expects: list[Motion] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Ticket:
    number: int
    last_at: float = 0.0
    """The last thing that belongs to it: payment cannot start before."""
    first_at: float = float("inf")
    """Its first entry: there the till opens it."""
