"""Text, money, quantities and instants of documents."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lanes.domain.payload import Refused
from pos.adapters.values import (
    code_plain,
    decimal_checked,
    gtin_or_none,
    instant_checked,
    line_number,
    minor_units_checked,
    money_text,
    quantity_plain,
    text_plain,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Olive \n oil\x00 ", "Olive oil"),
        ("a\ud800b", "a b"),
        ("a\u202eb", "a b"),
        ("x" * 300, "x" * 200),
        (7, "7"),
        (Decimal("7.10"), "7.10"),
        (True, ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_text(value: object, text: str) -> None:
    assert text_plain(value) == text


def test_a_code_has_no_spaces() -> None:
    assert code_plain(" Till  7 ") == "Till_7"


@pytest.mark.parametrize(
    "value", ["1e9", "0x1", "1,20", "", " ", "NaN", "١", "1" * 10, "0." + "1" * 10, True, None, 1.5]
)
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(Refused, match="no plain number"):
        decimal_checked(value, "amount")


@pytest.mark.parametrize(("value", "number"), [("7.95", "7.95"), (" -0.50 ", "-0.50"), ("+1", "1"), (7, "7")])
def test_a_number_stays_as_written(value: object, number: str) -> None:
    assert str(decimal_checked(value, "amount")) == number


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [(795, "EUR", "7.95"), (-5, "USD", "-0.05"), (795, "JPY", "795"), (7950, "KWD", "7.950"), (0, "", "0.00")],
)
def test_minor_units(value: int, currency: str, amount: str) -> None:
    assert str(minor_units_checked(value, currency, "amount")) == amount


@pytest.mark.parametrize("value", [7.95, "795", True, None, 10**11])
def test_what_is_no_minor_unit(value: object) -> None:
    with pytest.raises(Refused, match="whole number"):
        minor_units_checked(value, "EUR", "amount")


@pytest.mark.parametrize(("amount", "text"), [("7", "7.00"), ("7.5", "7.50"), ("7.955", "7.955"), ("-0", "-0.00")])
def test_money(amount: str, text: str) -> None:
    assert money_text(Decimal(amount)) == text


@pytest.mark.parametrize(("quantity", "sent"), [("1", 1), ("2.000", 2), ("0.420", "0.42"), ("100", 100)])
def test_quantity(quantity: str, sent: int | str) -> None:
    assert quantity_plain(Decimal(quantity)) == sent


def test_an_instant_is_passed_on_as_written() -> None:
    assert instant_checked(" 2026-11-21T10:00:00 ", "time") == "2026-11-21T10:00:00"
    with pytest.raises(Refused, match=r"time: 'noon' is not an instant"):
        instant_checked("noon", "time")


@pytest.mark.parametrize(("value", "number"), [("3", 3), (" 3 ", 3), ("-3", 9), ("3a", 9), ("9" * 10, 9), (None, 9)])
def test_a_lines_number(value: object, number: int) -> None:
    assert line_number(value, 9) == number


@pytest.mark.parametrize(
    ("value", "gtin"), [("4012345678901", "4012345678901"), ("4111111111111111", None), ("A1", None)]
)
def test_an_articles_code_is_no_card(value: str, gtin: str | None) -> None:
    assert gtin_or_none(value) == gtin
