"""What the judge is told and what it says. Instants are Unix seconds; the camera's clock is the common one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Lab = tuple[float, float, float]


class Kind(StrEnum):
    NO_SCAN = "no_scan"
    BYPASS = "bypass"
    SCAN_WITHOUT_ITEM = "scan_without_item"
    RETURN_WITHOUT_ITEM = "return_without_item"
    ITEM_SWAP = "item_swap"
    DISCOUNT_WITHOUT_SUPPORT = "discount_without_support"
    REPEATED_VOIDS = "repeated_voids"
    NO_SALE_DRAWER = "no_sale_drawer"
    WALK_AWAY = "walk_away"
    EXCEPTION = "exception"


class Quality(StrEnum):
    GOOD = "good"
    DEGRADED = "degraded"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One visual event, on the camera's clock. `key` is unique in the lane."""

    key: str
    at: float
    type: str
    confidence: float = 1.0
    label: str = ""
    track: str = ""
    camera: str = ""
    path: tuple[str, ...] = ()
    area_n: float | None = None
    colour: Lab | None = None
    first_seen_at: float | None = None
    entered_at: float | None = None
    clear_hits: int | None = None
    """Sightings without a hand over it, on which colour and area rest; None where the eyes do not say."""
    item_probability: float | None = None
    """That goods crossed at all, where the eyes are calibrated; `confidence` alone promises no such thing."""


@dataclass(frozen=True, slots=True)
class PosLine:
    """One POS event, on the till's clock: `at` is what the till said, never corrected."""

    key: str
    at: float
    type: str
    transaction: str = ""
    line: int | None = None
    gtin: str = ""
    description: str = ""
    quantity: float = 1.0
    amount_cents: int | None = None
    entry_method: str = ""
    voids_line: int | None = None
    training: bool = False
    granularity: str = "line"
    reason: str = ""
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a witness was not heard. `witness`: pos (till clock) or vision (camera clock). `camera`: which camera, and
    that what it saw meanwhile is not to be believed either; `doubted`: nor what the till told."""

    witness: str
    start: float
    end: float
    reason: str = ""
    camera: str = ""
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """Till clock = camera clock + `offset_s`. `jitter_s`: spread of scans around their delay law, clock apart."""

    offset_s: float = 0.0
    sd_s: float = 1.0
    jitter_s: float = 0.45
    skew_ppm: float = 0.0
    support: float = 0.0
    """How many scans it rests on."""
    certainty: float = 1.0
    """Posterior probability that this offset and not another candidate is the true one."""
    cut_s: float = 0.0
    """Spread that the till's own resolution adds: whole seconds are 0.29 s."""

    @property
    def quality(self) -> Quality:
        if self.certainty < 0.8 or self.sd_s > 1.05:
            return Quality.BAD
        return Quality.GOOD if self.sd_s <= 0.3 else Quality.DEGRADED


@dataclass(frozen=True, slots=True)
class ItemProfile:
    """How an article has looked when its line matched a pass. Counts and running moments, nothing personal."""

    gtin: str
    n: int
    labels: Mapping[str, int] = field(default_factory=dict)
    area_mean: float | None = None
    area_sd: float | None = None
    colour_mean: Lab | None = None
    colour_sd: float | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Ready:
    """What may be said already: others wait for the other witness. None: everything."""

    sightings: frozenset[str] | None = None
    lines: frozenset[str] | None = None

    def sighting(self, key: str) -> bool:
        return self.sightings is None or key in self.sightings

    def line(self, key: str) -> bool:
        return self.lines is None or key in self.lines


@dataclass(frozen=True, slots=True)
class Verdict:
    """One mismatch. `anchor` names it for ever: kind and the event it hangs on."""

    kind: Kind
    anchor: str
    at: float
    score: float
    sighting: str = ""
    pos_keys: tuple[str, ...] = ()
    transaction: str = ""
    amount_cents: int | None = None
    explanation: Mapping[str, object] = field(default_factory=dict)
    alertable: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """A pass and the line that most probably paid for it."""

    sighting: str
    line: str
    gtin: str
    probability: float
    delta_s: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """`judged`: keys of the events this judgement covers, verdict or not. `suppressed`: the gaps over which there is
    no verdict, each with its `reason` and the `anchors` of what would have been said."""

    verdicts: tuple[Verdict, ...]
    matches: tuple[Match, ...]
    judged: frozenset[str]
    pending: frozenset[str]
    clock: Clock
    suppressed: tuple[Mapping[str, object], ...] = ()
    steps: tuple[tuple[float, float], ...] = ()
    """(camera time, seconds) of each time the till's clock was set."""
    track: tuple[tuple[float, Clock], ...] = ()
    """(camera time, clock) of each stretch."""
