"""Drawn surfaces: prints of packs, the belt, the counter, the scanner glass. All from seeds."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]
"""(height, width, 3) BGR or (height, width, 4) BGRA, uint8."""


def colour(rng: np.random.Generator, *, dark: float = 40, bright: float = 240) -> tuple[int, int, int]:
    """A random BGR colour, saturated more often than grey."""
    hue, saturation = rng.integers(0, 180), int(255 * rng.beta(2.0, 1.4))
    value = int(rng.uniform(dark, bright))
    pixel = cv2.cvtColor(np.array([[[hue, saturation, value]]], np.uint8), cv2.COLOR_HSV2BGR)[0, 0]
    return int(pixel[0]), int(pixel[1]), int(pixel[2])


def cloud(rng: np.random.Generator, shape: tuple[int, int], cells: int = 6) -> NDArray[np.float32]:
    """Smooth random field in -1..1, `shape` (height, width)."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    for octave in range(3):
        n = max(2, cells * 2**octave)
        grid = rng.uniform(-1, 1, (n, n)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 2**octave
    return np.clip(total / 1.6, -1, 1)


def print_of_pack(rng: np.random.Generator, height: int, width: int) -> Image:
    """A pack's face: ground, bands or sunburst, a logo, lines of text, sometimes a bar code."""
    ground, accent, ink = colour(rng), colour(rng), colour(rng, dark=10, bright=250)
    face = np.full((height, width, 3), ground, np.uint8)
    _pattern(rng, face, accent)
    _logo(rng, face, ink, colour(rng))
    for _ in range(int(rng.integers(1, 5))):
        y, x = int(rng.uniform(0.1, 0.9) * height), int(rng.uniform(0.05, 0.5) * width)
        length = int(rng.uniform(0.15, 0.45) * width)
        cv2.line(face, (x, y), (x + length, y), ink, max(1, height // 18))
    if rng.random() < 0.35:
        _bar_code(rng, face)
    shade = cloud(rng, (height, width), 2)[..., None] * float(rng.uniform(4, 16))
    return np.clip(face + shade, 0, 255).astype(np.uint8)


def _pattern(rng: np.random.Generator, face: Image, accent: tuple[int, int, int]) -> None:
    height, width = face.shape[:2]
    style = int(rng.integers(0, 5))
    if style == 0:
        y = int(rng.uniform(0.1, 0.7) * height)
        cv2.rectangle(face, (0, y), (width, y + int(rng.uniform(0.15, 0.4) * height)), accent, -1)
    elif style == 1:
        step = int(rng.uniform(0.12, 0.4) * width) + 2
        for x in range(-height, width + height, step):
            cv2.line(face, (x, 0), (x + height // 2, height), accent, max(1, step // 3), cv2.LINE_AA)
    elif style == 2:
        cv2.circle(face, (width // 2, height // 2), int(rng.uniform(0.2, 0.5) * height), accent, -1)
    elif style == 3:
        corner = np.array([[0, 0], [width, 0], [0, int(height * rng.uniform(0.4, 1))]], np.int32)
        cv2.fillPoly(face, [corner], accent)


def _logo(rng: np.random.Generator, face: Image, ink: tuple[int, int, int], fill: tuple[int, int, int]) -> None:
    height, width = face.shape[:2]
    centre = (int(rng.uniform(0.3, 0.7) * width), int(rng.uniform(0.25, 0.6) * height))
    axes = (max(2, int(rng.uniform(0.12, 0.3) * width)), max(2, int(rng.uniform(0.08, 0.22) * height)))
    cv2.ellipse(face, centre, axes, float(rng.uniform(-20, 20)), 0, 360, fill, -1, cv2.LINE_AA)
    word = "".join(chr(int(c)) for c in rng.integers(65, 91, int(rng.integers(2, 6))))
    cv2.putText(
        face,
        word,
        (centre[0] - axes[0], centre[1] + axes[1] // 3),
        cv2.FONT_HERSHEY_SIMPLEX,
        axes[1] / 22,
        ink,
        max(1, axes[1] // 8),
        cv2.LINE_AA,
    )


def _bar_code(rng: np.random.Generator, face: Image) -> None:
    height, width = face.shape[:2]
    x0, y0 = int(width * 0.62), int(height * 0.68)
    patch = face[y0 : int(height * 0.95), x0 : int(width * 0.95)]
    patch[:] = 245
    for x in range(2, max(3, patch.shape[1] - 2)):
        if rng.random() < 0.5:
            patch[:, x] = 20


def belt(rng: np.random.Generator, height: int, width: int) -> Image:
    """A belt's surface, periodic along x so that it can run for ever."""
    ground = float(rng.uniform(22, 75))
    tint = rng.uniform(-6, 6, 3)
    surface = np.full((height, width, 3), ground, np.float32) + tint.astype(np.float32)
    waves: NDArray[Any] = np.zeros(width)
    for k in (3, 8, 21):
        phase = 2 * np.pi * k * np.arange(width) / width + rng.uniform(0, 6)
        waves += rng.uniform(0.5, 2.5) * np.sin(phase)
    surface += waves[None, :, None].astype(np.float32)
    surface += rng.normal(0, float(rng.uniform(1, 5)), (height, width, 1)).astype(np.float32)
    for _ in range(int(rng.integers(3, 14))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.circle(surface, (x, y), int(rng.integers(1, 4)), (ground + 14,) * 3, -1)
    seam = int(rng.integers(0, width))
    cv2.line(surface, (seam, 0), (seam, height), (ground + 18,) * 3, 1)
    return np.clip(surface, 0, 255).astype(np.uint8)


def counter(rng: np.random.Generator, height: int, width: int) -> Image:
    """Floor, counter edge and counter top of the whole picture."""
    floor = np.array(colour(rng, dark=60, bright=190), np.float32) * 0.3 + 85
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = floor
    tile = int(rng.uniform(0.12, 0.3) * height)
    for x in range(int(rng.integers(0, tile)), width, tile):
        cv2.line(picture, (x, 0), (x, height), (floor * 0.85).tolist(), 1)
    for y in range(int(rng.integers(0, tile)), height, tile):
        cv2.line(picture, (0, y), (width, y), (floor * 0.85).tolist(), 1)
    grey = float(rng.uniform(90, 190))
    top = np.array([grey, grey, grey]) + rng.uniform(-14, 14, 3)
    y0, y1 = int(0.24 * height), int(0.755 * height)
    picture[y0:y1] = top
    picture[y1 : y1 + max(2, height // 60)] = top * 0.55
    picture[y0 : y0 + max(1, height // 120)] = top * 0.75
    picture += cloud(rng, (height, width), 4)[..., None] * float(rng.uniform(3, 10))
    return np.clip(picture, 0, 255).astype(np.uint8)


def scanner(rng: np.random.Generator, height: int, width: int) -> Image:
    """The scanner plate: steel with a dark glass window and the faint red of its laser."""
    steel = np.full((height, width, 3), float(rng.uniform(120, 190)), np.float32)
    steel += rng.normal(0, 3, (height, 1, 1)).astype(np.float32)
    margin_y, margin_x = int(height * rng.uniform(0.14, 0.26)), int(width * rng.uniform(0.12, 0.24))
    glass = steel[margin_y : height - margin_y, margin_x : width - margin_x]
    glass[:] = float(rng.uniform(14, 45))
    sheen = np.linspace(0, float(rng.uniform(10, 40)), glass.shape[1], dtype=np.float32)
    glass += sheen[None, :, None]
    middle, spread = (glass.shape[1] // 2, glass.shape[0] // 2), glass.shape[0] // 3
    for angle in (0, 60, 120):
        dx, dy = spread * np.cos(np.radians(angle)), spread * np.sin(np.radians(angle))
        start = (int(middle[0] - dx), int(middle[1] - dy))
        end = (int(middle[0] + dx), int(middle[1] + dy))
        cv2.line(glass, start, end, (30.0, 25.0, 120.0), 1)
    return np.clip(steel, 0, 255).astype(np.uint8)
