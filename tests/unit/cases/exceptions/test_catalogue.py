"""Every shipped rule once found and once not, on events that differ in one thing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cases.domain.exceptions.types import Fact
from tests.unit.cases.exceptions.scene import CATALOGUE, anchors, seen, shipped, told

UNAVAILABLE = {"R09", "R15", "R24", "R28"}
GONE = [seen("in", 10, "person_enter", "customer"), seen("out", 60, "person_leave", "customer")]
"""A customer was there and went, so the camera is known to tell of them."""
THERE = [seen("in", 10, "person_enter", "customer")]


@dataclass(frozen=True)
class Row:
    """`innocent`: nearly the same, and not found; `why`: what makes it so."""

    code: str
    anchor: str
    found: list[Fact]
    innocent: list[Fact]
    why: str


def lines(number: int, at: float = 0.0, gap_s: float = 3.0, **more: object) -> list[Fact]:
    values = {"amount": 2.5, "quantity": 1.0, "entry_method": "scanned"} | more
    return [told(f"s{n}", at + n * gap_s, "scan", line=float(n), **values) for n in range(number)]


def several(type: str, number: int, gap_s: float, **values: object) -> list[Fact]:
    return [told(f"e{n}", 100 + n * gap_s, type, **values) for n in range(number)]


ROWS = [
    Row("R01", "e4", several("void", 5, 60), several("void", 4, 60), "four are no five"),
    Row(
        "R02", "v",
        [*lines(2), told("v", 90, "void", line=0.0)],
        [*lines(2), told("v", 20, "void", line=0.0)],
        "taken off at once: it was scanned twice",
    ),
    Row(
        "R03", "v",
        [*GONE, *lines(2), told("t", 100, "subtotal"), told("v", 120, "void", line=0.0)],
        [*THERE, *lines(2), told("t", 100, "subtotal"), told("v", 120, "void", line=0.0)],
        "the customer was there and changed their mind",
    ),
    Row(
        "R04", "tv",
        [*GONE, told("tv", 200, "ticket_void", amount=20)],
        [*THERE, told("tv", 200, "ticket_void", amount=20)],
        "the customer was there to get the money",
    ),
    Row(
        "R05", "c",
        [*lines(3), told("c", 60, "ticket_cancel")],
        [*lines(2), told("c", 60, "ticket_cancel")],
        "two items are soon given up",
    ),
    Row("R06", "n", [*GONE, told("n", 200, "no_sale")], [*THERE, told("n", 200, "no_sale")], "change for a customer"),
    Row(
        "R07", "n",
        [told("n", 200, "no_sale"), told("off", 2000, "operator_sign_off")],
        [told("n", 200, "no_sale"), told("off", 2000, "operator_sign_off", operator="other")],
        "another one's shift ended",
    ),
    Row(
        "R08", "r",
        [told("r", 200, "return", amount=25)],
        [told("r", 200, "return", amount=25, data_original_transaction="K0")],
        "it names its receipt",
    ),
    Row(
        "R10", "r",
        [*GONE, told("r", 400, "refund", amount=25)],
        [*GONE, seen("i", 390, "item_return"), told("r", 400, "refund", amount=25)],
        "the goods were put on the till",
    ),
    Row(
        "R11", "r",
        [told("r", 200, "refund", amount=5), told("off", 1900, "operator_sign_off")],
        [told("r", 200, "refund", amount=5), told("off", 2100, "operator_sign_off")],
        "more than half an hour before",
    ),
    Row(
        "R12", "e2",
        several("refund", 3, 600, amount=25),
        several("refund", 3, 600, amount=24.95),
        "no round amount",
    ),
    Row(
        "R13", "o",
        [*lines(1, amount=10.0), told("o", 20, "price_override", line=0.0, amount=6.5)],
        [*lines(1, amount=10.0), told("o", 20, "price_override", line=0.0, amount=6.5, approver="boss")],
        "somebody else allowed it",
    ),
    Row(
        "R14", "d",
        [told("d", 20, "discount", amount=6)],
        [told("d", 20, "discount", amount=6, reason="damaged")],
        "the till was told why",
    ),
    Row(
        "R16", "g",
        [told("g", 20, "gift_card_activation", amount=50)],
        [told("g", 20, "gift_card_activation", amount=50), told("p", 60, "tender", amount=50)],
        "it was paid",
    ),
    Row(
        "R17", "o",
        [*lines(1, amount=10.0), told("o", 20, "price_override", line=0.0, amount=4)],
        [*lines(1, amount=10.0), told("o", 20, "price_override", line=0.0, amount=8)],
        "four fifths are a reduction",
    ),
    Row(
        "R18", "q",
        [*lines(1, quantity=5.0), told("q", 60, "quantity_change", line=0.0, quantity=2)],
        [*lines(1, quantity=5.0), told("q", 60, "quantity_change", line=0.0, quantity=6)],
        "it became more",
    ),
    Row(
        "R19", "s",
        [told("s", 20, "ticket_suspend")],
        [told("s", 20, "ticket_suspend"), told("r", 900, "ticket_resume")],
        "it was taken up again",
    ),
    Row(
        "R20", "e2",
        several("refund", 3, 300, amount=49.5),
        several("refund", 3, 300, amount=52.0),
        "above the limit somebody approves",
    ),
    Row("R21", "e2", several("coupon", 3, 5, amount=1), several("coupon", 2, 5, amount=1), "two are usual"),
    Row(
        "R22", "s3",
        lines(4, entry_method="department"),
        lines(4),
        "scanned goods are what they are",
    ),
    Row(
        "R23", "s4",
        lines(5, entry_method="weighed", amount=0.6),
        lines(5, entry_method="weighed", amount=1.6),
        "not cheap",
    ),
    Row(
        "R25", "o",
        [told("i", 20, "sco_intervention"), told("o", 22, "override")],
        [told("i", 20, "sco_intervention"), told("o", 30, "override")],
        "ten seconds are enough to look",
    ),
    Row(
        "R26", "q",
        [told("q", 20, "price_inquiry", gtin="40123455"), seen("i", 30, "item_pass")],
        [told("q", 20, "price_inquiry", gtin="40123455"), seen("i", 30, "item_pass"),
         told("s", 32, "scan", gtin="40123455")],
        "it was rung up after all",
    ),
    Row(
        "R27", "m",
        [told("m", 20, "cash_movement", data_over_short=-12.5)],
        [told("m", 20, "cash_movement", data_over_short=-2)],
        "two are a miscount",
    ),
    Row(
        "R29", "d",
        [told("d", 200, "deposit_return", amount=8)],
        [seen("i", 150, "item_presented"), told("d", 200, "deposit_return", amount=8)],
        "bottles were there",
    ),
    Row(
        "R30", "t",
        [told("t", 20, "training_mode", training=True), seen("i", 40, "item_pass")],
        [told("t", 20, "training_mode", training=True)],
        "nothing moved",
    ),
    Row(
        "R31", "o",
        [told("o", 20, "refund", amount=9, approver="op")],
        [told("o", 20, "refund", amount=9, approver="boss")],
        "two people",
    ),
    Row(
        "R32", "b",
        [told("a", 20, "operator_sign_on"), told("b", 600, "operator_sign_on", operator="other")],
        [told("a", 20, "operator_sign_on"), told("x", 500, "operator_sign_off"), told("b", 600, "operator_sign_on")],
        "the first had signed off",
    ),
]  # fmt: skip


def test_which_rules_compare_single_people() -> None:
    """Whether somebody approved at all compares nobody."""
    codes = [path.stem for path in CATALOGUE.glob("*.yaml")]
    assert sorted(code for code in codes if shipped(code).about_operators) == ["R07", "R11", "R31"]


@pytest.mark.parametrize("code", ["R13", "R17"])
def test_a_price_is_compared_with_what_the_line_came_to_last(code: str) -> None:
    """Five pieces became one, and the one keeps its price."""
    facts = [
        *lines(1, amount=10.0, quantity=5.0),
        told("q", 10, "quantity_change", line=0.0, quantity=1, amount=2),
        told("o", 20, "price_override", line=0.0, amount=2),
    ]
    assert anchors(shipped(code), facts) == []


def test_money_that_a_till_writes_as_a_text_is_a_number() -> None:
    assert anchors(shipped("R27"), [told("m", 20, "cash_movement", data_over_short="-12.50")]) == ["m"]
    assert anchors(shipped("R27"), [told("m", 20, "cash_movement", data_over_short="-12.50 EUR")]) == []


def test_every_rule_that_can_be_used_is_tried_here() -> None:
    there = {path.stem for path in CATALOGUE.glob("*.yaml")}
    assert there == {f"R{n:02d}" for n in range(1, 33)}
    assert {row.code for row in ROWS} == there - UNAVAILABLE


@pytest.mark.parametrize("code", sorted(UNAVAILABLE))
def test_what_no_till_sends_is_said_and_finds_nothing(code: str) -> None:
    rule = shipped(code)
    assert rule.unavailable
    assert anchors(rule, ROWS[0].found) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_shipped_rule_finds_what_it_describes(row: Row) -> None:
    assert anchors(shipped(row.code), row.found) == [row.anchor]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}: {row.why}")
def test_a_shipped_rule_leaves_alone_what_is_innocent(row: Row) -> None:
    assert anchors(shipped(row.code), row.innocent) == []


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_rule_is_named_as_its_file_and_told_in_plain_words(path: object) -> None:
    rule = shipped(path.stem)  # type: ignore[attr-defined]
    assert rule.code == path.stem  # type: ignore[attr-defined]
    assert not {"thief", "theft", "steal", "fraud"} & set(f"{rule.title} {rule.about}".lower().split())
