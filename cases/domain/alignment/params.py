"""What the judge believes before it has seen a lane. Data, with a version: a new belief is a new version."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Law:
    """How a till entry shows in the picture: with probability `seen`, `mean_s` before the entry, spread `sd_s`."""

    seen: float
    mean_s: float
    sd_s: float


def _laws() -> dict[str, Law]:
    return {
        "scanned": Law(0.95, 0.25, 0.40),
        "keyed": Law(0.93, 4.0, 1.5),
        "weighed": Law(0.93, 2.6, 1.0),
        "department": Law(0.90, 4.0, 1.5),
        "extra": Law(0.45, 1.2, 1.0),  # further units of a quantity line, this far apart
        "rescan": Law(0.50, 0.25, 0.6),  # the same article again after its void: often no second pass
        "return": Law(0.50, 0.5, 2.0),
        "attempt": Law(0.60, 0.25, 0.6),  # price inquiry, refused item: shown to the scanner, nothing sold
        "soft": Law(0.04, 0.5, 1.2),  # coupon, deposit slip, bag fee: seldom something that looks like an item
        "void": Law(0.10, 0.5, 1.5),  # scanned again to void it
    }


@dataclass(frozen=True, slots=True)
class Params:
    version: str = "align-4"
    laws: dict[str, Law] = field(default_factory=_laws)
    outlier: float = 0.04
    outlier_sd_s: float = 2.5
    item_rate_s: float = 0.3
    """Items per second while a lane works: turns shares into densities."""
    no_scan: float = 0.01
    bypass: float = 0.01
    spurious: float = 0.006
    """Share of passes that are no item, at the lane's usual confidence."""
    spurious_bypass: float = 0.003
    presented_rate_s: float = 0.1
    repeat: float = 0.04
    again: float = 0.2
    """Share of failed attempts that are followed by another."""
    repeat_mean_s: float = 1.8
    repeat_sd_s: float = 0.5
    double: float = 0.02
    double_mean_s: float = 0.25
    deferred: float = 0.015
    """Share of items that are rung up out of turn: bagged first and scanned later, or set aside after the scan."""
    deferred_mean_s: float = 1.0
    deferred_sd_s: float = 5.0
    between: float = 0.15
    """How much rarer than during a ticket goods cross between two."""
    lull: float = 0.3
    """How much rarer than while a lane works an item begins after a pause."""
    set_aside: float = 0.001
    """Share of items that cross and stay at the till: looked at, not wanted after all."""
    taken_back: float = 0.03
    return_reach_s: float = 15.0
    """An item that goes back this near to a return or void of the till is that one's."""
    phantom_line: float = 0.004
    phantom_return: float = 0.05
    missed_return: float = 0.03
    bypass_seen: float = 0.03
    """Share of paid items that go round the scanner: bulky goods under a hand scanner."""
    bypass_mean_s: float = 0.0
    bypass_sd_s: float = 4.0
    presented_seen: float = 0.02
    alert_at: float = 0.5
    list_at: float = 0.05
    list_pass_at: float = 0.02
    """Passes without a line are listed lower than what rests on rules: the list is what a store is measured by."""
    quiet_s: float = 20.0
    block_s: float = 300.0
    """A lane that never rests is cut at its widest breath within so long."""
    pace_s: float = 2.8
    """Seconds from one item to the next while a customer is served (21 items a minute), give or take this share."""
    pace_spread: float = 0.6
    slow_s: float = 8.0
    slow_spread: float = 1.0
    slow: float = 0.5
    """Share of items at a slower pace: self-checkouts, long lines, talk."""
    together: float = 0.03
    """Share of items that cross in one hand with the one before, so many seconds apart at most."""
    together_s: float = 1.2
    together_unpaid: float = 0.12
    """Likewise of unpaid ones: under another is where they are hidden."""
    pause: float = 0.2
    """Share of items that are the first of a customer."""
    # what beliefs are worth, in items of the lane's own:
    weight_unpaid: float = 2000.0
    weight_echo: float = 300.0
    weight_spurious: float = 500.0
    weight_law: float = 60.0
    weight_spread: float = 12.0
    weight_gaps: float = 40.0
    weight_sure: float = 120.0
    swap_history: int = 5
    look_history: int = 8
    swap: float = 0.01
    """Share of paid passes under the code of another article."""
    wrong_look: float = 0.004
    """Share of clear looks that are another item's, because the eyes confused two."""
    not_items: frozenset[str] = frozenset({"hand", "person", "receipt", "arm"})
    bags: frozenset[str] = frozenset({"bag", "own_bag", "own bag", "purse"})
    """Labels of what is seldom for sale; but eyes mistake some goods for a bag."""
    bag_doubt: float = 40.0
