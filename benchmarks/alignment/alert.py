"""What every contender answers, whatever it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Alert:
    """One visual event said to show unpaid goods. `score`: 0..1, meant as a probability."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """`clock_track`: (camera's Unix s, till minus camera s), in order; empty where no clock is estimated."""

    alerts: Sequence[Alert]
    clock_track: Sequence[tuple[float, float]] = field(default_factory=tuple)
    seconds: float = 0.0
    """CPU time."""
