"""Whether a paid pass looks like what was rung up, by how that article has looked in this store before."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, pi

from cases.domain.alignment.params import Params
from cases.domain.alignment.types import ItemProfile, Sighting

GENERIC = frozenset({"", "item"})
LEAST_CLEAR = 3
"""Sightings without a hand over the item that its look must rest on."""
SIZE_SD, COLOUR_SD = 0.25, 6.0
"""No article looks more alike than this (logarithm of the area, Lab per axis): it turns, and light changes."""
ANYWHERE = 1e-6
"""Density of the look of any goods at all: spread over the Lab of groceries and a factor of seven in size."""


def swap_score(
    sighting: Sighting, profile: ItemProfile, others: Sequence[ItemProfile], params: Params
) -> tuple[float, list[str]]:
    """The probability that another article crossed than was rung up, and what says so.

    `profile`: of the article rung up; `others`: of articles it might be instead. Little history says nothing.
    """
    if profile.n < params.swap_history:
        return 0.0, []
    label, label_says = _label(sighting, profile, params)
    look, look_says = _look(sighting, profile, others, params)
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


def _look(
    sighting: Sighting, profile: ItemProfile, others: Sequence[ItemProfile], params: Params
) -> tuple[float, list[str]]:
    """Bayes over two stories: the article itself, now and then mistaken for its neighbour, or another one."""
    own = _density(sighting, profile)
    if own is None or profile.n < params.look_history or not is_clear(sighting):
        return 0.0, []
    known = [
        (density, other)
        for other in others
        if other.n >= params.swap_history and (density := _density(sighting, other)) is not None
    ]
    mixed = sum(density for density, _ in known) / len(known) if known else ANYWHERE
    swapped = params.swap * 0.5 * (mixed + ANYWHERE)
    itself = (1 - params.swap) * ((1 - params.wrong_look) * own + params.wrong_look * ANYWHERE)
    score = swapped / (swapped + itself)
    says = [f"its size and colour are not those that {profile.n} of them showed"]
    likest, other = max(known, key=lambda pair: pair[0], default=(0.0, None))
    if other is not None and likest > 10 * ANYWHERE:
        says.append(f"they are like those of the article {other.gtin}")
    return score, says


def _density(sighting: Sighting, profile: ItemProfile) -> float | None:
    """Of this look for this article, per unit of log area and cube of Lab; None where either is not known."""
    if not sighting.area_n or profile.area_mean is None or not sighting.colour or not profile.colour_mean:
        return None
    size = max(SIZE_SD, profile.area_sd or 0.0)
    colour = max(COLOUR_SD, (profile.colour_sd or 0.0) / 1.6)  # of a mean distance in three dimensions
    apart = sum((a - b) ** 2 for a, b in zip(sighting.colour, profile.colour_mean, strict=True)) / colour**2
    apart += ((log(sighting.area_n) - profile.area_mean) / size) ** 2
    return exp(-0.5 * apart) / ((2 * pi) ** 2 * size * colour**3)


def is_clear(sighting: Sighting) -> bool:
    """Whether the look was seen without a hand over it; eyes that do not say are believed."""
    return sighting.clear_hits is None or sighting.clear_hits >= LEAST_CLEAR
