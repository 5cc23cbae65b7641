"""The two customary rules are what they are called, and figures are counted as they are told."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.peers import Played, Verdicts, average_precision, between, by_mean, by_median, customary, played
from pos.domain.peers.score import PeerReport
from shrink.simulator.month import month


def test_mean_and_a_standard_deviation() -> None:
    rates = np.array([1.0, 1.0, 1.0, 5.0])
    assert by_mean(rates).tolist() == pytest.approx([-(3**-0.5)] * 3 + [3**0.5])
    assert by_mean(np.ones(3)).tolist() == [0, 0, 0]


def test_one_and_a_half_times_the_median_of_the_others() -> None:
    assert by_median(np.array([1.0, 2.0, 3.0, 6.0])).tolist() == pytest.approx([1 / 4.5, 2 / 4.5, 1.0, 2.0])


def test_a_rule_goes_by_kind() -> None:
    rates = {("a", "void"): 1.0, ("b", "void"): 1.0, ("c", "void"): 4.0, ("a", "refund"): 9.0, ("b", "refund"): 9.0}
    assert customary(rates, by_median).found == {("c", "void")}


def test_an_interval_over_months() -> None:
    value, low, high = between(np.array([1, 2, 3, 2]), np.array([2, 4, 4, 2]))
    assert value == pytest.approx(8 / 12)
    assert low < value < high
    assert between(np.zeros(3), np.zeros(3)) == (0.0, 0.0, 0.0)


def test_what_judges_is_told_nothing_but_the_tills_word() -> None:
    """The same verdicts without any truth, but for the line that is meant to know."""
    told = month(3, cashiers=16, schemes=1)
    untold = replace(told, cashiers=(), truth=frozenset())
    with_truth, without = played([told, untold])
    assert with_truth.verdicts == without.verdicts
    assert with_truth.report == without.report
    assert all(verdicts.found <= set(verdicts.marks) for verdicts in with_truth.verdicts.values())


def test_average_precision_is_that_of_the_order() -> None:
    one = month(3, cashiers=16, schemes=1)
    (cell,) = one.truth
    marks = {cell: 2.0, ("x", "void"): 3.0, ("y", "void"): 1.0}
    run = Played(one, PeerReport((), (), ()), {"rule": Verdicts(marks, frozenset())})
    assert average_precision([run], "rule") == pytest.approx(0.5)
