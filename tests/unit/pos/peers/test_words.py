"""Numbers and sentences as people read them."""

import pytest

from pos.domain.peers.words import compared, counted, number, one_in, standing_out, within
from tests.unit.pos.peers.crew import REFUND


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (0.424, "0.42"), (0.996, "1.0"), (5.24, "5.2"), (19.94, "19.9"), (38.4, "38"), (2400.0, "2400")],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("count", "text"), [(0, "No refunds"), (1, "1 refund"), (14, "14 refunds")])
def test_counts(count: int, text: str) -> None:
    assert counted(count, REFUND) == text


@pytest.mark.parametrize(
    ("chance", "text"),
    [
        (0.04, "about one in 20"),
        (0.00023, "about one in 4,000"),
        (0.6, "about one in 2"),
        (1e-6, "about one in 1,000,000"),
        (3e-9, "fewer than one in a million"),
        (0.0, "fewer than one in a million"),
    ],
)
def test_how_rare(chance: float, text: str) -> None:
    assert one_in(chance) == text


def test_a_comparison() -> None:
    assert compared(14, 5.2, (1.9, 1.2, 2.8), 0.95, REFUND, "") == (
        "14 refunds where 5.2 were to be expected at these lanes, hours and baskets: 1.9 times as often, 95 % between "
        "1.2 and 2.8."
    )
    assert compared(1, 1.0, (1.0, 0.5, 1.9), 0.9, REFUND, "new") == (
        "1 refund where 1.0 was to be expected at these lanes, hours and baskets, allowing for “new”: 1.0 times as "
        "often, 90 % between 0.50 and 1.9."
    )


def test_what_follows() -> None:
    assert within(46) == "Within what is usual among the 46 peers."
    assert standing_out(0.00023, 46, 0.05) == (
        "More than chance and the usual differences between the 46 peers explain: about one in 4,000 would have as "
        "many. At most about 5 % of what is pointed out like this is chance. There may be a good reason that the till "
        "does not know."
    )
