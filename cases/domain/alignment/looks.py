"""Learning how an article looks, from the passes its lines were surely matched with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot, log
from statistics import fmean, pstdev

from cases.domain.alignment.swap import is_clear
from cases.domain.alignment.types import ItemProfile, Lab, Sighting


@dataclass(frozen=True, slots=True)
class Look:
    """`key` and `at` of the pass."""

    key: str
    at: float
    label: str
    area_n: float | None
    colour: tuple[float, ...] | None


def profile_of(gtin: str, looks: Sequence[Look]) -> ItemProfile:
    """`area_mean`, `area_sd` are of the logarithm: a hand nearer the camera scales an item."""
    areas = [log(look.area_n) for look in looks if look.area_n and look.area_n > 0]
    colours = [look.colour for look in looks if look.colour and len(look.colour) == 3]
    mean: Lab | None = None
    if colours:
        mean = (fmean(c[0] for c in colours), fmean(c[1] for c in colours), fmean(c[2] for c in colours))
    return ItemProfile(
        gtin,
        len(looks),
        dict(Counter(look.label for look in looks)),
        fmean(areas) if areas else None,
        pstdev(areas) if areas else None,
        mean,
        fmean(hypot(*(a - b for a, b in zip(c, mean, strict=True))) for c in colours) if mean else None,
    )


KEPT = 100
SURE_MATCH = 0.95


@dataclass
class LookBook:
    """Looks by article, growing as a day is judged: a pass is compared with those before it, never with later ones."""

    looks: dict[str, list[Look]] = field(default_factory=dict)
    _profiles: dict[tuple[str, int, str], ItemProfile] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Mapping[str, Sequence[Look]], without: Container[str]) -> LookBook:
        """`without`: keys of passes that are about to be judged (again)."""
        kept = {
            gtin: sorted((k for k in mine if k.key not in without), key=lambda k: (k.at, k.key))
            for gtin, mine in known.items()
        }
        return cls(kept)

    def profile(self, gtin: str, before: float) -> ItemProfile | None:
        mine = [look for look in self.looks.get(gtin, []) if look.at < before]
        if not mine:
            return None
        known = (gtin, len(mine), mine[-1].key)
        if known not in self._profiles:
            self._profiles[known] = profile_of(gtin, mine[-KEPT:])
        return self._profiles[known]

    def others(self, gtin: str, before: float) -> list[ItemProfile]:
        """Of every other article in the book."""
        found = (self.profile(other, before) for other in self.looks if other != gtin)
        return [profile for profile in found if profile]

    def add(self, gtin: str, sighting: Sighting) -> None:
        if gtin and is_telling(sighting):
            look = Look(sighting.key, sighting.at, sighting.label, sighting.area_n, sighting.colour)
            self.looks.setdefault(gtin, []).append(look)


def is_telling(sighting: Sighting) -> bool:
    """Whether its look says anything: seen without a hand over it, and a label of its own, or size and colour."""
    described = sighting.label not in ("", "item") or (sighting.area_n is not None and sighting.colour is not None)
    return described and is_clear(sighting)
