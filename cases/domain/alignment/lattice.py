"""The alignment itself: every way two witnesses can have told one story, weighed and summed.

A story is a sequence of acts at the lane: an item that crossed and was rung up, one that crossed and was not, one that
was rung up and the camera missed. Between two acts lie passes that were no item of their own (seen twice, shown again
because it did not beep, nothing at all). Acts follow each other at the lane's cadence, so an item that was never rung
up takes an item's time, while one that was seen twice takes none: a renewal pair-HMM (pair-HMM: Durbin et al. 1998,
ch. 4; renewal gaps between acts make it a hidden semi-Markov model, Yu 2010).

States, for i passes and j slots told so far: A the last act is pass i; B it is slot j, which no pass shows; C pass i
was paired with slot j while slot j - 1, whose entry takes longer, is still owed and goes to the next act. Rows are
passes; within a row only slots near in time count.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.between import DEEP, JUNK, begun_of, causes_of, follow_of, junk_of, shared

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = list[float]
FAINT, LOUD = 1e-20, 1e20
"""Rows between keep the scale of their neighbour."""
MOST = 700.0
"""exp of more is no number, and times the zero weight of a row that is not there it would not be zero."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All that the lattice needs to know of `n` passes and `m` slots, as densities per second."""

    pair: Array  # [n, m] pass i shows slot j, delay law and all
    unpaid: Array  # [n] pass i is an item without a line
    alone: Array  # [n] pass i is no item
    after: Array  # [n, JUNK] pass i is the act at pass i - 1 - k once more
    before: Array  # [n, JUNK] pass i is the act at pass i + 1 + k, a first time
    skip: Array  # [m] slot j is shown by no pass
    hard: NDArray[np.bool_]  # [m] slot j is an item of its own, so that skipping it is an act
    swap: NDArray[np.bool_]  # [m] slots j - 1 and j may be crossed the other way round
    pass_gap: Array  # [n, JUNK + 1] cadence from pass i - 1 - k to pass i
    hidden: Array  # [n, JUNK + 1] how much likelier than that cadence an unpaid item follows so
    slot_to_pass: Array  # [n, m] cadence from skipped slot j to pass i
    pass_to_slot: Array  # [n, m] cadence from pass i to skipped slot j
    slot_gap: Array  # [m] cadence from the hard slot before j to slot j, both skipped
    first: float  # cadence of an act with none before it
    low: Ints  # [n + 1] slots before this one are told when pass i was
    high: Ints  # [n + 1] and none from this one on
    again: float = 0.0
    """How much likelier than a first attempt a further one is, of a pass whose next pass was an attempt too."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """`pair` [n, m]; `unpaid` [n]; `alone` [n]; `after`, `before` [n, JUNK]: which act a pass repeats;
    `gap` [n, JUNK + 1]: that the acts at pass i - 1 - k and i follow each other; `log_z`: evidence."""

    pair: Array
    unpaid: Array
    alone: Array
    after: Array
    before: Array
    gap: Array
    log_z: float


def posteriors(w: Weights) -> Posterior:
    """Each pass's and slot's part in all stories, by forward and backward sums; rows are scaled to stay in range."""
    n, m = w.pair.shape
    if n == 0:
        empty = np.zeros((0, JUNK))
        return Posterior(np.zeros((0, m)), np.zeros(0), np.zeros(0), empty, empty, np.zeros((0, JUNK + 1)), 0.0)
    tables = _tabled(w, n, m)
    return _collected(tables, _forward(tables), _backward(tables))


EDGE = 2
"""Of a row, slots told 0..m are columns EDGE..m + EDGE, so that there are always two before."""
TO_PASS, PAIR, CROSSED, LEAVE = range(4)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The weights laid out so that a row takes few steps: a band is a few slots wide, so what costs is how many array
    operations there are, not their size. Pass i is told in row i + 1. What a slot does stands in the column that is
    reached with it: telling it skipped adds a * stay to the next a, and a * leave + b * go to the next b."""

    w: Weights
    n: int
    width: int  # m + 1 + EDGE
    causes: list[Array]  # [k, 3, n + 1 - k] why each of k passes between two acts is none: see causes_of
    junk: Array  # [n + 1, DEEP] density of the k passes before pass i, none an act; pass n is the end
    begun: list[Array]  # [k, k + 1, n - k] see begun_of
    follow: Array  # [n, DEEP] the same with the cadence to the act at pass i, or to its first attempt, from the act
    # before those k; from a first act's, where there is none before
    unpaid: Array  # [n, DEEP] pass i is an item without a line, following that act
    rows: Array  # [n + 1, 4, width] cadence from the slot told last to the pass; pair; pair that leaves a slot owed;
    # `leave`
    stay: list[float]  # [width]
    go: list[float]  # [width]
    bands: list[tuple[int, int]]  # [n + 1] columns of the row in use: from, to


