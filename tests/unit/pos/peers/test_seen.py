"""What may be counted, and how it is laid out."""

import numpy as np
import pytest

from pos.domain.peers.seen import BadTally, Exposure, Seen, Stratum, table_of
from tests.unit.pos.peers.crew import DAY, NIGHT, REFUND, worked


@pytest.mark.parametrize("number", [-1, float("nan"), float("inf")])
def test_a_count_or_exposure_that_cannot_be(number: float) -> None:
    with pytest.raises(BadTally):
        Seen("c-1", DAY, {Exposure.TICKETS: number}, {})
    with pytest.raises(BadTally):
        Seen("c-1", DAY, {Exposure.TICKETS: 5.0}, {"refund": number})  # type: ignore[dict-item]


def test_what_happened_without_anything_to_happen_on() -> None:
    with pytest.raises(BadTally, match="no tickets there"):
        table_of([Seen("c-1", DAY, {Exposure.HOURS: 3.0}, {"refund": 1})], REFUND)


def test_from_everything_in_one_heap_to_every_stratum() -> None:
    late = Stratum("staffed", "21-24", "medium")
    table = table_of([worked("b", 2), worked("a", 1, late, 500), worked("b", 4, NIGHT, 50)], REFUND)
    assert table.subjects == ("a", "b")
    assert [level.observed.shape for level in table.levels] == [(2, 1), (2, 2), (2, 3), (2, 3)]
    assert table.levels[1].observed.tolist() == [[0, 1], [4, 2]]  # self_checkout, staffed
    assert table.levels[2].exposure.tolist() == [[0, 0, 500], [50, 1000, 0]]
    assert table.levels[2].above.tolist() == [0, 1, 1]
    assert table.observed.tolist() == [1, 6] and table.exposure.tolist() == [500, 1050]


def test_rows_of_one_stratum_add_up() -> None:
    twice = table_of([worked("a", 1, tickets=400), worked("a", 2, tickets=600)], REFUND)
    once = table_of([worked("a", 3, tickets=1000)], REFUND)
    assert all(
        np.array_equal(a.observed, b.observed) and np.array_equal(a.exposure, b.exposure)
        for a, b in zip(twice.levels, once.levels, strict=True)
    )


def test_without_exposure_nobody_is_a_peer() -> None:
    rows = [worked("a", 1), Seen("b", DAY, {Exposure.HOURS: 8.0}, {"no_sale": 2})]
    assert table_of(rows, REFUND).subjects == ("a",)
    assert table_of([], REFUND).subjects == ()


def test_sorts_are_told_by_subject() -> None:
    assert table_of([worked("a", 1), worked("b", 1)], REFUND, {"b": "new", "z": "new"}).sorts == ("", "new")
