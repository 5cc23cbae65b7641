"""Naming a detector: which text means a registered one, and which version of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_NAMED = re.compile(rf"({NAME.pattern})(?:@([1-9][0-9]{{0,5}}))?")
MOTION = "motion"
"""Needs no weights, and so has no versions."""


@dataclass(frozen=True, slots=True)
class Named:
    """`number`: None means the version that is in use."""

    name: str
    number: int | None = None

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name}@{self.number}"


def named(spec: str) -> Named | None:
    """`lane` and `lane@3` name a registered detector; None for anything else, such as a path, and for `motion`."""
    found = _NAMED.fullmatch(spec)
    if found is None or spec == MOTION:
        return None
    return Named(found[1], int(found[2]) if found[2] else None)
