"""How hard a lane-day is: every rate and law of the generator as a plain field.

Figures without a source are assumptions of BENCH-1 (the domain's D4), to be replaced by a store's own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

Law = tuple[float, float]
"""Mean and standard deviation, s."""

SCALED_RATES = [
    "missed",
    "duplicates",
    "spurious",
    "retries",
    "second_retry",
    "quantity",
    "quantity_seen",
    "quantity_change",
    "weighed",
    "keyed",
    "department",
    "bagged_before",
    "void_rescan",
    "voids",
    "price_inquiries",
    "returns",
    "put_back",
    "suspended",
    "interleaved",
    "own_bag",
    "no_goods",
    "outliers",
    "serial_share",
    "quick_paid",
    "quick_stolen",
]
UNCAPPED = [
    "coupons",
    "fees",
    "handovers",
    "jitter_sd",
    "outlier_sd",
    "operator_pace_sd",
    "operator_delay_sd",
]
"""Scaled too, and no shares."""
SCALED_LAWS = ["scan_delay", "weighed_delay", "keyed_delay"]

NUISANCES: dict[str, dict[str, Any]] = {
    "missed": {"missed": 0.0},
    "duplicates": {"duplicates": 0.0},
    "spurious": {"spurious": 0.0},
    "jitter": {"jitter_sd": 0.0},
    "retries": {"retries": 0.0},
    "quantity": {"quantity": 0.0},
    "weighed": {"weighed": 0.0},
    "keyed": {"keyed": 0.0, "department": 0.0},
    "bagged_before": {"bagged_before": 0.0},
    "void_rescan": {"void_rescan": 0.0},
    "voids": {"voids": 0.0},
    "coupons": {"coupons": 0.0, "fees": 0.0, "no_goods": 0.0},
    "price_inquiries": {"price_inquiries": 0.0},
    "returns": {"returns": 0.0},
    "put_back": {"put_back": 0.0},
    "suspended": {"suspended": 0.0},
    "interleaved": {"interleaved": 0.0},
    "handovers": {"handovers": 0.0, "operator_pace_sd": 0.0, "operator_delay_sd": 0.0},
    "own_bag": {"own_bag": 0.0},
    "outliers": {"outliers": 0.0},
    "serial": {"serial_share": 1.0},
    "quick": {"quick_paid": 0.0, "quick_stolen": 0.0},
    "offset": {"offset_max_s": 0.0},
    "skew": {"skew_ppm": 0.0},
    "step": {"step_s": 0.0},
    "resolution": {"resolution_s": 0.001},
    "feed_gap": {"feed_gap_s": 0.0},
}
"""Leave-one-nuisance-out: what each name switches off."""

UNSTATED: dict[str, float] = dict.fromkeys(
    (
        "quick_stolen", "quick_paid", "quantity_change", "department", "voids", "no_goods", "price_inquiries",
        "put_back", "own_bag", "fees", "returns", "suspended", "interleaved", "handovers", "operator_pace_sd",
        "operator_delay_sd",
    ),
    0.0,
)  # fmt: skip
"""What D4 asks to add, or we thought of: nobody has published how often it happens."""


@dataclass(frozen=True)
class Level:
    """One difficulty. Rates are per item moved for sale unless said otherwise; times in s."""

    name: str
    # the shop
    items_per_hour: float = 320.0
    """Demand; with 2.8 s an item and 35 s a customer the cashier works about two thirds of the time."""
    basket_mean: float = 12.0
    pace_s: float = 2.8
    """Store printout, one source: 21.28 items a minute."""
    pace_cv: float = 0.5
    customer_s: float = 35.0
    no_scan: float = 0.01
    quick_stolen: float = 0.25
    """Share of unpaid items that go in one hand with a neighbour."""
    quick_paid: float = 0.02
    # delay of the line after the pass
    scan_delay: Law = (0.25, 0.3)
    weighed_delay: Law = (2.6, 0.9)
    keyed_delay: Law = (4.0, 1.3)
    outliers: float = 0.03
    outlier_sd: float = 3.0
    serial_share: float = 0.5
    """How often the cashier waits for a slow entry before the next item."""
    # entries
    weighed: float = 0.04
    keyed: float = 0.035
    department: float = 0.008
    quantity: float = 0.05
    quantity_seen: float = 0.6
    quantity_change: float = 0.25
    """Share of quantity lines told as a scan and a later change."""
    bagged_before: float = 0.015
    void_rescan: float = 0.02
    voids: float = 0.008
    retries: float = 0.04
    second_retry: float = 0.15
    no_goods: float = 0.002
    # handling that sells nothing
    price_inquiries: float = 0.004
    put_back: float = 0.004
    own_bag: float = 0.02
    # per ticket
    coupons: float = 0.3
    fees: float = 0.08
    returns: float = 0.02
    suspended: float = 0.015
    interleaved: float = 0.015
    handovers: float = 2.0
    """Per eight hours."""
    operator_pace_sd: float = 0.12
    operator_delay_sd: float = 0.05
    # the camera
    missed: float = 0.03
    duplicates: float = 0.01
    spurious: float = 0.01
    jitter_sd: float = 0.15
    item_confidence: Law = (9.0, 2.2)
    """Beta parameters."""
    doubtful_confidence: Law = (5.0, 3.2)
    """Beta parameters for what is no goods; they overlap with goods."""
    appearance: bool = False
    # the till
    resolution_s: float = 0.001
    offset_max_s: float = 0.0
    skew_ppm: float = 0.0
    step_s: float = 0.0
    feed_gap_s: float = 0.0
    burst: bool = False
    """Receipt at once: all lines carry the instant of the total."""

    def scaled(self, factor: float) -> Level:
        """Every nuisance rate and delay law times `factor`: what a model with the stated figures is not ready for."""
        rates: dict[str, Any] = {name: min(0.9, getattr(self, name) * factor) for name in SCALED_RATES}
        rates |= {name: getattr(self, name) * factor for name in UNCAPPED}
        rates |= {name: (getattr(self, name)[0] * factor, getattr(self, name)[1] * factor) for name in SCALED_LAWS}
        return replace(self, name=f"{self.name} x{factor:g}", **rates)

    def stated(self) -> Level:
        """Only the nuisances that D4 gives a figure for; those that it asks to add are left out."""
        return replace(self, name=f"{self.name} stated", **UNSTATED)

    def without(self, nuisance: str) -> Level:
        """The same but for one nuisance (a key of `NUISANCES`)."""
        return replace(self, name=f"{self.name} -{nuisance}", **NUISANCES[nuisance])

    def rates(self) -> dict[str, object]:
        """All fields by name: what an oracle may know."""
        return asdict(self)


CLEAN = Level("clean")
MID = replace(CLEAN, name="mid", offset_max_s=20.0, skew_ppm=50.0)
HARD = replace(
    CLEAN,
    name="hard",
    missed=0.10,
    duplicates=0.06,
    spurious=0.06,
    jitter_sd=0.35,
    resolution_s=1.0,
    offset_max_s=90.0,
    skew_ppm=100.0,
    step_s=2.5,
    feed_gap_s=120.0,
)
SELF_CHECKOUT = replace(
    MID,
    name="self_checkout",
    items_per_hour=200.0,
    basket_mean=6.0,
    pace_s=11.2,
    customer_s=45.0,
    no_scan=0.02,
    retries=0.10,
    voids=0.02,
    void_rescan=0.03,
    weighed=0.10,
    keyed=0.07,
    own_bag=0.08,
    bagged_before=0.03,
    handovers=0.0,
    interleaved=0.0,
    suspended=0.0,
)
"""Shoppers take about four times as long an item (a small informal sample)."""

LEVELS = {level.name: level for level in (CLEAN, MID, HARD, SELF_CHECKOUT)}
BASE_RATES = (0.002, 0.005, 0.01, 0.02)
assert {*SCALED_RATES, *UNCAPPED, *SCALED_LAWS} <= {field.name for field in fields(Level)}
