"""The articles of a made-up store: what they cost, how often they sell, how they look from above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ARTICLES = 1500
ZIPF = 0.8
PRICE_MEDIAN_CENTS, PRICE_SPREAD = 249, 0.65
LABELS = ("bottle", "box", "can", "bag", "tray", "item")
LABEL_SHARES = (0.2, 0.28, 0.12, 0.15, 0.1, 0.15)
ITEM_LAB_SD, LOOK_LAB_SD = 3.0, 4.0
"""Spread of CIELAB between items of one article, and between looks at one item."""
LOOK_AREA_SD = 0.15
"""Of the logarithm of the area."""
BACKGROUND_LAB = (55.0, 8.0, 12.0)

Lab = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Article:
    gtin: str
    cents: int
    label: str
    lab: Lab
    area_n: float
    """Share of the picture."""


class Catalogue:
    """The same for a seed; articles are drawn by popularity, prices are log-normal."""

    def __init__(self, rng: np.random.Generator) -> None:
        cents = np.maximum(15, rng.lognormal(np.log(PRICE_MEDIAN_CENTS), PRICE_SPREAD, ARTICLES)).astype(int)
        labels = rng.choice(LABELS, ARTICLES, p=LABEL_SHARES)
        lab = np.clip(rng.normal((55, 8, 15), (20, 18, 22), (ARTICLES, 3)), (5, -60, -60), (95, 70, 80))
        area = rng.lognormal(np.log(0.012), 0.5, ARTICLES)
        self.articles = [
            Article(_gtin(400_000_000_000 + 7 * i), int(cents[i]), str(labels[i]), _lab(lab[i]), float(area[i]))
            for i in range(ARTICLES)
        ]
        weights = 1.0 / np.arange(1, ARTICLES + 1) ** ZIPF
        self._cumulated = np.cumsum(weights / weights.sum())

    def draw(self, rng: np.random.Generator) -> Article:
        place = int(np.searchsorted(self._cumulated, rng.random()))
        return self.articles[min(place, ARTICLES - 1)]


def _gtin(body: int) -> str:
    """Fourteen digits, the last the check digit of GS1 (weights 3 and 1 from the right)."""
    digits = [int(digit) for digit in f"{body:013d}"]
    check = -sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))) % 10
    return f"{body:013d}{check}"


def item_lab(rng: np.random.Generator, article: Article) -> Lab:
    """The colour of one item of the article, lying as it lies."""
    return _lab(rng.normal(article.lab, ITEM_LAB_SD))


def look_lab(rng: np.random.Generator, item: Lab) -> Lab:
    """The colour that one look reads off it."""
    return _lab(rng.normal(item, LOOK_LAB_SD))


def look_area(rng: np.random.Generator, area_n: float) -> float:
    return round(float(area_n * np.exp(rng.normal(0, LOOK_AREA_SD))), 5)


def _lab(values: np.ndarray) -> Lab:
    return round(float(values[0]), 1), round(float(values[1]), 1), round(float(values[2]), 1)
