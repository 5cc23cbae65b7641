"""A lane-day as contenders get it, and the truth beside it, which they never see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cases.domain.alignment.types import Gap, PosLine, Sighting


@dataclass(frozen=True, slots=True)
class TillClock:
    """Till clock = camera clock + offset + skew * (t - start) + step, t on the camera's clock (Unix s)."""

    start: float
    offset_s: float = 0.0
    skew_ppm: float = 0.0
    step_s: float = 0.0
    step_at: float = float("inf")

    def offset_at(self, t_camera: float) -> float:
        drift = self.skew_ppm * 1e-6 * (t_camera - self.start)
        return self.offset_s + drift + (self.step_s if t_camera >= self.step_at else 0.0)


@dataclass(frozen=True, slots=True)
class StolenItem:
    """Goods that crossed unpaid. `passes`: keys of all its visual events; none where the camera missed it."""

    item: str
    at: float
    cents: int
    passes: tuple[str, ...]


@dataclass(frozen=True)
class Truth:
    """What really happened.

    pass_cause: key of a visual event -> paid, paid_unheard (its line was lost in a feed gap), no_scan, double, retry,
        put_back, price_inquiry, return, own_bag or spurious.
    item_of: key of a visual event -> the physical item it shows; '' where it shows no goods.
    line_cause: key of a POS event -> passed, missed (the camera did not see its item), soft (needs no pass of its
        own), extra (no goods: coupons, fees), void, inquiry, returned or ticket (opening, payment, suspension, staff).
    pairs: key of a visual event -> key of the line that paid for it; units of a quantity line share one.
    items: goods moved for sale, unpaid ones included.
    """

    pass_cause: Mapping[str, str]
    item_of: Mapping[str, str]
    stolen: tuple[StolenItem, ...]
    line_cause: Mapping[str, str]
    pairs: Mapping[str, str]
    clock: TillClock
    rates: Mapping[str, object]
    items: int

    def offset_at(self, t_camera: float) -> float:
        """Till minus camera, s."""
        return self.clock.offset_at(t_camera)


@dataclass(frozen=True)
class LaneDay:
    """`passes` on the camera's clock, `lines` and gaps of the till on the till's; both sorted by time."""

    level: str
    seed: int
    hours: float
    passes: list[Sighting]
    lines: list[PosLine]
    gaps: list[Gap]
    truth: Truth
