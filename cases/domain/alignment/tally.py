"""What a lane's own streams have shown so far: the expected counts that the rates are learnt from.

Expectation-maximisation over unlabelled streams (Dempster, Laird, Rubin 1977), done once per stretch and forgotten
slowly, so that rates follow changes (Cappé, Moulines 2009, online EM).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GAP_EDGES = np.concatenate([np.arange(0.0, 6.0, 0.4), np.geomspace(6.0, 300.0, 12)])
"""Seconds between one item and the next."""
ECHO_EDGES = np.array([0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0])
"""Seconds between an item and the same item seen again."""
SURE_EDGES = np.linspace(0.0, 1.0, 11)
"""Confidence of the eyes."""
LAW_FIELDS = 5
"""Per delay law: slots, slots seen, and weight, sum and sum of squares of the delays."""
MOST_LABELS = 24


def _zeros(size: int) -> Array:
    return np.zeros(size)


@dataclass
class Tally:
    items: float = 0.0
    unpaid: float = 0.0
    bypass: float = 0.0
    bypass_unpaid: float = 0.0
    spurious: float = 0.0
    deferred: float = 0.0
    passes: float = 0.0
    fresh: float = 0.0
    gaps: Array = field(default_factory=lambda: _zeros(len(GAP_EDGES) - 1))
    apart: Array = field(default_factory=lambda: _zeros(len(GAP_EDGES) - 1))
    """Of the gaps those between two items of lines of their own: units of one line follow each other sooner."""
    after: Array = field(default_factory=lambda: _zeros(len(ECHO_EDGES) - 1))
    before: Array = field(default_factory=lambda: _zeros(len(ECHO_EDGES) - 1))
    sure_items: Array = field(default_factory=lambda: _zeros(len(SURE_EDGES) - 1))
    sure_spurious: Array = field(default_factory=lambda: _zeros(len(SURE_EDGES) - 1))
    laws: dict[str, Array] = field(default_factory=dict)
    labels: dict[str, Array] = field(default_factory=dict)
    """Label -> [passes that were paid for, passes that were nothing]."""

    def label(self, name: str) -> Array:
        return self.labels.setdefault(name[:24], _zeros(2))

    def law(self, name: str) -> Array:
        return self.laws.setdefault(name, _zeros(LAW_FIELDS))

    def plus(self, other: Tally, keep: float = 1.0) -> Tally:
        """Both together, of ours only the share `keep`."""
        numbers = {name: keep * getattr(self, name) + getattr(other, name) for name in NUMBERS}
        labels = _sum(self.labels, other.labels, keep)
        often = sorted(labels, key=lambda name: (-float(labels[name].sum()), name))[:MOST_LABELS]
        return Tally(
            **numbers, laws=_sum(self.laws, other.laws, keep), labels={name: labels[name] for name in sorted(often)}
        )

    def rounded(self) -> Tally:
        """To four places: what is written down and what is gone on with are the same."""
        return Tally.load(self.dump())

    def dump(self) -> dict[str, object]:
        """Small and serialisable: numbers to four places."""
        plain = {name: np.round(getattr(self, name), 4).tolist() for name in NUMBERS}
        return plain | {
            which: {name: np.round(values, 4).tolist() for name, values in sorted(getattr(self, which).items())}
            for which in ("laws", "labels")
        }

    @classmethod
    def load(cls, plain: Mapping[str, object]) -> Tally:
        tally = cls()
        for name in NUMBERS:
            empty = getattr(tally, name)
            value = plain.get(name, plain.get(BEFORE.get(name, ""), 0.0))
            loaded = float(str(value)) if isinstance(empty, float) else np.array(value, dtype=float)
            if np.shape(loaded) == np.shape(empty):  # other bins are another version's: begin anew
                setattr(tally, name, loaded)
        tally.laws, tally.labels = _vectors(plain.get("laws")), _vectors(plain.get("labels"))
        return tally


def _sum(mine: Mapping[str, Array], others: Mapping[str, Array], keep: float) -> dict[str, Array]:
    found = {name: keep * values for name, values in mine.items()}
    for name, values in others.items():
        found[name] = found[name] + values if name in found else values.copy()
    return dict(sorted(found.items()))


def _vectors(plain: object) -> dict[str, Array]:
    if not isinstance(plain, Mapping):
        return {}
    return {str(name): np.array(values, dtype=float) for name, values in plain.items()}


BEFORE = {"apart": "gaps"}
"""What was written down before one of them was told apart stands for it."""
NUMBERS = (
    "items",
    "unpaid",
    "bypass",
    "bypass_unpaid",
    "spurious",
    "deferred",
    "passes",
    "fresh",
    "gaps",
    "apart",
    "after",
    "before",
    "sure_items",
    "sure_spurious",
)
