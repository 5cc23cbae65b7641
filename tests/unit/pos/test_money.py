from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanes.domain.payload import Refused
from pos.domain.money import cents_of, money_read, quantity_read


@pytest.mark.parametrize(
    ("sent", "read", "why"),
    [
        ("7.95", Decimal("7.95"), "the contract's form"),
        ("-7.95", Decimal("-7.95"), "a return"),
        ("+1", Decimal(1), "a sign is allowed"),
        (" 7.95 ", Decimal("7.95"), "printers pad"),
        ("0.0199", Decimal("0.0199"), "a price per gram keeps its decimals"),
        (7.95, Decimal("7.95"), "the shortest decimal that names the float"),
        (0.1, Decimal("0.1"), "not 0.1000000000000000055"),
        (8, Decimal(8), "whole"),
        (1e2, Decimal("100.0"), "an exponent in JSON is a plain number"),
        ("9999999999.99", Decimal("9999999999.99"), "the largest"),
        (None, None, "none"),
        ("", None, "none"),
    ],
)
def test_money_is_read_exactly(sent: object, read: Decimal | None, why: str) -> None:
    assert money_read(sent, "amount") == read, why


@pytest.mark.parametrize(
    "sent",
    ["7,95", "1,234.50", "€7.95", "7.95 EUR", "NaN", "Infinity", "1e3", "--1", ".", "7.", ".5", "٧", True, [], {},
     float("nan"), float("inf"), 1e10, "10000000000", -1e10, 10**40],
    ids=repr,
)  # fmt: skip
def test_what_is_no_amount_is_refused(sent: object) -> None:
    with pytest.raises(Refused) as refused:
        money_read(sent, "amount")
    assert refused.value.code == "bad_money"
    assert refused.value.detail.startswith("amount is ")


@given(st.decimals(-(10**9), 10**9, places=2))
def test_every_amount_survives_as_text_and_as_number(amount: Decimal) -> None:
    assert money_read(str(amount), "amount") == amount
    assert money_read(float(amount), "amount") == amount


def test_a_quantity_has_its_own_code_and_limit() -> None:
    assert quantity_read("0.482", "quantity") == Decimal("0.482")
    with pytest.raises(Refused) as refused:
        quantity_read("1000000000", "quantity")
    assert refused.value.code == "bad_quantity"


@pytest.mark.parametrize(("exact", "cents"), [("0.005", "0.00"), ("0.015", "0.02"), ("3.4567", "3.46"), ("1", "1.00")])
def test_cents_round_half_to_even(exact: str, cents: str) -> None:
    assert str(cents_of(Decimal(exact))) == cents
