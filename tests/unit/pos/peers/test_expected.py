"""What was to be expected of each: like with like, and nobody's own counts in their own figure."""

import numpy as np
import pytest

from pos.domain.peers.expected import LEANING, expectations
from pos.domain.peers.seen import Seen, Stratum, table_of
from tests.unit.pos.peers.crew import DAY, NIGHT, REFUND, crew, worked


def expected_of(rows: list[Seen], subject: str, sorts: dict[str, str] | None = None) -> float:
    table = table_of(rows, REFUND, sorts)
    return float(expectations(table, np.ones(len(table.subjects))).expected[table.subjects.index(subject)])


def test_the_peers_rate_times_ones_own_exposure() -> None:
    rows = [*crew([500] * 10), worked("z", 3, tickets=200)]
    assert expected_of(rows, "z") == pytest.approx(100, rel=1e-3)


def test_ones_own_counts_do_not_enter() -> None:
    assert expected_of([*crew([5] * 10), worked("z", 0)], "z") == expected_of([*crew([5] * 10), worked("z", 99)], "z")


def test_each_stratum_by_its_own_rate() -> None:
    rows = [*crew([400] * 8), *crew([4000] * 8, NIGHT, first="n")]
    mixed = [*rows, worked("z", 0, DAY, 500), worked("z", 0, NIGHT, 250)]
    assert expected_of(mixed, "z") == pytest.approx(200 + 1000, rel=0.01)


def test_a_thin_stratum_leans_on_the_broader_one() -> None:
    """One peer hardly there: its rate is a weighing of what was counted and four events at the broader rate."""
    rare = Stratum("staffed", "09-13", "large")
    rows = [*crew([1000] * 20), worked("c-000", 0, rare, 4.0), worked("z", 0, rare, 1000)]
    # 4 at the rate of 1 are as good as 4 seen without any: half of what the hours say.
    assert expected_of(rows, "z") == pytest.approx(1000 * LEANING / (4 + LEANING), rel=0.01)


def test_what_nobody_ever_did_is_not_impossible() -> None:
    assert 0 < expected_of([*crew([0] * 10), worked("z", 4)], "z") < 0.1


def test_without_peers_nothing_is_expected() -> None:
    assert expected_of([worked("z", 4)], "z") == 0.0


def test_few_peers_with_most_of_the_tickets_are_worth_few() -> None:
    even = table_of([*crew([5] * 10), worked("z", 5)], REFUND)
    uneven = table_of([worked("big", 500, tickets=100_000), *crew([5] * 9), worked("z", 5)], REFUND)
    peers = [expectations(table, np.ones(11)).peers[-1] for table in (even, uneven)]
    assert peers[0] == pytest.approx(10, rel=1e-6)
    assert peers[1] < 2


def test_the_less_the_peers_counted_the_greater_the_doubt() -> None:
    doubts = [expectations(table_of(crew([n] * 8), REFUND), np.ones(8)).doubt[0] for n in (1, 10, 1000)]
    assert doubts[0] > doubts[1] > doubts[2] > 0


def test_support_is_the_share_from_the_same_lanes_and_hours() -> None:
    rows = [*crew([500] * 8), worked("z", 0, NIGHT)]
    table = table_of(rows, REFUND)
    found = expectations(table, np.ones(9)).support
    assert found[table.subjects.index("z")] == pytest.approx(0, abs=1e-9)
    assert found[0] > 0.95


def test_a_sort_is_compared_with_its_own() -> None:
    rows = [*crew([100] * 20), *crew([200] * 10, first="n"), worked("z", 200)]
    new = {f"n-{k:03d}": "new" for k in range(10)} | {"z": "new"}
    assert expected_of(rows, "z") == pytest.approx(4000 / 30, rel=0.02)
    assert expected_of(rows, "z", new) == pytest.approx(200, rel=0.08)


def test_a_sort_of_one_is_an_unknown_not_an_excuse() -> None:
    rows = [*crew([100] * 20), worked("z", 400)]
    assert expected_of(rows, "z", {"z": "new"}) == pytest.approx(expected_of(rows, "z"), rel=1e-9)
    doubts = [expectations(table_of(rows, REFUND, sorts), np.ones(21)).doubt[-1] for sorts in (None, {"z": "new"})]
    assert doubts[1] > doubts[0] + 0.2


def test_who_hardly_counts_as_a_peer_hardly_counts() -> None:
    rows = [*crew([10] * 9), worked("y", 1000), worked("z", 10)]
    table = table_of(rows, REFUND)
    weights = np.ones(11)
    weights[9] = 0.0
    assert expectations(table, weights).expected[10] == pytest.approx(10, rel=0.05)
