"""The monotone alignment itself: every way to pair ordered passes with ordered slots, weighed and summed.

A pair-HMM with three moves: pair pass i with slot j, leave pass i alone, leave slot j empty. Divided by the weight of
leaving all alone, only the odds of each pair remain (``log_odds``), so that sums stay in range. Between two pairs, lone
passes come before empty slots: each pairing is counted once. O(n m) time, rows vectorised.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CAP = 60.0


def pair_posteriors(log_odds: Array) -> tuple[Array, float]:
    """`log_odds` [n, m]: log of pairing i with j over leaving both alone. Gives P(i pairs with j) [n, m] and log Z."""
    n, m = log_odds.shape
    if n == 0 or m == 0:
        return np.zeros((n, m)), 0.0
    odds = np.exp(np.minimum(log_odds, CAP))
    forward, forward_log = _forward(odds)
    backward, backward_log = _backward(odds)
    log_z = float(np.log(forward[n, m]) + forward_log[n])
    scale = forward_log[:n, None] + backward_log[1:, None] - log_z
    with np.errstate(divide="ignore"):
        log_p = np.log(forward[:n, :m]) + np.log(odds) + np.log(backward[1:, 1:]) + scale
    return np.exp(np.minimum(log_p, 0.0)), log_z


def log_evidences(tables: Sequence[Array]) -> list[float]:
    """log Z of several tables over the same passes: how much better their best pairings are than none at all."""
    n, m = tables[0].shape[0], max(table.shape[1] for table in tables)
    if n == 0 or m == 0:
        return [0.0] * len(tables)
    odds = np.zeros((len(tables), n, m))  # a slot of zero odds is no slot
    for index, table in enumerate(tables):
        odds[index, :, : table.shape[1]] = np.exp(np.minimum(table, CAP))
    forward, forward_log = _forward(odds)
    return [float(z) for z in np.log(forward[:, n, m]) + forward_log[:, n]]


def _forward(odds: Array) -> tuple[Array, Array]:
    """Sums over all pairings of the first i passes and first j slots, [..., n + 1, m + 1], and what each row is
    scaled by, exp of [..., n + 1]."""
    *many, n, m = odds.shape
    total = np.ones((*many, n + 1, m + 1))
    logs = np.zeros((*many, n + 1))
    alone = np.zeros((*many, m + 1))
    alone[..., 0] = 1.0  # pairings whose last move was not an empty slot
    for i in range(1, n + 1):
        alone[..., 1:] += total[..., i - 1, :-1] * odds[..., i - 1, :]
        row = alone.cumsum(axis=-1)
        top = row[..., -1:]
        alone /= top
        total[..., i, :] = row / top
        logs[..., i] = logs[..., i - 1] + np.log(top[..., 0])
    return total, logs


def _backward(odds: Array) -> tuple[Array, Array]:
    """Sums over all ways to finish after a pair or lone pass at (i, j), [n + 1, m + 1], rows scaled likewise."""
    n, m = odds.shape
    after = np.ones((n + 1, m + 1))
    logs = np.zeros(n + 1)
    for i in range(n - 1, -1, -1):
        paired = np.append(odds[i] * after[i + 1, 1:], 0.0)
        row = after[i + 1] + paired[::-1].cumsum()[::-1]
        top = row[0]
        after[i] = row / top
        logs[i] = logs[i + 1] + np.log(top)
    return after, logs
