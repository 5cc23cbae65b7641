"""A month at the tills: the same by seed, as its rates say, and its truth does not show in what the tills tell."""

from collections import Counter

import pytest

from shrink.simulator.month import HABITS, SCHEMES, Month, month

MONTH, HONEST = month(11, cashiers=24, schemes=5), month(11, cashiers=24, schemes=0)


def total(of: Month, kind: str) -> int:
    return sum(row.counts.get(kind, 0) for row in of.rows)


def test_the_same_seed_is_the_same_month() -> None:
    again = month(11, cashiers=24, schemes=5)
    assert (again.rows, again.truth) == (MONTH.rows, MONTH.truth)
    assert month(12, cashiers=24, schemes=5).rows != MONTH.rows


def test_each_scheme_shows_as_one_kind() -> None:
    schemers = [cashier for cashier in MONTH.cashiers if cashier.scheme]
    assert len(schemers) == 5 and HONEST.truth == frozenset()
    assert MONTH.truth == {(c.pseudonym, SCHEMES[c.scheme][0]) for c in schemers}
    assert {kind for kind, _, _ in SCHEMES.values()} <= set(HABITS)


def test_a_scheme_only_adds() -> None:
    for pseudonym, kind in MONTH.truth:
        counted = sum(row.counts.get(kind, 0) for row in MONTH.rows if row.operator == pseudonym)
        ordinary, own = MONTH.means[pseudonym, kind]
        assert counted > 0 and ordinary > 0 and own > 0


@pytest.mark.parametrize("kind", ["void", "price_override", "discount", "refund"])
def test_honest_counts_are_near_their_means(kind: str) -> None:
    expected = sum(own for (_, name), (_, own) in HONEST.means.items() if name == kind)
    assert total(HONEST, kind) == pytest.approx(expected, rel=0.15)


def test_cashiers_differ() -> None:
    sorts = Counter(cashier.sort for seed in (0, 1) for cashier in month(seed).cashiers)
    assert {"new", "slow", "service desk", "self-checkout", "evening", "busy", "other"} == set(sorts)
    tickets = Counter[str]()
    for row in MONTH.rows:
        tickets[row.operator] += int(row.exposure.get("tickets", 0))
    assert max(tickets.values()) > 3 * min(tickets.values())


def test_what_the_tills_tell_names_no_scheme() -> None:
    told = repr(MONTH.rows) + repr(MONTH.sorts)
    for word in (*SCHEMES, "scheme", "fraud", "theft"):
        assert word not in told
    assert set(MONTH.sorts.values()) <= {"new"}
    assert {c.pseudonym for c in MONTH.cashiers if c.new} == set(MONTH.sorts)
