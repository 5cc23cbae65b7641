"""People, arms, hands and what they hold, seen from above."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from shrink.simulator.canvas import BoxPx, Canvas
from shrink.simulator.textures import Image, cloud, colour

Px = tuple[float, float]

SKINS = ((196, 216, 242), (160, 190, 228), (128, 164, 208), (92, 128, 176), (62, 92, 140), (40, 58, 92))
GRIPPING = 0.3
"""A hand less open than this holds something: its fingers are bent."""

UPPER_N, FORE_N = 0.17, 0.21
"""Lengths of upper arm and forearm, of the frame height."""


@dataclass(frozen=True, slots=True)
class Person:
    """What stays the same about someone: skin, clothes, size."""

    skin: tuple[float, ...]
    sleeve: tuple[float, ...]
    bare_n: float
    size: float
    sprite: Image
    seed: int
    glove: bool = False


def person(seed: int, height_px: int, *, size: float = 1.0) -> Person:
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 11])
    tone = np.array(SKINS[int(rng.integers(0, len(SKINS)))], float) + rng.uniform(-14, 14, 3)
    skin = tuple(float(c) for c in np.clip(tone, 20, 250))
    sleeve = tuple(float(c) for c in colour(rng, dark=25, bright=230))
    size = size * float(rng.uniform(0.9, 1.12))
    glove = bool(rng.random() < 0.09)
    if glove:
        skin = tuple(float(c) for c in colour(rng, dark=60, bright=240))
    bare = float(rng.choice([0.35, 0.5, 1.0, 1.25], p=[0.4, 0.25, 0.2, 0.15]))
    sprite = _shoulders_and_head(rng, round(height_px * size), skin, sleeve)
    return Person(skin, sleeve, bare, size, sprite, seed, glove)


def _shoulders_and_head(
    rng: np.random.Generator, height_px: int, skin: tuple[float, ...], cloth: tuple[float, ...]
) -> Image:
    """BGRA sprite looking up (towards smaller y), `person` in the sense of the detector's labels."""
    across, deep, head = 0.185 * height_px, 0.075 * height_px, 0.062 * height_px
    side = int(2 * across + 8)
    middle = side / 2
    art = np.zeros((side, side, 4), np.uint8)
    centre = (int(middle), int(middle + 0.15 * head))
    cv2.ellipse(art, centre, (int(across), int(deep)), 0, 0, 360, (*cloth, 255), -1, cv2.LINE_AA)
    weave = cloud(rng, (side, side), int(rng.integers(3, 12)))[..., None] * float(rng.uniform(6, 45))
    ridge = 1 - 0.3 * np.abs(np.linspace(-1, 1, side))[:, None, None]
    art[..., :3] = np.clip((art[..., :3] + weave) * ridge, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        stripe = colour(rng)
        for x in range(int(middle - across), int(middle + across), int(rng.integers(8, 18))):
            line = art[:, x : x + 3]
            line[..., :3][line[..., 3] > 0] = stripe
    _head(rng, art, middle, head, skin)
    return art


def _head(rng: np.random.Generator, art: Image, middle: float, head: float, skin: tuple[float, ...]) -> None:
    hairs = ((25, 22, 22), (30, 45, 70), (60, 95, 135), (120, 170, 205), (150, 150, 155), (215, 215, 220))
    hair = tuple(float(c) for c in np.array(hairs[int(rng.integers(0, 6))]) + rng.uniform(0, 20, 3))
    style = rng.random()
    centre = (int(middle), int(middle - 0.25 * head))
    nose = (int(middle), int(middle - 0.95 * head))
    axes = (int(head * 0.86), int(head * 1.05))
    dark = (5, 5, 8, 90)
    cv2.ellipse(art, (centre[0], centre[1] + 4), (axes[0] + 3, axes[1] + 2), 0, 0, 360, dark, -1, cv2.LINE_AA)
    cv2.ellipse(art, nose, (int(head * 0.5), int(head * 0.4)), 0, 0, 360, (*skin, 255), -1, cv2.LINE_AA)
    fill = skin if style < 0.12 else hair
    if style > 0.85:
        fill = tuple(float(c) for c in colour(rng))
        brim = (int(head * 0.8), int(head * 0.75))
        cv2.ellipse(art, nose, brim, 0, 0, 360, (*(c * 0.8 for c in fill), 255), -1, cv2.LINE_AA)
    cv2.ellipse(art, centre, axes, 0, 0, 360, (*fill, 255), -1, cv2.LINE_AA)
    crown = (int(centre[0] - head * 0.2), int(centre[1] - head * 0.2))
    bright = tuple(min(255.0, c * 1.18 + 8) for c in fill)
    cv2.circle(art, crown, int(head * 0.45), (*bright, 255), -1, cv2.LINE_AA)
    if 0.12 <= style < 0.35:
        tail = (int(middle), int(middle + 1.1 * head))
        cv2.ellipse(art, tail, (int(head * 0.4), int(head * 0.8)), 0, 0, 360, (*hair, 255), -1, cv2.LINE_AA)


def elbow_of(shoulder: Px, hand: Px, upper: float, fore: float, outward: float) -> Px:
    """Two-bone arm; stretched where the hand is out of reach."""
    dx, dy = hand[0] - shoulder[0], hand[1] - shoulder[1]
    reach = math.hypot(dx, dy) or 1e-6
    if reach >= (upper + fore) * 0.99:
        share = upper / (upper + fore)
        return shoulder[0] + dx * share, shoulder[1] + dy * share
    reach = max(reach, abs(upper - fore) + 1.0)
    cosine = (upper**2 + reach**2 - fore**2) / (2 * upper * reach)
    bend = math.acos(min(max(cosine, -1.0), 1.0)) * outward
    angle = math.atan2(dy, dx) + bend
    return shoulder[0] + upper * math.cos(angle), shoulder[1] + upper * math.sin(angle)


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm posed on the canvas, pixels."""

    shoulder: Px
    elbow: Px
    hand: Px
    open_hand: float

    @property
    def heading(self) -> float:
        return math.atan2(self.hand[1] - self.elbow[1], self.hand[0] - self.elbow[0])


def paint_sleeve(canvas: Canvas, arm: Arm, who: Person, mark: int) -> None:
    """Upper arm: hides what lies below but belongs to no label."""
    bare = who.bare_n >= 1.25
    tone = who.skin if bare and not who.glove else who.sleeve
    thick = 0.062 * canvas.height * who.size
    canvas.limb(arm.shoulder, arm.elbow, thick, tone, mark)


def paint_hand(canvas: Canvas, arm: Arm, who: Person, mark: int) -> BoxPx:
    """Forearm and hand; returns their box in pixels."""
    size = canvas.height * who.size
    heading = arm.heading
    wrist = (arm.hand[0] - 0.045 * size * math.cos(heading), arm.hand[1] - 0.045 * size * math.sin(heading))
    cut = min(1.0, who.bare_n)
    cuff = (wrist[0] + (arm.elbow[0] - wrist[0]) * cut, wrist[1] + (arm.elbow[1] - wrist[1]) * cut)
    canvas.limb(cuff, wrist, 0.038 * size, who.skin, mark)
    if cut < 1.0:
        canvas.limb(arm.elbow, cuff, 0.058 * size, who.sleeve, mark)
    points = [arm.elbow, wrist, *_paint_fingers(canvas, arm, who, size, heading, mark)]
    margin = 0.022 * size
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (int(min(xs) - margin), int(min(ys) - margin), int(max(xs) + margin), int(max(ys) + margin))


def _paint_fingers(canvas: Canvas, arm: Arm, who: Person, size: float, heading: float, mark: int) -> list[Px]:
    skin, hand = who.skin, arm.hand
    back = (hand[0] - 0.02 * size * math.cos(heading), hand[1] - 0.02 * size * math.sin(heading))
    canvas.limb(back, hand, 0.06 * size, skin, mark)
    tips = []
    spread = 0.10 + 0.34 * arm.open_hand
    bent = 0.6 if arm.open_hand < GRIPPING else 1.0
    for k, length in enumerate((0.052, 0.062, 0.058, 0.046)):
        angle = heading + (k - 1.5) * spread
        root = (
            hand[0] + 0.024 * size * math.cos(heading + (k - 1.5) * 0.62),
            hand[1] + 0.024 * size * math.sin(heading + (k - 1.5) * 0.62),
        )
        tip = (root[0] + bent * length * size * math.cos(angle), root[1] + bent * length * size * math.sin(angle))
        canvas.limb(root, tip, 0.019 * size, skin, mark)
        tips.append(tip)
    side = 1 if who.seed % 2 else -1
    thumb = (
        hand[0] + 0.048 * size * math.cos(heading + side * 1.0),
        hand[1] + 0.048 * size * math.sin(heading + side * 1.0),
    )
    canvas.limb(back, thumb, 0.021 * size, skin, mark)
    return [*tips, thumb, hand]


def bag_sprite(seed: int, height_px: int, kind: str) -> Image:
    """BGRA sprite of a carrier (open, from above), a folded own `bag` or a `purse`."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 23])
    long_n, wide_n = {"carrier": (0.24, 0.2), "bag": (0.24, 0.18), "purse": (0.17, 0.12)}[kind]
    length = round(height_px * long_n * rng.uniform(0.85, 1.15))
    width = round(height_px * wide_n * rng.uniform(0.85, 1.15))
    art = np.zeros((width + 30, length + 30, 4), np.uint8)
    cloth = np.array(colour(rng, dark=50, bright=235), float)
    middle = (length // 2 + 15, width // 2 + 15)
    cv2.ellipse(art, (middle[0], 16), (length // 5, 12), 0, 180, 360, (*(cloth * 0.7), 255), 4, cv2.LINE_AA)
    cv2.ellipse(art, (middle[0], width + 14), (length // 5, 12), 0, 0, 180, (*(cloth * 0.7), 255), 4, cv2.LINE_AA)
    corners = np.array([[15, 15], [length + 15, 15], [length + 15, width + 15], [15, width + 15]], float)
    corners += rng.uniform(-0.06, 0.06, (4, 2)) * length
    cv2.fillPoly(art, [corners.astype(np.int32)], (*cloth, 255), cv2.LINE_AA)
    if kind == "carrier":
        inner = (corners - middle) * 0.78 + middle
        cv2.fillPoly(art, [inner.astype(np.int32)], (*(cloth * 0.35), 255), cv2.LINE_AA)
    elif kind == "purse":
        cv2.line(art, (20, middle[1]), (length + 10, middle[1]), (*(cloth * 0.5), 255), 3)
        cv2.circle(art, middle, max(3, width // 12), (90, 190, 220, 255), -1, cv2.LINE_AA)
    elif rng.random() < 0.6:
        cv2.circle(art, middle, width // 4, (*colour(rng), 255), -1, cv2.LINE_AA)
    folds = cloud(rng, art.shape[:2], 5)[..., None] * float(rng.uniform(10, 35))
    art[..., :3] = np.clip(art[..., :3] + folds, 0, 255).astype(np.uint8)
    return art


def phone_sprite(seed: int, height_px: int) -> Image:
    """A slab with a lit screen that shows a code or a list."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 31])
    length, width = round(height_px * rng.uniform(0.13, 0.155)), round(height_px * rng.uniform(0.062, 0.075))
    art = np.zeros((width, length, 4), np.uint8)
    rim = max(2, width // 12)
    art[..., :3], art[..., 3] = int(rng.integers(15, 70)), 255
    screen = art[rim:-rim, 2 * rim : -2 * rim]
    screen[..., :3] = rng.integers(150, 250, 3)
    if rng.random() < 0.5:
        cells = rng.integers(0, 2, (7, 7), dtype=np.uint8) * 255
        side = min(screen.shape[:2]) * 2 // 3
        code = cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)
        top, left = (screen.shape[0] - side) // 2, (screen.shape[1] - side) // 2
        screen[top : top + side, left : left + side, :3] = code[..., None]
    else:
        for x in range(4, screen.shape[1] - 3, 6):
            cv2.line(screen, (x, 3), (x, int(screen.shape[0] * rng.uniform(0.4, 0.9))), (90, 90, 95, 255), 2)
    return cv2.copyMakeBorder(art, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))


def receipt_sprite(seed: int, height_px: int) -> Image:
    """A strip of paper with lines of print."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 29])
    length, width = round(height_px * rng.uniform(0.1, 0.22)), round(height_px * 0.055)
    art = np.full((width, length, 4), 255, np.uint8)
    art[..., :3] = 238
    for x in range(4, length - 3, 4):
        cv2.line(art, (x, 3), (x, int(width * rng.uniform(0.4, 0.9))), (120, 120, 125, 255), 1)
    curl = (np.sin(np.linspace(0, 5, length)) * 18)[None, :, None]
    art[..., :3] = np.clip(art[..., :3] - np.abs(curl), 0, 255).astype(np.uint8)
    return cv2.copyMakeBorder(art, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
