"""Light, shadows and sensor: what lies between the scene and the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shrink.simulator.textures import Image

NOISE_MARGIN = 61
"""Noise is one field a little larger than the picture, cut elsewhere for every instant."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How hard the picture is made: all amplitudes, zero switches a disturbance off."""

    noise: float = 3.0
    flicker: float = 0.015
    drift: float = 0.10
    step_every_s: float = 45.0
    step: float = 0.18
    glare: float = 0.5


class Light:
    """Gain, tint, vignette, glare and noise of one seeded camera."""

    def __init__(self, seed: int, height: int, width: int, weather: Weather) -> None:
        rng = np.random.default_rng([seed & 0xFFFFFFFF, 41])
        self._seed, self._weather = seed, weather
        self._gain = float(rng.uniform(0.9, 1.25))
        self._tint = rng.uniform(0.93, 1.07, 3).astype(np.float32)
        self._phase = float(rng.uniform(0, 6.28))
        self.shadow_px = (float(rng.uniform(-0.016, 0.016)) * height, float(rng.uniform(0.004, 0.018)) * height)
        self.shadow_dark = float(rng.uniform(0.25, 0.6))
        self._vignette = _vignette(rng, height, width)
        self._glare_n = (float(rng.uniform(0.3, 0.85)), float(rng.uniform(0.3, 0.7)))
        self._glare = (_glow(rng, height) * weather.glare * float(rng.uniform(0.2, 1.0))).astype(np.int16)
        field = (height + NOISE_MARGIN, width + NOISE_MARGIN, 3)
        self._noise = (rng.standard_normal(field, np.float32) * weather.noise).astype(np.int16)

    def gain(self, t_s: float) -> float:
        """Overall brightness at `t_s`: slow drift, mains flicker, and steps when a lamp switches."""
        w = self._weather
        drift = w.drift * np.sin(2 * np.pi * t_s / 97.0 + self._phase)
        flicker = w.flicker * np.sin(2 * np.pi * 7.3 * t_s)
        step = 0.0
        if w.step_every_s > 0:
            epoch = int(t_s // w.step_every_s)
            now, before = _step(self._seed, epoch), _step(self._seed, epoch - 1)
            share = min((t_s - epoch * w.step_every_s) / 0.4, 1.0)
            step = w.step * (before + (now - before) * share)
        return self._gain * (1.0 + drift + flicker + step)

    def apply(self, picture: Image, t_s: float) -> Image:
        """The picture as the sensor delivers it."""
        self._add_glare(picture, t_s)
        table = np.arange(256, dtype=np.float32)[:, None] * self._tint * self.gain(t_s)
        lit = cv2.LUT(picture, np.clip(table, 0, 255).astype(np.uint8).reshape(256, 1, 3))
        lit = cv2.multiply(lit, self._vignette, scale=1 / 255)
        index = int(t_s * 1000) * 7919
        y, x = index % NOISE_MARGIN, index // NOISE_MARGIN % NOISE_MARGIN
        noise = self._noise[y : y + picture.shape[0], x : x + picture.shape[1]]
        return cv2.add(lit, noise, dtype=cv2.CV_8U)

    def _add_glare(self, picture: Image, t_s: float) -> None:
        side = self._glare.shape[0]
        height, width = picture.shape[:2]
        x = int((self._glare_n[0] + 0.02 * np.sin(t_s / 13.0)) * width) - side // 2
        y = int(self._glare_n[1] * height) - side // 2
        x, y = min(max(x, 0), width - side), min(max(y, 0), height - side)
        spot = picture[y : y + side, x : x + side]
        cv2.add(spot, self._glare, dst=spot, dtype=cv2.CV_8U)


def _step(seed: int, epoch: int) -> float:
    return float(np.random.default_rng([seed & 0xFFFFFFFF, epoch & 0xFFFFFFFF, 43]).uniform(-1, 1))


def _vignette(rng: np.random.Generator, height: int, width: int) -> Image:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope_x, slope_y, fall = rng.uniform(-0.14, 0.14), rng.uniform(-0.14, 0.14), rng.uniform(0.05, 0.2)
    shade = 1.0 + slope_x * x + slope_y * y - fall * (x**2 + y**2) / 2
    return np.repeat(np.clip(shade * 225, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _glow(rng: np.random.Generator, height: int) -> NDArray[np.float32]:
    side = int(height * rng.uniform(0.18, 0.4)) // 2 * 2
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    shape = np.exp(-((x * rng.uniform(1.5, 3)) ** 2 + (y * rng.uniform(1.5, 6)) ** 2))
    return np.repeat((shape * 110).astype(np.float32)[..., None], 3, axis=2)
