"""Findings of past days next to the cases that people saw then."""

from __future__ import annotations

import pytest

from cases.domain.exceptions.backtest import (
    EXAMPLES,
    PastCase,
    against,
    compared,
    day_row,
    example_of,
    result_add,
    totals_of,
)
from cases.domain.exceptions.types import Finding
from tests.unit.cases.exceptions.scene import told


def finding(name: str = "v", at: float = 100.0, ticket: str = "K1") -> Finding:
    fact = told(name, at, "void", ticket=ticket)
    return Finding("R03", fact, (fact,), 0.6, "A sentence.")


def case(id: str, at: float, status: str, ticket: str = "", *events: str) -> PastCase:
    return PastCase(id, at, status, ticket, frozenset(events))


@pytest.mark.parametrize(
    ("cases", "outcome", "which"),
    [
        ([], "never raised", None),
        ([case("a", 100, "confirmed", "K1", "v")], "confirmed", "a"),
        ([case("a", 100, "confirmed", "", "v")], "confirmed", "a"),
        ([case("a", 100, "confirmed", "K9", "v")], "never raised", None),
        ([case("a", 130, "dismissed", "K1")], "dismissed", "a"),
        ([case("a", 130, "in_review", "K1")], "undecided", "a"),
        ([case("a", 130, "dismissed", "K9", "x")], "never raised", None),
        ([case("a", 2000, "confirmed", "K1", "v")], "never raised", None),
        ([case("a", 101, "dismissed", "K1"), case("b", 300, "confirmed", "K1", "v")], "confirmed", "b"),
        ([case("a", 120, "dismissed", "K1"), case("b", 110, "confirmed", "K1")], "confirmed", "b"),
    ],
    ids=[
        "none",
        "same event",
        "same event, no ticket",
        "another till's event of that id",
        "same ticket",
        "open",
        "another",
        "long after",
        "event before ticket",
        "nearest",
    ],
)
def test_a_finding_is_told_by_what_became_of_its_case(cases: list[PastCase], outcome: str, which: str | None) -> None:
    (one,) = compared([finding()], cases)
    assert (one.outcome, one.case.id if one.case else None) == (outcome, which)


def test_days_add_up() -> None:
    found = compared([finding(), finding("w", 400, "K2")], [case("a", 100, "confirmed", "K1")])
    row = day_row("2026-11-20", "L1", found, 3)
    result = result_add({}, [row], [example_of("L1", one) for one in found], against([finding()], [finding()]))
    result = result_add(result, [row], [], against([finding()], []))
    assert totals_of(result["days"]) == {  # type: ignore[arg-type]
        "findings": 4, "unanswered": 6, "confirmed": 2, "dismissed": 0, "undecided": 0, "never raised": 2,
    }  # fmt: skip
    assert result["against"] == {"both": 1, "only_this": 1, "only_live": 0}
    assert [(e["outcome"], e["case"]) for e in result["examples"]] == [  # type: ignore[attr-defined]
        ("confirmed", "a"),
        ("never raised", ""),
    ]


def test_examples_are_some_not_all() -> None:
    many = [example_of("L1", one) for one in compared([finding(str(n)) for n in range(EXAMPLES + 5)], [])]
    assert len(result_add({}, [], many, {})["examples"]) == EXAMPLES  # type: ignore[arg-type]
