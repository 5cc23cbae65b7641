"""The two streams of a lane as arrays: passes that want an explanation, and slots that the till's lines offer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cases.domain.alignment.types import Gap, PosLine, Sighting

SCANNED, WEIGHED, KEYED = 0, 1, 2
METHODS = {"scanned": SCANNED, "": SCANNED, "weighed": WEIGHED, "keyed": KEYED, "department": KEYED}
EXPECTING = ("scan", "price_inquiry")
HUSHED_S = (2.0, 12.0)
"""Before and after a feed gap: lines of those passes may be lost with it."""


@dataclass(frozen=True)
class Streams:
    """Passes: keys, t (n,) Unix s on the camera's clock, confidence (n,), labels.

    Slots, one per unit a line sold: s (m,) Unix s on the till's clock, method (m,), soft (m,) where a unit need not
    cross by itself, line (m,) place of its line in `lines`. gaps: till silences, (g, 2) on the till's clock.
    """

    keys: list[str]
    t: np.ndarray
    confidence: np.ndarray
    labels: list[str]
    s: np.ndarray
    method: np.ndarray
    soft: np.ndarray
    line: np.ndarray
    lines: list[PosLine]
    gaps: np.ndarray
    resolution_s: float

    @property
    def scans(self) -> np.ndarray:
        """Instants of what was scanned with one beep: they know the clock best."""
        return self.s[(self.method == SCANNED) & ~self.soft]

    def hushed(self, till_s: np.ndarray) -> np.ndarray:
        """Which instants of the till's clock lie in or next to a gap of its feed: nothing may be said there."""
        quiet = np.zeros(len(till_s), bool)
        for start, end in self.gaps:
            quiet |= (till_s > start - HUSHED_S[0]) & (till_s < end + HUSHED_S[1])
        return quiet


def streams(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Streams:
    goods = sorted((seen for seen in passes if seen.type == "item_pass"), key=lambda seen: seen.at)
    selling = [line for line in lines if line.type in EXPECTING]
    units = _units(selling, lines)
    place = np.array([n for n, k in enumerate(units) for _ in range(k)], int)
    soft = np.array([unit > 0 or selling[n].type != "scan" for n, k in enumerate(units) for unit in range(k)], bool)
    at = np.array([line.at for line in selling])
    method = np.array([METHODS.get(line.entry_method, SCANNED) for line in selling], int)
    whole = len(at) > 0 and bool(np.all(at == np.floor(at)))
    return Streams(
        [seen.key for seen in goods], np.array([seen.at for seen in goods]),
        np.array([seen.confidence for seen in goods]), [seen.label for seen in goods],
        at[place], method[place], soft, place, selling,
        np.array([(gap.start, gap.end) for gap in gaps if gap.witness == "pos"]).reshape(-1, 2),
        1.0 if whole else 0.001,
    )  # fmt: skip


def _units(selling: Sequence[PosLine], lines: Sequence[PosLine]) -> list[int]:
    """How many items each line sold, later changes of its quantity included; a weighed one is one item."""
    changed = {(line.transaction, line.line): line.quantity for line in lines if line.type == "quantity_change"}
    found = []
    for line in selling:
        units = changed.get((line.transaction, line.line), line.quantity)
        found.append(1 if line.entry_method == "weighed" else int(min(12, max(1, round(units)))))
    return found
