"""What lies between two acts: passes that are no item of their own, and how long they let an act wait.

An item that is shown again because nothing beeped took its time from the act before to its *first* attempt; those
after it follow at the pace of a hand. So the cadence counts to the first attempt, and an item shown twice is not taken
for one between two others that was never rung up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
JUNK = 5
"""So many passes between two acts may be no act."""
DEEP = JUNK + 1
"""The act before may lie so many rows back."""


def causes_of(alone: Array, after: Array, before: Array, again: float, k: int) -> Array:
    """[k, 3, n + 1 - k] density of each of k passes between two acts: alone, after the earlier act, before the later
    one, which is pass k, k + 1, .., n - 1 and last the end."""
    n = len(alone)
    found = np.empty((k, 3, n + 1 - k))
    for place in range(k):
        own = slice(place, place + n + 1 - k)
        found[place] = alone[own], after[own, place], before[own, k - 1 - place]
    found[:, 1, 0] = found[:, 2, -1] = 0.0  # no act before the first k passes, none after the last
    for place in range(k - 2, -1, -1):  # an attempt before an attempt
        total = found[place + 1].sum(axis=0)
        attempt = found[place + 1, 2] / np.where(total > 0.0, total, 1.0)
        found[place, 2] += attempt * again * before[place : place + n + 1 - k, 0]
    return found


def junk_of(causes: Sequence[Array], n: int) -> Array:
    """[n + 1, DEEP] density of the k passes before pass i, or before the end, none an act."""
    found = np.zeros((n + 1, DEEP))
    for k, cause in enumerate(causes):
        found[k:, k] = cause.sum(axis=1).prod(axis=0)
    return found


def follow_of(begun: Sequence[Array], n: int) -> Array:
    """[n, DEEP] the same before pass i, with the cadence to it, or its first attempt, from the act before those k."""
    found = np.zeros((n, DEEP))
    for k, ways in enumerate(begun):
        found[k:, k] = ways.sum(axis=0)
    return found


def begun_of(causes: Array, gap: Array) -> Array:
    """[k + 1, n - k] density of k passes between two acts and of the cadence, by which of them is the first attempt at
    the act after them, from which its time counts: the last is that there was none. `gap` [n, DEEP]: the cadence to
    each pass from the act k passes before."""
    k, n = len(causes), len(gap)
    between = causes[:, :, : n - k]
    found = np.empty((k + 1, n - k))
    before = np.ones(n - k)
    for place in range(k):
        found[place] = before * between[place, 2] * between[place + 1 :].sum(axis=1).prod(axis=0)
        before = before * (between[place, 0] + between[place, 1])
    found[k] = before
    for place in range(k + 1):
        found[place] *= gap[place : place + n - k, place]
    return found


def shared(
    all_causes: Sequence[Array], begun: Sequence[Array], after_pass: Array, after_slot: Array
) -> tuple[Array, Array, Array]:
    """Divide among its causes, alone, after and before, that a pass was no act. That k such passes lie between the act
    at pass i, or the end, and the one before: a pass [n, DEEP], or a skipped slot or none [n + 1, DEEP]."""
    n = len(after_pass)
    alone, after, before = np.zeros(n), np.zeros((n, JUNK)), np.zeros((n, JUNK))
    for k, causes in enumerate(all_causes):
        total = causes.sum(axis=1)
        parts = causes * (after_slot[k:, k] / _or_one(total))[:, None]
        parts[:, :, : n - k] += _by_attempt(causes[:, :, : n - k], total[:, : n - k], begun[k], after_pass[k:, k])
        for place in range(k):
            own = slice(place, place + n + 1 - k)
            alone[own] += parts[place, 0]
            after[own, place] += parts[place, 1]
            before[own, k - 1 - place] += parts[place, 2]
    return alone, after, before


def _by_attempt(causes: Array, total: Array, begun: Array, share: Array) -> Array:
    """[k, 3, n - k] of `share` [n - k], each place's causes: none before the first attempt is one, that one is, those
    behind it are what they are."""
    k = len(causes)
    begun = begun * (share / _or_one(begun.sum(axis=0)))
    found = np.empty_like(causes)
    for place in range(k):
        sooner, later = begun[:place].sum(axis=0) / _or_one(total[place]), begun[place + 1 :].sum(axis=0)
        found[place] = causes[place] * sooner
        found[place, :2] += causes[place, :2] * (later / _or_one(causes[place, :2].sum(axis=0)))
        found[place, 2] += begun[place]
    return found


def _or_one(total: Array) -> Array:
    return np.where(total > 0.0, total, 1.0)
