"""The demo store's articles. An article always looks the same and costs the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shrink.simulator.acts import Look, Shape
from shrink.simulator.sprites import look_for

_ROWS: tuple[tuple[str, Shape, int], ...] = (
    ("Olive oil 1 l", Shape.BOTTLE, 795),
    ("Mineral water 1.5 l", Shape.BOTTLE, 65),
    ("Red wine Rioja", Shape.BOTTLE, 1290),
    ("Orange juice 1 l", Shape.CARTON, 219),
    ("Whole milk 1 l", Shape.CARTON, 115),
    ("Oat drink 1 l", Shape.CARTON, 189),
    ("Cornflakes 500 g", Shape.BOX, 289),
    ("Black tea 50 bags", Shape.BOX, 245),
    ("Frozen pizza", Shape.BOX, 379),
    ("Biscuits 300 g", Shape.BOX, 199),
    ("Tissues 100", Shape.BOX, 149),
    ("Rice 1 kg", Shape.POUCH, 229),
    ("Crisps 150 g", Shape.POUCH, 175),
    ("Coffee beans 500 g", Shape.POUCH, 899),
    ("Grated cheese", Shape.POUCH, 265),
    ("Tomatoes tinned", Shape.CAN, 95),
    ("Tuna tin", Shape.CAN, 185),
    ("Cola 0.33 l", Shape.CAN, 79),
    ("Sweetcorn tin", Shape.CAN, 110),
    ("Toothpaste", Shape.TUBE, 249),
    ("Tomato paste", Shape.TUBE, 135),
    ("Hand cream", Shape.TUBE, 349),
    ("Chicken breast 400 g", Shape.TRAY, 499),
    ("Minced beef 500 g", Shape.TRAY, 545),
    ("Salmon fillet", Shape.TRAY, 899),
    ("Strawberries 500 g", Shape.TRAY, 349),
    ("Strawberry jam", Shape.JAR, 275),
    ("Honey 500 g", Shape.JAR, 549),
    ("Gherkins", Shape.JAR, 195),
    ("Razor blades 8", Shape.BOX, 1895),
    ("Whisky 0.7 l", Shape.BOTTLE, 2490),
    ("Infant formula", Shape.CAN, 1699),
)
_WEIGHED: tuple[tuple[str, Shape, int], ...] = (
    ("Apples", Shape.PRODUCE, 249),
    ("Oranges in a net", Shape.NET, 229),
    ("Broccoli", Shape.PRODUCE, 279),
    ("Potatoes in a net", Shape.NET, 129),
    ("Grapefruit", Shape.PRODUCE, 259),
    ("Onions", Shape.NET, 149),
)


@dataclass(frozen=True, slots=True)
class Article:
    gtin: str
    description: str
    price_cents: int
    look: Look
    weighed: bool = False
    """Priced per kilogram and put on the scale."""


def gtin13(stem: str) -> str:
    """Twelve digits with their check digit."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return f"{stem}{-total % 10}"


def _articles() -> tuple[Article, ...]:
    rng = np.random.default_rng(20261121)
    rows = [(*row, False) for row in _ROWS] + [(*row, True) for row in _WEIGHED]
    return tuple(
        Article(gtin13(f"84123450{number:04d}"), name, cents, look_for(rng, shape), weighed)
        for number, (name, shape, cents, weighed) in enumerate(rows)
    )


ARTICLES = _articles()
BOTTLES = tuple(article for article in ARTICLES if article.look.shape is Shape.BOTTLE)
CHEAP = tuple(article for article in ARTICLES if article.price_cents < 150 and not article.weighed)
DEAR = tuple(article for article in ARTICLES if article.price_cents >= 800)