def _tabled(w: Weights, n: int, m: int) -> _Tables:
    gap, hidden = w.pass_gap.copy(), w.hidden.copy()
    first = np.arange(min(n, DEEP))
    gap[first, first], hidden[first, first] = w.first, 1.0  # no act before
    causes = [causes_of(w.alone, w.after, w.before, w.again, k) for k in range(min(n, JUNK) + 1)]
    begun = [begun_of(cause, gap) for cause in causes]
    width = m + 1 + EDGE
    stay, go = np.zeros(width), np.zeros(width)
    stay[EDGE + 1 :] = np.where(w.hard, 0.0, w.skip)
    go[EDGE + 1 :] = np.where(w.hard, w.slot_gap, 1.0) * w.skip
    return _Tables(
        w=w,
        n=n,
        width=width,
        causes=causes,
        junk=junk_of(causes, n),
        begun=begun,
        follow=follow_of(begun, n),
        unpaid=w.unpaid[:, None] * hidden,
        rows=_rows(w, n, width),
        stay=stay.tolist(),
        go=go.tolist(),
        bands=list(zip((w.low + EDGE).tolist(), (w.high + EDGE + 1).tolist(), strict=True)),
    )


def _rows(w: Weights, n: int, width: int) -> Array:
    found = np.zeros((n + 1, 4, width))
    found[:, TO_PASS, EDGE] = w.first
    found[1:, TO_PASS, EDGE + 1 :] = w.slot_to_pass
    found[1:, PAIR, EDGE + 1 :] = w.pair
    found[1:, CROSSED, EDGE + 1 :] = w.pair * w.swap
    leave = w.hard * w.skip
    found[0, LEAVE, EDGE + 1 :] = leave * w.first
    found[1:, LEAVE, EDGE + 1 :] = leave * w.pass_to_slot
    return found


@dataclass(frozen=True, slots=True)
class _Ahead:
    """All ways to come to a row, to be multiplied by exp(scale[row]); DEEP empty rows first."""

    states: Array  # [DEEP + n + 1, 3, width] A, B, C
    source: Array  # [n, 2, width] to a paid act at pass i, by slots told before; to one with a slot owed, by slots told
    # with it; both of the scale of the row before
    scale: Array  # [DEEP + n + 1]


def _forward(t: _Tables) -> _Ahead:
    states, source = np.zeros((DEEP + t.n + 1, 3, t.width)), np.zeros((t.n, 2, t.width))
    scale = [0.0] * len(states)
    steps, flat = _steps_ahead(t), states.reshape(-1, t.width)
    unpaid = t.w.unpaid.tolist()
    start, stop = t.bands[0]
    states[DEEP, :2, start:stop] = _told_first(
        t.rows[0, LEAVE, start:stop].tolist(), t.stay[start:stop], t.go[start:stop]
    )
    for i in range(t.n):
        start, stop = t.bands[i + 1]
        part, here = slice(start - EDGE, stop), DEEP + i + 1
        step = _of_scale(steps[i], scale[i + 1 : here], scale[here - 1])
        come = (step @ flat[3 * (i + 1) : 3 * here, part]).tolist()
        row = t.rows[i + 1, :, part].tolist()
        paid, a, b, owing = _act(come, row, unpaid[i], t.stay[part], t.go[part])
        source[i, :, part] = paid, come[3]
        states[here, :, start:stop] = a, b, owing
        scale[here] = scale[here - 1]
        most = max(*a, *b, *owing)
        if most and not FAINT < most < LOUD:
            states[here] /= most
            scale[here] += log(most)
    return _Ahead(states, source, np.array(scale))


def _steps_ahead(t: _Tables) -> Array:
    """[n, 4, DEEP * 3] from A, B, C of the last rows, the oldest first, to an act at pass i: paid, after a pass; any,
    after a skipped slot; unpaid, after a pass; paid, after a pass that left a slot owed."""
    found = np.zeros((t.n, 4, DEEP, 3))
    after_slot = t.junk[: t.n, ::-1]
    after_pass = t.follow[:, ::-1]
    found[:, 0, :, 0] = found[:, 3, :, 2] = after_pass
    found[:, 1, :, 1] = after_slot
    found[:, 2, :, 0] = after_pass * t.unpaid[:, ::-1]
    return found.reshape(t.n, 4, -1)


