"""The lattice's sums against every story told one by one, and against what must hold of any of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from cases.domain.alignment.between import JUNK
from cases.domain.alignment.lattice import Posterior, Weights, posteriors

Event = tuple[str, int | tuple[int, int]]
PARTS = ("pair", "unpaid", "alone", "after", "before", "gap")
SIZES = [(1, 0), (3, 0), (1, 1), (1, 3), (2, 2), (3, 3), (4, 1), (4, 3), (5, 2), (6, 1)]


def random_weights(n: int, m: int, seed: int, swaps: float = 0.5) -> Weights:
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return rng.uniform(0.05, 1.0, shape)

    return Weights(
        pair=some(n, m),
        unpaid=some(n),
        alone=some(n),
        after=some(n, JUNK),
        before=some(n, JUNK),
        skip=some(m),
        hard=rng.random(m) < 0.6,
        swap=(rng.random(m) < swaps) & (np.arange(m) > 0),
        pass_gap=some(n, JUNK + 1),
        hidden=1.0 + some(n, JUNK + 1),
        slot_to_pass=some(n, m),
        pass_to_slot=some(n, m),
        slot_gap=some(m),
        first=0.3,
        low=np.zeros(n + 1, dtype=int),
        high=np.full(n + 1, m),
    )


class Stories:
    """Every story of small weights, walked through act by act."""

    def __init__(self, w: Weights) -> None:
        self.w = w
        self.n, self.m = w.pair.shape
        shapes = ((self.n, self.m), self.n, self.n, (self.n, JUNK), (self.n, JUNK), (self.n, JUNK + 1))
        self.sums = dict(zip(PARTS, (np.zeros(shape) for shape in shapes), strict=True))
        self.total = 0.0
        self._walk(0, 0, -1, False, None, 1.0, [])

    def _walk(
        self, i: int, j: int, last: int, skipped: bool, owed: int | None, weight: float, told: list[Event]
    ) -> None:
        """`i` passes and `j` slots are told; the last act was pass `last`, unless a hard slot was `skipped` since;
        slot `owed` must be the next act's."""
        w = self.w
        if j == self.m and owed is None and self.n - i <= JUNK:
            for share, events in self._no_acts(i, self.n, last):
                self._end(weight * share, told + events)
        for act in range(i, min(i + JUNK + 1, self.n)):
            follows = last >= 0 and not skipped
            for share, events in self._no_acts(i, act, last):
                begins = next((place[0] for kind, place in events if kind == "before"), act)  # its first attempt
                gap = w.slot_to_pass[act, j - 1] if skipped else w.pass_gap[begins, begins - i] if follows else w.first
                so_far = [*told, *events, *([("gap", (act, act - i))] if follows else [])]
                self._act(act, j, owed, weight * share * gap, w.hidden[act, act - i] if follows else 1.0, so_far)
        if owed is None and j < self.m:
            if not w.hard[j]:
                self._walk(i, j + 1, last, skipped, None, weight * w.skip[j], told)
            else:
                gap = w.slot_gap[j] if skipped else w.pass_to_slot[last, j] if last >= 0 else w.first
                self._walk(i, j + 1, last, True, None, weight * gap * w.skip[j], told)

    def _act(self, act: int, j: int, owed: int | None, weight: float, hidden: float, told: list[Event]) -> None:
        w = self.w

        def pair(slot: int, then: int, owes: int | None = None) -> None:
            self._walk(act + 1, then, act, False, owes, weight * w.pair[act, slot], [*told, ("pair", (act, slot))])

        if owed is not None:
            pair(owed, j)
            return
        self._walk(act + 1, j, act, False, None, weight * w.unpaid[act] * hidden, [*told, ("unpaid", act)])
        if j < self.m:
            pair(j, j + 1)
        if j + 1 < self.m and w.swap[j + 1]:
            pair(j + 1, j + 2, owes=j)

    def _no_acts(self, start: int, stop: int, last: int) -> list[tuple[float, list[Event]]]:
        """Every way in which the passes from `start` to `stop`, which is an act or the end, are none."""
        ways = []
        for x in range(start, stop):
            own: list[tuple[float, Event]] = [(self.w.alone[x], ("alone", x))]
            if last >= 0:
                own.append((self.w.after[x, x - 1 - last], ("after", (x, x - 1 - last))))
            if stop < self.n:
                own.append((self.w.before[x, stop - x - 1], ("before", (x, stop - x - 1))))
            ways.append(own)
        return [(float(np.prod([share for share, _ in way])), [event for _, event in way]) for way in product(*ways)]

    def _end(self, weight: float, told: list[Event]) -> None:
        self.total += weight
        for kind, place in told:
            self.sums[kind][place] += weight


