"""Items from above as BGRA sprites: an outline, a print, the shading of its form."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from shrink.simulator.acts import Look, Shape
from shrink.simulator.textures import Image, cloud, colour, print_of_pack

PAD_PX = 3

SIZES: dict[Shape, tuple[tuple[float, float], tuple[float, float]]] = {
    # length and width as fractions of the frame height (2.5 px per cm at 360 px)
    Shape.BOX: ((0.10, 0.21), (0.07, 0.14)),
    Shape.BOTTLE: ((0.18, 0.24), (0.055, 0.085)),
    Shape.CAN: ((0.075, 0.10), (0.06, 0.075)),
    Shape.PRODUCE: ((0.06, 0.12), (0.055, 0.10)),
    Shape.CARTON: ((0.14, 0.19), (0.065, 0.09)),
    Shape.TUBE: ((0.12, 0.18), (0.04, 0.055)),
    Shape.TRAY: ((0.13, 0.19), (0.10, 0.14)),
    Shape.JAR: ((0.08, 0.11), (0.065, 0.085)),
    Shape.POUCH: ((0.11, 0.18), (0.08, 0.13)),
    Shape.NET: ((0.11, 0.17), (0.09, 0.12)),
}


def look_for(rng: np.random.Generator, shape: Shape | None = None, scale: float = 1.0) -> Look:
    """A random item of plausible size."""
    chosen = shape or list(Shape)[int(rng.integers(0, len(Shape)))]
    (l0, l1), (w0, w1) = SIZES[chosen]
    length, width = float(rng.uniform(l0, l1)) * scale, float(rng.uniform(w0, w1)) * scale
    return Look(chosen, length, min(width, length), int(rng.integers(0, 1 << 30)))


def item_sprite(look: Look, height_px: int, photos: Sequence[Image] = ()) -> Image:
    """BGRA image of the item lying along x, straight alpha, padded by `PAD_PX`."""
    rng = np.random.default_rng(look.seed)
    length, width = max(6, round(look.length_n * height_px)), max(6, round(look.width_n * height_px))
    scale = 3  # drawn three times too large: prints stay crisp, edges get soft
    mask = _outline(rng, look.shape, length * scale, width * scale)
    if look.photo is not None and photos:
        face = cv2.resize(photos[look.photo % len(photos)], (length * scale, width * scale))
    else:
        face = _face(rng, look.shape, length * scale, width * scale)
    lit = np.clip(face.astype(np.float32) * _relief(rng, look.shape, mask)[..., None], 0, 255)
    sprite = np.dstack([lit.astype(np.uint8), mask])
    small = cv2.resize(sprite, (length, width), interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(small, *(PAD_PX,) * 4, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))


def _rounded(length: int, width: int, radius: float) -> Image:
    mask = np.zeros((width, length), np.uint8)
    r = max(1, int(radius * width))
    cv2.rectangle(mask, (r, 0), (length - 1 - r, width - 1), 255, -1)
    cv2.rectangle(mask, (0, r), (length - 1, width - 1 - r), 255, -1)
    for x in (r, length - 1 - r):
        for y in (r, width - 1 - r):
            cv2.circle(mask, (x, y), r, 255, -1)
    return mask


def _outline(rng: np.random.Generator, shape: Shape, length: int, width: int) -> Image:
    if shape is Shape.BOTTLE:
        mask = np.zeros((width, length), np.uint8)
        body = int(length * rng.uniform(0.6, 0.72))
        mask[:, :body] = _rounded(body, width, 0.2)
        neck, middle = int(width * rng.uniform(0.17, 0.24)), width // 2
        shoulder = int(length * 0.82)
        cone = [[body - width // 4, 2], [shoulder, middle - neck], [shoulder, middle + neck]]
        cv2.fillPoly(mask, [np.array([*cone, [body - width // 4, width - 2]], np.int32)], 255)
        cv2.rectangle(mask, (shoulder - 2, middle - neck), (length - 1, middle + neck), 255, -1)
        return mask
    if shape is Shape.TUBE:
        taper = int(width * 0.3)
        mask = np.zeros((width, length), np.uint8)
        outline = [
            [0, 0],
            [length * 4 // 5, taper],
            [length - 1, width // 3],
            [length - 1, width * 2 // 3],
            [length * 4 // 5, width - taper],
            [0, width - 1],
        ]
        cv2.fillPoly(mask, [np.array(outline, np.int32)], 255)
        return mask
    if shape in (Shape.PRODUCE, Shape.NET):
        return _blob(rng, length, width, 0.05 if shape is Shape.PRODUCE else 0.14)
    standing = shape in (Shape.CAN, Shape.JAR) and rng.random() < 0.4
    if standing:
        mask = np.zeros((width, length), np.uint8)
        cv2.ellipse(mask, (length // 2, width // 2), (length // 2 - 1, width // 2 - 1), 0, 0, 360, 255, -1)
        return mask
    radius = {Shape.CAN: 0.12, Shape.JAR: 0.22, Shape.POUCH: 0.1, Shape.TRAY: 0.14}.get(shape, 0.04)
    return _rounded(length, width, radius)


def _blob(rng: np.random.Generator, length: int, width: int, rough: float) -> Image:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.ones(60)
    for k in range(2, 7):
        radius += rough * rng.uniform(-1, 1) * np.sin(k * angles + rng.uniform(0, 6)) / k**0.5
    radius /= radius.max()
    xs = length / 2 + radius * np.cos(angles) * (length / 2 - 1)
    ys = width / 2 + radius * np.sin(angles) * (width / 2 - 1)
    mask = np.zeros((width, length), np.uint8)
    cv2.fillPoly(mask, [np.stack([xs, ys], axis=1).astype(np.int32)], 255)
    return mask


def _face(rng: np.random.Generator, shape: Shape, length: int, width: int) -> Image:
    if shape is Shape.PRODUCE:
        return _skin_of_fruit(rng, length, width)
    if shape is Shape.NET:
        return _net(rng, length, width)
    if shape is Shape.TRAY:
        face = np.full((width, length, 3), 235, np.uint8)
        food = np.array(colour(rng, dark=90, bright=220), np.float32)
        inner = food + cloud(rng, (width, length), 8)[..., None] * 50
        edge = width // 9
        face[edge:-edge, edge:-edge] = np.clip(inner, 0, 255).astype(np.uint8)[edge:-edge, edge:-edge]
        label = print_of_pack(rng, width // 3, length // 3)
        face[edge : edge + label.shape[0], edge : edge + label.shape[1]] = label
        return face
    face = print_of_pack(rng, width, length)
    if shape is Shape.BOTTLE:
        drink = colour(rng)
        face[:, : int(length * 0.16)] = drink
        face[:, int(length * 0.55) : int(length * 0.9)] = drink
        face[:, int(length * 0.9) :] = colour(rng)
    elif shape in (Shape.CAN, Shape.JAR, Shape.TUBE):
        rim = colour(rng) if shape is Shape.JAR else (200, 200, 205)
        face[:, : length // 12] = rim
        face[:, -length // (5 if shape is Shape.JAR else 12) :] = rim
    elif shape is Shape.POUCH:
        face[:, : length // 14] = (face[:, : length // 14] * 0.6).astype(np.uint8)
        face[:, -length // 14 :] = (face[:, -length // 14 :] * 0.6).astype(np.uint8)
    return face


def _skin_of_fruit(rng: np.random.Generator, length: int, width: int) -> Image:
    fruit = [
        (40, 45, 190),
        (40, 150, 235),
        (60, 190, 220),
        (70, 160, 90),
        (50, 90, 60),
        (200, 220, 225),
        (80, 60, 130),
        (60, 120, 170),
        (90, 60, 70),
    ]
    base = np.array(fruit[int(rng.integers(0, len(fruit)))], np.float32) + rng.uniform(-25, 25, 3)
    other = np.array(fruit[int(rng.integers(0, len(fruit)))], np.float32)
    mix = np.clip(cloud(rng, (width, length), 3) * rng.uniform(0, 0.5), 0, 1)[..., None]
    grain = cloud(rng, (width, length), 14)[..., None] * rng.uniform(5, 40)
    face = np.clip(base * (1 - mix) + other * mix + grain, 0, 255).astype(np.uint8)
    cv2.circle(face, (length // 2, width // 2), max(2, width // 12), (50, 70, 60), -1)
    return face


def _net(rng: np.random.Generator, length: int, width: int) -> Image:
    """Several fruits in a net."""
    face = np.full((width, length, 3), colour(rng, dark=60, bright=160), np.uint8)
    r = width // 4
    for x in range(r // 2, length + r, int(r * 1.6)):
        for y in range(r // 2, width + r, int(r * 1.6)):
            fruit = _skin_of_fruit(np.random.default_rng(int(rng.integers(1 << 30))), 2 * r, 2 * r)
            tone = tuple(int(c) for c in fruit.reshape(-1, 3).mean(axis=0))
            cv2.circle(face, (x, y), r, tone, -1, cv2.LINE_AA)
            cv2.circle(face, (x - r // 4, y - r // 4), r // 3, tuple(min(255, c + 35) for c in tone), -1)
    thread = colour(rng)
    for d in range(-width, length, max(6, r // 2)):
        cv2.line(face, (d, 0), (d + width, width), thread, 2)
        cv2.line(face, (d, width), (d + width, 0), thread, 2)
    return face


def _relief(rng: np.random.Generator, shape: Shape, mask: Image) -> NDArray[np.float32]:
    """Light and shade of the form, around 1."""
    height, width = mask.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    if shape in (Shape.BOTTLE, Shape.CAN, Shape.TUBE, Shape.JAR):
        shine = np.exp(-(((y + float(rng.uniform(0.1, 0.5))) / 0.16) ** 2)) * float(rng.uniform(0.1, 0.5))
        return np.broadcast_to(0.55 + 0.5 * np.sqrt(np.clip(1 - y**2, 0, 1)) + shine, mask.shape)
    if shape in (Shape.PRODUCE, Shape.NET):
        dome = np.sqrt(np.clip(1.1 - x**2 - y**2, 0.02, 1))
        glint = np.exp(-((x + 0.35) ** 2 + (y + 0.4) ** 2) / 0.04) * float(rng.uniform(0.0, 0.6))
        return 0.55 + 0.5 * dome + glint
    if shape is Shape.POUCH:
        return 1.0 + 0.22 * cloud(rng, mask.shape, 4)
    tilt = 1.0 + 0.15 * float(rng.uniform(-1, 1)) * x + 0.15 * float(rng.uniform(-1, 1)) * y
    film = 0.35 * (np.abs(x * 0.8 + y - rng.uniform(-1, 1)) < 0.12) if shape is Shape.TRAY else 0.0
    return (tilt + film).astype(np.float32)