def _of_scale(step: Array, scales: list[float], own: float) -> Array:
    """`step` [_, DEEP * states] from rows of `scales` to one of the scale `own`."""
    if scales.count(own) == DEEP:
        return step
    factors = np.exp(np.minimum(np.array(scales) - own, MOST))
    return np.asarray(step * np.repeat(factors, step.shape[1] // DEEP))


def _told_first(leave: Row, stay: Row, go: Row) -> tuple[Row, Row]:
    """States A and B of the row before all passes, [band]: slots skipped, in order."""
    a, b = 1.0, 0.0
    all_a, all_b = [a], [b]
    for to_b, to_a, on in zip(leave[1:], stay[1:], go[1:], strict=True):
        a, b = a * to_a, a * to_b + b * on
        all_a.append(a)
        all_b.append(b)
    return all_a, all_b


def _act(come: list[Row], row: list[Row], unpaid: float, stay: Row, go: Row) -> tuple[Row, Row, Row, Row]:
    """A pass is an act: from all ways to `come` to it, see _steps_ahead, to those to a paid one, [EDGE + band], and to
    its states A, B and C, [band], with slots skipped. In plain Python: each slot needs the one before, and they are
    few."""
    cells = zip(*come, *row, stay, go, strict=False)
    x, y, _, _, gap, *_ = next(cells)
    before_that = x + y * gap
    x, y, _, _, gap, p_late, *_ = next(cells)
    before = x + y * gap
    paid, all_a, all_b, owing = [before_that, before], [], [], []
    a = b = 0.0
    for x, y, left, late, gap, p, p_crossed, leave, stays, goes in cells:
        y *= gap
        told = left + y * unpaid + before * p + late * p_late
        a, b = told + a * stays, a * leave + b * goes
        owing.append(before_that * p_crossed)
        before_that, before, p_late = before, x + y, p
        paid.append(before)
        all_a.append(a)
        all_b.append(b)
    return paid, all_a, all_b, owing


PAID, ANY, PAID_SLOT, ANY_SLOT, OWED = range(5)


@dataclass(frozen=True, slots=True)
class _Behind:
    """All ways to finish, to be multiplied by exp(scale[row])."""

    on: Array  # [n, 5, width] with an act at pass i: a paid one, by slots told before; any, by slots told with it;
    # both after a skipped slot; a paid one of the slot that was owed
    owing: Array  # [n, width] after state C at pass i
    scale: Array  # [n]


def _backward(t: _Tables) -> _Behind:
    n = t.n
    on, owing = np.zeros((n + DEEP, 5, t.width)), np.zeros((n, t.width))
    scale = [0.0] * len(on)
    steps, flat = _steps_back(t), on.reshape(-1, t.width)
    for i in range(n - 1, -1, -1):
        start, stop = t.bands[i + 1]
        band, part = slice(start, stop), slice(start - EDGE, stop)
        step = _of_scale(steps[i], scale[i + 1 : i + 1 + DEEP], scale[i + 1])
        a, b, c = (step @ flat[5 * (i + 1) : 5 * (i + 1 + DEEP), band]).tolist()
        if n - 1 - i <= JUNK and stop == t.width:
            end = t.junk[n, n - 1 - i] * exp(min(-scale[i + 1], MOST))
            a[-1], b[-1] = a[-1] + end, b[-1] + end
        row = t.rows[i + 1, :, part].tolist()
        on[i, :, part] = np.array(_act_back(a, b, c, row, t.stay[band], t.go[band])).T[:, ::-1]
        owing[i, band] = c
        scale[i] = scale[i + 1]
        most = max(*a, *c)
        if most and not FAINT < most < LOUD:
            on[i] /= most
            owing[i] /= most
            scale[i] += log(most)
    return _Behind(on[:n], owing, np.array(scale[:n]))


def _steps_back(t: _Tables) -> Array:
    """[n, 3, DEEP * 5] from what lies on from the next passes, the nearest first, to A, B, C with pass i."""
    found = np.zeros((t.n, 3, DEEP, 5))
    for k in range(min(t.n - 1, DEEP)):
        row, later = slice(0, t.n - 1 - k), slice(k + 1, t.n)
        after_slot, after_pass = t.junk[later, k], t.follow[later, k]
        found[row, 0, k, PAID] = found[row, 2, k, OWED] = after_pass
        found[row, 0, k, ANY] = after_pass * t.unpaid[later, k]
        found[row, 1, k, PAID_SLOT] = after_slot
        found[row, 1, k, ANY_SLOT] = after_slot * t.w.unpaid[later]
    return found.reshape(t.n, 3, -1)


def _act_back(on_a: Row, on_b: Row, owing: Row, row: list[Row], stay: Row, go: Row) -> list[tuple[float, ...]]:
    """From the ways on after the states with a pass, [band], to what lies on with an act there, for each column of
    EDGE + band from the last: see _Behind.on."""
    to_pass, pair, crossed, leave = row
    cells = zip(on_a, on_b, owing, to_pass[2:], pair[2:], pair[1:], crossed[2:], leave[2:], stay, go, strict=False)
    found: list[tuple[float, ...]] = []
    to_a = to_b = straight = across = across_next = 0.0
    for x, y, owed, gap, p, p_late, p_crossed, leaves, stays, goes in reversed(list(cells)):
        a, b, paid = x + to_a, y + to_b, straight + across
        found.append((paid, a, paid * gap, a * gap, a * p_late))
        to_a, to_b = a * stays + b * leaves, b * goes
        straight, across, across_next = a * p, across_next, owed * p_crossed
    for paid, gap in ((straight + across, to_pass[1]), (across_next, to_pass[0])):
        found.append((paid, 0.0, paid * gap, 0.0, 0.0))
    return found


def _collected(t: _Tables, f: _Ahead, g: _Behind) -> Posterior:
    n = t.n
    last = np.arange(n, n - min(n, JUNK) - 1, -1)  # rows at which the last act may be
    log_end = f.scale[DEEP + last] - f.scale[-1]
    ends = t.junk[n, n - last] * f.states[DEEP + last, :2, -1].sum(axis=1) * np.exp(log_end)
    log_z = float(np.log(ends.sum()) + f.scale[-1])
    left_pass, paid_pass, left_slot, paid_slot = _following(t, f, g, log_z)
    after_pass, after_slot = left_pass + paid_pass, np.zeros((n + 1, DEEP))
    after_slot[:n] = left_slot + paid_slot
    after_slot[n, n - last] = ends / ends.sum()
    causes = shared(t.causes, t.begun, after_pass, after_slot)
    gap, first = after_pass, np.arange(min(n, DEEP))
    gap[first, first] = 0.0  # those follow no act
    unpaid = (left_pass + left_slot).sum(axis=1)
    return Posterior(_paired(t, f, g, log_z), unpaid, *causes, gap, log_z)


def _following(t: _Tables, f: _Ahead, g: _Behind, log_z: float) -> tuple[Array, Array, Array, Array]:
    """[n, DEEP] that pass i is the next act after k passes that are none: unpaid or paid after a pass, unpaid or paid
    after a skipped slot."""
    rows = np.arange(t.n)[:, None] + DEEP - np.arange(DEEP)  # row of the act before those k passes
    scale = np.exp(np.minimum(f.scale[rows] + g.scale[:, None] - log_z, MOST))
    after_slot, after_pass = t.junk[: t.n] * scale, t.follow * scale
    met = f.states[rows].reshape(t.n, DEEP * 3, t.width) @ g.on.transpose(0, 2, 1)
    a, b, c = met.reshape(t.n, DEEP, 3, 5).transpose(2, 3, 0, 1)
    return (
        after_pass * t.unpaid * a[ANY],
        after_pass * (a[PAID] + c[OWED]),
        after_slot * t.w.unpaid[:, None] * b[ANY_SLOT],
        after_slot * b[PAID_SLOT],
    )


def _paired(t: _Tables, f: _Ahead, g: _Behind, log_z: float) -> Array:
    """[n, m] straight, leaving a slot owed, and of the slot that was owed."""
    paid, owed = f.source.transpose(1, 0, 2)
    told, pair, crossed = g.on[:, ANY], t.rows[1:, PAIR], t.rows[1:, CROSSED]
    found = paid[:, 2:-1] * pair[:, 3:] * told[:, 3:]
    found += paid[:, 1:-2] * crossed[:, 3:] * g.owing[:, 3:]
    found[:, :-1] += owed[:, 4:] * pair[:, 3:-1] * told[:, 4:]
    found *= np.exp(f.scale[DEEP:-1] + g.scale - log_z)[:, None]
    return np.asarray(found)
