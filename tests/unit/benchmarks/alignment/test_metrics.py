"""Figures on days made by hand, where the right answer can be worked out on paper."""

import math

import numpy as np
import pytest

from benchmarks.alignment import metrics
from benchmarks.alignment.alert import Alert, Result
from benchmarks.alignment.day import LaneDay, StolenItem, TillClock, Truth
from benchmarks.alignment.metrics import Scored, scored
from cases.domain.alignment.types import Sighting

KEYS = ("a", "b", "b2", "c", "d", "e")
"""b and b2 show one unpaid item, d another; the third was never seen."""


def a_day(items: int = 1000) -> LaneDay:
    stolen = (
        StolenItem("i1", 2.0, 250, ("b", "b2")),
        StolenItem("i3", 5.0, 100, ("d",)),
        StolenItem("i9", 9.0, 100, ()),
    )
    item_of = {"a": "i0", "b": "i1", "b2": "i1", "c": "i2", "d": "i3", "e": ""}
    clock = TillClock(0.0, 10.0, 1e6)
    truth = Truth({}, item_of, stolen, {}, {}, clock, {}, items)
    passes = [Sighting(key, float(n), "item_pass") for n, key in enumerate(KEYS)]
    return LaneDay("by hand", 0, 1.0, passes, [], [], truth)


def said(**scores: float) -> Scored:
    return scored(a_day(), Result([Alert(key, score) for key, score in scores.items()]))


def test_a_second_alert_on_an_item_is_neither_hit_nor_false() -> None:
    day = said(b=0.9, b2=0.8, a=0.7)
    assert list(zip(day.scores, day.hits, strict=True)) == [(0.9, True), (0.7, False)]
    assert metrics.precision([day]) == 0.5
    assert metrics.recall([day]) == pytest.approx(1 / 3)
    assert metrics.f1([day]) == pytest.approx(2 * 1 / (2 + 3))
    assert metrics.false_per_thousand([day]) == 1.0


def test_the_better_of_two_alerts_on_an_item_counts() -> None:
    assert said(b=0.2, b2=0.8).scores.tolist() == [0.8]


def test_average_precision_steps_over_distinct_scores() -> None:
    """Hits at ranks 1 and 3, three true: (1/1 + 2/3) / 3."""
    assert metrics.average_precision([said(b=0.9, a=0.8, d=0.7, e=0.1)]) == pytest.approx((1 + 2 / 3) / 3)


def test_alerts_of_one_score_have_no_order() -> None:
    """Two hits among four alike: precision one half at recall two thirds, whatever the order they came in."""
    assert metrics.average_precision([said(a=0.5, b=0.5, d=0.5, e=0.5)]) == pytest.approx(2 / 3 * 0.5)
    assert metrics.average_precision([said(b=0.5, d=0.5, a=0.5, e=0.5)]) == pytest.approx(2 / 3 * 0.5)


def test_pooling_is_over_alerts_and_not_over_days() -> None:
    sure, unsure = said(b=0.9), said(a=0.8, d=0.7)
    assert metrics.average_precision([sure, unsure]) == pytest.approx((1 + 2 / 3) / 6)


def test_nothing_said_finds_nothing() -> None:
    day = said()
    assert metrics.average_precision([day]) == metrics.f1([day]) == metrics.best_f1([day]) == 0.0
    assert math.isnan(metrics.precision([day]))


def test_recall_within_a_budget_of_alerts() -> None:
    """One alert per 1,000 items on a day of 1,000: the highest only; ties share what is left."""
    day = said(b=0.9, a=0.8, d=0.7)
    assert metrics.recall_at([day], 1) == pytest.approx(1 / 3)
    assert metrics.recall_at([day], 2) == pytest.approx(1 / 3)
    assert metrics.recall_at([day], 5) == pytest.approx(2 / 3)
    assert metrics.recall_at([said(b=0.5, a=0.5)], 1) == pytest.approx(1 / 6)


def test_best_f1_takes_the_best_threshold() -> None:
    assert metrics.best_f1([said(b=0.3, d=0.2, a=0.1)]) == pytest.approx(2 * 2 / (2 + 3))


def test_brier_and_calibration_cover_passes_nobody_named() -> None:
    """Five passes count (b2 is b again): b said 0.6 and is, a said 0.2 and is not, d is and was not named."""
    day = said(b=0.6, a=0.2)
    assert len(day.probabilities) == 5
    assert metrics.brier([day]) == pytest.approx((0.4**2 + 0.2**2 + 1.0) / 5)
    assert metrics.ece([day]) == pytest.approx((0.4 + 0.2 + 1.0) / 5)
    assert metrics.ece_listed([day]) == pytest.approx((0.4 + 0.2) / 2)


def test_calibration_bins_hold_equally_many() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    honest = Scored(p, np.zeros(0, bool), 1, 1, p, (rng.random(20_000) < p).astype(float), np.empty(0))
    assert [size for *_, size in metrics.reliability([honest])] == [2000] * 10
    assert metrics.ece([honest]) < 0.02


def test_the_clock_is_compared_at_the_passes() -> None:
    """True offset 10 + t; the track says 10.5 + t but is flat after t = 3."""
    result = Result([], [(0.0, 10.5), (3.0, 13.5)])
    day = scored(a_day(), result)
    assert day.clock_errors_s == pytest.approx([0.5, 0.5, 0.5, 0.5, -0.5, -1.5])
    assert metrics.offset_mae([day]) == pytest.approx(4.0 / 6)
    assert metrics.time_in_spec([day]) == 0.0
    assert math.isnan(metrics.offset_mae([said()]))


def test_the_interval_holds_the_figure_and_narrows_with_days() -> None:
    days = [said(b=0.9), said(a=0.9), said(b=0.9, d=0.8), said(a=0.9, d=0.5)]
    few, many = (metrics.bootstrap(metrics.average_precision, days * times) for times in (1, 16))
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_a_ratio_is_drawn_in_pairs() -> None:
    """Twice as good on every day is twice as good on any draw of days."""
    ours = [said(b=0.9, d=0.8), said(b=0.9, d=0.8), said(d=0.9, b=0.8)]
    theirs = [said(b=0.9), said(d=0.9), said(b=0.9)]
    ratio = metrics.bootstrap_ratio(metrics.recall, ours, theirs)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2.0, 2.0, 2.0))
