"""Which case comes first: probability, value and what happened around, each with its words."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from cases.domain.alignment.types import PosLine
from cases.domain.risk import Context, Stated, context_of, risk_of

ASKED = Stated("no_scan:c/v1", "no_scan", at=1000.0, score=0.9, transaction="K1", offset_s=40.0)


def line(key: str, type: str, at: float = 1000.0, ticket: str = "K1", **more: object) -> PosLine:
    """`at` on the common clock: the till is 40 s ahead."""
    return PosLine(f"T1/{key}", at + 40.0, type, transaction=ticket, **more)  # type: ignore[arg-type]


def parts_of(context: Context) -> list[str]:
    return [part.name for part in risk_of(0.9, 500, context).parts][3:]


@pytest.mark.parametrize("score", [0.0, 0.05, 0.5, 1.0])
@pytest.mark.parametrize("cents", [None, 0, 250, 10_000_000])
@pytest.mark.parametrize("context", [Context(), Context(50, 50, 50, 50, (1.0,) * 50), Context(clashing=(1.0,) * 50)])
def test_it_is_a_product_between_nothing_and_one(score: float, cents: int | None, context: Context) -> None:
    risk = risk_of(score, cents, context)
    factors = {part.name: part.number for part in risk.parts[:3]}
    assert list(factors) == ["probability", "value", "context"]
    assert 0.0 <= risk.value <= score
    assert risk.value == pytest.approx(factors["probability"] * factors["value"] * factors["context"], abs=1e-3)


def test_more_probable_comes_first() -> None:
    risks = [risk_of(score, 500, Context()).value for score in (0.5, 0.7, 0.95)]
    assert risks == sorted(set(risks))


def test_more_money_comes_first_ever_more_slowly() -> None:
    risks = [risk_of(0.9, cents, Context()).value for cents in (0, 1_000, 2_000, 3_000)]
    steps = [b - a for a, b in itertools.pairwise(risks)]
    assert steps == sorted(steps, reverse=True)
    assert min(steps) > 0


def test_an_amount_that_nobody_knows_lies_in_the_middle() -> None:
    little, unknown, much = (risk_of(0.9, cents, Context()).value for cents in (0, None, 10_000_000))
    assert unknown == pytest.approx((little + much) / 2, abs=1e-3)


@pytest.mark.parametrize("field", ["voids", "returns", "no_sales", "discounts"])
def test_what_the_till_says_around_it_raises_ever_less(field: str) -> None:
    risks = [risk_of(0.9, 500, Context(**{field: n})).value for n in range(4)]
    steps = [b - a for a, b in itertools.pairwise(risks)]
    assert all(earlier > later > 0 for earlier, later in itertools.pairwise(steps))


def test_others_that_agree_raise_and_that_clash_lower() -> None:
    alone, agreed, clashed = (
        risk_of(0.9, 500, context).value for context in (Context(), Context(agreeing=(0.8,)), Context(clashing=(0.8,)))
    )
    assert clashed < alone < agreed


@pytest.mark.parametrize(
    ("told", "expected", "reason"),
    [
        (line("1", "void"), Context(voids=1), "of the ticket"),
        (line("1", "ticket_cancel"), Context(voids=1), "the whole ticket"),
        (line("1", "void", ticket="K2"), Context(), "another ticket's"),
        (line("1", "void", at=1301.0), Context(), "too late"),
        (line("1", "void", at=1299.0), Context(voids=1), "just in time, on the clock that both share"),
        (line("1", "void", training=True), Context(), "only an exercise"),
        (line("1", "discount"), Context(discounts=1), "of the ticket"),
        (line("1", "return", ticket="K2"), Context(returns=1), "a return is a ticket of its own"),
        (line("1", "no_sale", ticket=""), Context(no_sales=1), "a drawer has no ticket"),
        (line("1", "scan"), Context(), "what everybody does"),
    ],
)
def test_what_counts_around_it(told: PosLine, expected: Context, reason: str) -> None:
    assert context_of(ASKED, [told, line("s", "scan")], []) == expected, reason


def test_another_till_of_the_lane_is_not_asked() -> None:
    other = replace(line("1", "no_sale", ticket=""), key="T2/1")
    assert context_of(ASKED, [other, line("s", "scan")], []) == Context()
    assert context_of(replace(ASKED, transaction=""), [other], []).no_sales == 1, "unless nobody knows which it was"


def test_what_it_rests_on_itself_does_not_count_twice() -> None:
    voids = Stated("repeated_voids:T1/a", "repeated_voids", 1000.0, 0.8, "K1", frozenset({"a", "b"}), 40.0)
    assert context_of(voids, [line("a", "void"), line("b", "void"), line("c", "void")], []) == Context(voids=1)


@pytest.mark.parametrize(
    ("kind", "at", "ticket", "expected", "reason"),
    [
        ("no_scan", 1100.0, "K1", "agreeing", "several items of one ticket without a line"),
        ("bypass", 990.0, "K1", "agreeing", "likewise, round the scanner"),
        ("repeated_voids", 1100.0, "K1", "agreeing", "the till itself says something odd"),
        ("scan_without_item", 1014.0, "K1", "clashing", "its line, perhaps"),
        ("scan_without_item", 1016.0, "K1", "", "too far to be its line"),
        ("no_scan", 1100.0, "K2", "", "another customer"),
        ("no_scan", 1400.0, "K1", "", "too long after"),
    ],
)
def test_what_else_is_stated_of_the_ticket(kind: str, at: float, ticket: str, expected: str, reason: str) -> None:
    context = context_of(ASKED, [], [ASKED, Stated(f"{kind}:x", kind, at, 0.8, ticket)])
    assert parts_of(context) == [expected] * bool(expected), reason


def test_a_pass_without_a_line_calms_the_line_without_a_pass() -> None:
    lone = Stated("scan_without_item:T1/x", "scan_without_item", 1003.0, 0.7, "K1", frozenset({"x"}), 40.0)
    assert context_of(lone, [], [ASKED]) == Context(clashing=(0.9,))
    assert context_of(lone, [], [replace(lone, anchor="scan_without_item:T1/y")]) == Context(agreeing=(0.7,))


def test_no_ticket_no_company() -> None:
    """Two passes of which nobody knows the ticket are not of one ticket."""
    asked = replace(ASKED, transaction="")
    assert context_of(asked, [line("1", "void", ticket="")], [replace(asked, anchor="no_scan:c/v2")]) == Context()


def test_the_order_in_which_it_came_is_nothing_to_it() -> None:
    rng = random.Random(5)
    told = [line(str(n), rng.choice(["void", "return", "no_sale", "discount", "scan"]), 1000 + n) for n in range(30)]
    others = [Stated(f"no_scan:{n}", "no_scan", 1000.0 + n, 0.3 + n / 20, "K1") for n in range(9)]
    first = risk_of(0.9, 500, context_of(ASKED, told, others)).dump()
    for _ in range(5):
        rng.shuffle(told)
        rng.shuffle(others)
        assert risk_of(0.9, 500, context_of(ASKED, told, others)).dump() == first


def test_it_says_why_in_plain_words_and_accuses_nobody() -> None:
    risk = risk_of(0.95, 250, Context(voids=1, returns=2, no_sales=1, discounts=1, agreeing=(0.8,), clashing=(0.5,)))
    assert [part.sentence for part in risk.parts] == [
        "95 % sure that camera and till disagree here.",
        "It may be worth 2.50.",
        "What happened around it asks for a look sooner.",
        "1 void on the same ticket.",
        "2 returns at the same till within five minutes.",
        "1 no-sale drawer opening within five minutes.",
        "1 price reduction on the same ticket.",
        "Stated of the same ticket besides: 1.",
        "An item without a line and a line without an item are seconds apart: they may belong to each other.",
    ]


def test_it_is_kept_with_its_version() -> None:
    plain = risk_of(0.9, None, Context(voids=1)).dump()
    assert (plain["version"], plain["value"]) == ("risk-1", risk_of(0.9, None, Context(voids=1)).value)
    assert plain["parts"][1] == {  # type: ignore[index]
        "name": "value",
        "factor": 0.75,
        "sentence": "What it may be worth is not known: taken as the middle.",
    }
    assert plain["parts"][3] == {"name": "voids", "push": 0.5, "sentence": "1 void on the same ticket."}  # type: ignore[index]
