"""What health is: a sentence about something, and how bad it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HealthLevel(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


_ORDER = {HealthLevel.OK: 0, HealthLevel.WARN: 1, HealthLevel.BAD: 2}


@dataclass(frozen=True)
class HealthItem:
    """``subject`` is the code of what it is about (camera, terminal or lane);
    ``sentence`` says what is so and, unless ok, what to do; ``since`` when it began."""

    level: HealthLevel
    subject: str
    sentence: str
    since: datetime | None = None


def health_worst(items: Iterable[HealthItem]) -> HealthLevel | None:
    """The worst level among ``items``; None where nobody has said anything."""
    return max((HealthLevel(item.level) for item in items), key=_ORDER.__getitem__, default=None)


def health_sorted(items: Iterable[HealthItem]) -> list[HealthItem]:
    """Worst first, then by subject: the order in which a person should read."""
    return sorted(items, key=lambda item: (-_ORDER[HealthLevel(item.level)], item.subject))