def assert_equal(found: Posterior, expected: Posterior) -> None:
    for part in PARTS:
        np.testing.assert_allclose(getattr(found, part), getattr(expected, part), rtol=1e-9, atol=1e-12, err_msg=part)


def of_each_pass(found: Posterior) -> np.ndarray:
    junk = found.alone + found.after.sum(axis=1) + found.before.sum(axis=1)
    return np.asarray(found.pair.sum(axis=1) + found.unpaid + junk)


@pytest.mark.parametrize(("n", "m"), SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_the_sums_are_those_over_every_story(n: int, m: int, seed: int) -> None:
    w = random_weights(n, m, seed)
    found, stories = posteriors(w), Stories(w)
    assert np.exp(found.log_z) == pytest.approx(stories.total, rel=1e-9)
    for part in PARTS:
        np.testing.assert_allclose(getattr(found, part), stories.sums[part] / stories.total, rtol=1e-9, err_msg=part)


@pytest.mark.parametrize("never", ["after", "before", "unpaid", "pair"])
def test_what_cannot_be_has_no_part(never: str) -> None:
    w = random_weights(4, 3, 7)
    w = replace(w, **{never: np.zeros_like(getattr(w, never))})
    found, stories = posteriors(w), Stories(w)
    assert not getattr(found, never).any()
    for part in PARTS:
        np.testing.assert_allclose(getattr(found, part), stories.sums[part] / stories.total, rtol=1e-9, err_msg=part)


def test_slots_without_passes_leave_nothing_to_say() -> None:
    found = posteriors(random_weights(0, 3, 1))
    assert [getattr(found, part).shape for part in PARTS] == [(0, 3), (0,), (0,), (0, JUNK), (0, JUNK), (0, JUNK + 1)]


@pytest.mark.parametrize(("n", "m"), [*SIZES, (30, 25), (40, 60)])
def test_every_pass_is_something(n: int, m: int) -> None:
    np.testing.assert_allclose(of_each_pass(posteriors(random_weights(n, m, 3))), 1.0, rtol=1e-9)


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_a_long_stretch_stays_in_range(size: float) -> None:
    w = random_weights(400, 390, 5)
    w = replace(w, pair=w.pair * size, unpaid=w.unpaid * size)
    found = posteriors(w)
    assert np.isfinite(found.log_z)
    np.testing.assert_allclose(of_each_pass(found), 1.0, rtol=1e-9)


def test_a_band_that_leaves_out_only_the_impossible_changes_nothing() -> None:
    n, m = 12, 8
    w = random_weights(n, m, 9)
    w = replace(w, skip=np.zeros(m))  # so that acts tell every slot, one each, or two with one owed
    told = np.arange(n + 1)
    assert_equal(posteriors(replace(w, low=np.maximum(0, told - n + m), high=np.minimum(told + 1, m))), posteriors(w))


@pytest.mark.parametrize("size", [1e-18, 1.0, 1e18])
def test_rows_of_other_scales_tell_the_same(size: float) -> None:
    """Every story tells each pass once: a factor common to all that a pass may be changes nothing."""
    w, factor = random_weights(12, 10, 11), np.ones(12)
    factor[::3] = size
    scaled = replace(
        w,
        pair=w.pair * factor[:, None],
        unpaid=w.unpaid * factor,
        alone=w.alone * factor,
        after=w.after * factor[:, None],
        before=w.before * factor[:, None],
    )
    assert_equal(posteriors(scaled), posteriors(w))
    assert posteriors(scaled).log_z == pytest.approx(posteriors(w).log_z + np.log(factor).sum())


@pytest.mark.parametrize("seed", range(3))
def test_slots_too_far_for_any_pass_change_nothing(seed: int) -> None:
    w, early = random_weights(9, 6, seed), 3

    def wider(table: np.ndarray, value: float) -> np.ndarray:
        far = np.full((*table.shape[:-1], early), value, dtype=table.dtype)
        return np.concatenate([far, table], axis=-1)

    far = replace(
        w,
        pair=wider(w.pair, 0.0),
        skip=wider(w.skip, 0.5),
        hard=wider(w.hard, False),
        swap=wider(w.swap, False),
        slot_to_pass=wider(w.slot_to_pass, 0.1),
        pass_to_slot=wider(w.pass_to_slot, 0.1),
        slot_gap=wider(w.slot_gap, 0.1),
        low=np.where(np.arange(10) > 0, early, 0),
        high=w.high + early,
    )
    found, expected = posteriors(far), posteriors(w)
    assert not found.pair[:, :early].any()
    assert_equal(replace(found, pair=found.pair[:, early:]), expected)
    assert found.log_z == pytest.approx(expected.log_z + early * np.log(0.5))
