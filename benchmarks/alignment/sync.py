"""How far the till's clock is off, from the two streams alone: correlograms and a ridge followed through the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from benchmarks.alignment.streams import Streams

WIDEST_S = 150.0
SCAN_DELAY_S = 0.25
"""Domain: a scanned line follows its pass by that, on average; no stream can tell it from the clock's offset."""
FIRST_S = 600.0
LEAST_PASSES = 40


@dataclass(frozen=True)
class Track:
    """Where lines of scanned goods lie after their passes: `lag` (k,) s at `at` (k,) Unix s of the camera."""

    at: np.ndarray
    lag: np.ndarray

    def __call__(self, t: np.ndarray) -> np.ndarray:
        return np.interp(t, self.at, self.lag)

    def camera_s(self, till_s: np.ndarray) -> np.ndarray:
        """Instants of scanned lines, brought to where their passes should be."""
        guess = till_s - float(np.median(self.lag))
        return till_s - self(guess)

    def clock(self, resolution_s: float) -> list[tuple[float, float]]:
        """The till's offset: the lag less the delay of a scan; a till that cuts its stamps shows half a step less."""
        bias = SCAN_DELAY_S - (resolution_s / 2 if resolution_s >= 0.5 else 0.0)
        return [(float(at), float(lag) - bias) for at, lag in zip(self.at, self.lag, strict=True)]


def unsynchronised(streams: Streams) -> Track:
    return _constant(streams, 0.0)


def one_off(streams: Streams) -> Track:
    """Set once at commissioning: from the first ten minutes, longer where hardly anything crossed."""
    if not len(streams.t):
        return _constant(streams, 0.0)
    until = max(streams.t[0] + FIRST_S, streams.t[min(LEAST_PASSES, len(streams.t)) - 1])
    return _constant(streams, _best_lag(streams.t[streams.t <= until], streams.scans))


def whole_day(streams: Streams) -> Track:
    """One offset for all of it."""
    return _constant(streams, _best_lag(streams.t, streams.scans))


def tracked(streams: Streams) -> Track:
    """Drift and steps too: a ridge through the correlograms of half-hours, then a finer one through minutes."""
    if len(streams.t) < 2 or not len(streams.scans):
        return _constant(streams, 0.0)
    grid = np.arange(-WIDEST_S, WIDEST_S, 0.2)
    rough = _ridge(
        streams, _constant(streams, 0.0), grid, window_s=1800.0, stride_s=600.0, kernel_s=(0.4, 8.0), jump=12.0
    )
    fine = np.arange(-4.0, 4.0, 0.05)
    return _ridge(streams, rough, fine, window_s=240.0, stride_s=60.0, kernel_s=(0.25, 1.5), jump=9.0)


def _constant(streams: Streams, lag: float) -> Track:
    at = streams.t[[0, -1]] if len(streams.t) else np.zeros(2)
    return Track(at, np.full(2, lag))


def _differences(t: np.ndarray, s: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """All s[j] - t[i] within [low, high), and i for each."""
    first, last = np.searchsorted(s, t + low), np.searchsorted(s, t + high)
    count = last - first
    i = np.repeat(np.arange(len(t)), count)
    j = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    return s[j] - t[i], i


def _best_lag(t: np.ndarray, scans: np.ndarray) -> float:
    """The peak of the correlogram, 0 where there is nothing to correlate."""
    width = 0.1
    found, _ = _differences(t, np.sort(scans), -WIDEST_S, WIDEST_S)
    if not len(found):
        return 0.0
    counts, edges = np.histogram(found, np.arange(-WIDEST_S, WIDEST_S + width, width))
    smooth = gaussian_filter1d(counts.astype(float), 0.4 / width)
    return float(edges[int(np.argmax(smooth))] + width / 2)


def _ridge(
    streams: Streams,
    around: Track,
    grid: np.ndarray,
    *,
    window_s: float,
    stride_s: float,
    kernel_s: tuple[float, float],
    jump: float,
) -> Track:
    """The best path of the lag over windows of time: it may drift a little, and jump at a price.

    kernel_s: of a peak, and of the level that it stands out from.
    """
    width = float(grid[1] - grid[0])
    centres = np.arange(streams.t[0], streams.t[-1] + stride_s, stride_s)
    found, who = _differences_around(streams, around, grid)
    counts = np.zeros((len(centres), len(grid)))
    cell = np.clip(np.round((found - grid[0]) / width).astype(int), 0, len(grid) - 1)
    at = streams.t[who]
    reach = int(np.ceil(window_s / stride_s / 2))
    nearest = np.round((at - centres[0]) / stride_s).astype(int)
    for shift in range(-reach, reach + 1):
        row = nearest + shift
        inside = (row >= 0) & (row < len(centres))
        inside[inside] &= np.abs(centres[row[inside]] - at[inside]) <= window_s / 2
        np.add.at(counts, (row[inside], cell[inside]), 1.0)
    peak, level = (gaussian_filter1d(counts, kernel / width, axis=1) for kernel in kernel_s)
    salience = (peak - level) / np.sqrt(level * width / (2 * kernel_s[0]) + 0.05)
    path = _best_path(salience, drift=0.4 * width / 0.05, jump=jump)
    return Track(centres, around(centres) + grid[path])


def _differences_around(streams: Streams, around: Track, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    expected = around(streams.t)
    found, who = _differences(streams.t + expected, np.sort(streams.scans), float(grid[0]), float(grid[-1]))
    return found, who


def _best_path(salience: np.ndarray, drift: float, jump: float) -> np.ndarray:
    """Viterbi: one cell aside costs `drift`, two twice that; anywhere else costs `jump`."""
    rows, cells = salience.shape
    total, came = salience[0].copy(), np.zeros((rows, cells), int)
    here = np.arange(cells)
    for row in range(1, rows):
        best = int(np.argmax(total))
        value, source = np.full(cells, total[best] - jump), np.full(cells, best)
        for aside in (-2, -1, 0, 1, 2):
            shifted = np.full(cells, -np.inf)
            inside = (here + aside >= 0) & (here + aside < cells)
            shifted[inside] = total[here[inside] + aside] - drift * abs(aside)
            better = shifted > value
            value[better], source[better] = shifted[better], (here + aside)[better]
        came[row], total = source, value + salience[row]
    path = np.zeros(rows, int)
    path[-1] = int(np.argmax(total))
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
