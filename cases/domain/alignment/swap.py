"""Whether a paid pass looks like what was rung up, by how that article has looked in this store before."""

from __future__ import annotations

from math import hypot, log

from cases.domain.alignment.params import Params
from cases.domain.alignment.types import ItemProfile, Sighting

GENERIC = frozenset({"", "item"})


def swap_score(sighting: Sighting, profile: ItemProfile, params: Params) -> tuple[float, list[str]]:
    """How strongly the look contradicts the article, 0..1, and in what. Weak or little history says nothing."""
    if profile.n < params.swap_history:
        return 0.0, []
    label, label_says = _label(sighting, profile, params)
    look, look_says = _look(sighting, profile)
    return max(label, look), [*label_says, *look_says]


def _label(sighting: Sighting, profile: ItemProfile, params: Params) -> tuple[float, list[str]]:
    known = {name: count for name, count in profile.labels.items() if name not in GENERIC}
    total = sum(known.values())
    if sighting.label in GENERIC or total < params.swap_history:
        return 0.0, []
    usual, most = max(known.items(), key=lambda entry: (entry[1], entry[0]))
    seen = known.get(sighting.label, 0)
    if most / total < 0.8 or seen / total > 0.05:
        return 0.0, []
    return 1 - (seen + 1) / (total + 2), [f"it looks like a {sighting.label}; {most} of {total} looked like a {usual}"]


def _look(sighting: Sighting, profile: ItemProfile) -> tuple[float, list[str]]:
    """Size and colour must both be far off: light changes colours, the hand changes sizes."""
    if None in (sighting.area_n, profile.area_mean, profile.area_sd) or not sighting.colour or not profile.colour_mean:
        return 0.0, []
    assert sighting.area_n and profile.area_mean is not None and profile.area_sd is not None
    if profile.n < 8:
        return 0.0, []
    size_z = abs(log(sighting.area_n) - profile.area_mean) / max(0.12, profile.area_sd)
    apart = hypot(*(a - b for a, b in zip(sighting.colour, profile.colour_mean, strict=True)))
    colour_z = apart / max(6.0, profile.colour_sd or 6.0)
    if size_z < 4 or colour_z < 4:
        return 0.0, []
    return 0.7, [f"its size is {size_z:.0f} and its colour {colour_z:.0f} spreads away from what this article showed"]
