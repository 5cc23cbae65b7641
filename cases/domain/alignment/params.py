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
        "scanned": Law(0.96, 0.25, 0.40),
        "keyed": Law(0.93, 4.0, 1.5),
        "weighed": Law(0.93, 2.6, 1.0),
        "department": Law(0.90, 4.0, 1.5),
        "extra": Law(0.40, 1.4, 1.2),  # further units of a quantity line, this far apart
        "rescan": Law(0.50, 0.25, 0.6),  # the same article again after its void: often no second pass
        "return": Law(0.50, 0.5, 2.0),
        "attempt": Law(0.60, 0.25, 0.6),  # price inquiry, refused item: shown to the scanner, nothing sold
        "soft": Law(0.04, 0.5, 1.2),  # coupon, deposit slip, bag fee: seldom something that looks like an item
        "void": Law(0.10, 0.5, 1.5),  # scanned again to void it
    }


@dataclass(frozen=True, slots=True)
class Params:
    version: str = "align-1"
    laws: dict[str, Law] = field(default_factory=_laws)
    outlier: float = 0.04
    outlier_sd_s: float = 2.5
    item_rate_s: float = 0.3
    """Items per second while a lane works: turns shares into densities."""
    no_scan: float = 0.01
    bypass: float = 0.01
    spurious: float = 0.002
    """Share of passes that are no item, at the lane's usual confidence."""
    spurious_bypass: float = 0.003
    presented_rate_s: float = 0.1
    usual_confidence: float = 0.8
    repeat: float = 0.01
    repeat_mean_s: float = 1.6
    repeat_sd_s: float = 0.6
    double: float = 0.006
    double_mean_s: float = 0.2
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
    quiet_s: float = 20.0
    block_s: float = 300.0
    """A lane that never rests is cut at its widest breath within so long."""
    context: int = 60
    swap_history: int = 5
    look_history: int = 8
    swap: float = 0.01
    """Share of paid passes under the code of another article."""
    wrong_look: float = 0.004
    """Share of clear looks that are another item's, because the eyes confused two."""
    not_items: frozenset[str] = frozenset({"bag", "hand", "person", "own_bag", "own bag", "purse", "receipt", "arm"})
