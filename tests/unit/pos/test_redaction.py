"""Card numbers, loyalty numbers and names never get past this (P36, P37)."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos.domain.redaction import data_redacted, is_marked, is_payment_card, luhn_valid, text_redacted

VISA = "4111111111111111"
SEPARATORS = ["", " ", "-", ".", "\u00a0", "\u2013"]


def redacted(data: dict[str, Any]) -> dict[str, Any]:
    return data_redacted(data, lambda value: f"person:{len(value)}")


def check_digit(digits: str) -> str:
    return next(d for d in "0123456789" if luhn_valid(digits + d))


numbers = (
    st.integers(12, 18)
    .flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))
    .map(lambda digits: digits + check_digit(digits))
)
beside = st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters=" .-\u00a0\u202f"), max_size=10)


@pytest.mark.parametrize(
    ("digits", "valid", "why"),
    [
        (VISA, True, "the best known test number"),
        ("378282246310005", True, "American Express"),
        ("6011000990139424", True, "Discover"),
        ("4111111111111112", False, "one off"),
        ("4111111111111121", False, "two neighbours swapped"),
        ("٤١١١١١١١١١١١١١١١", True, "digits of another script are digits"),
    ],
)
def test_luhn(digits: str, valid: bool, why: str) -> None:
    assert luhn_valid(digits) is valid, why


@given(before=beside, number=numbers, after=beside, separator=st.sampled_from(SEPARATORS), group=st.integers(2, 6))
@example(before="card ", number=VISA, after="!", separator=" ", group=4)
def test_no_card_number_survives_in_any_text(before: str, number: str, after: str, separator: str, group: int) -> None:
    shown = separator.join(number[i : i + group] for i in range(0, len(number), group))
    if separator == "." and shown.count(".") == 1:
        return  # a decimal number, not a card's
    left = text_redacted(f"{before}{shown}{after}")
    assert shown not in left
    assert "[card]" in left


@given(st.text())
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = text_redacted(text)
    assert text_redacted(once) == once


@given(st.text(st.characters(exclude_categories=["Nd"], exclude_characters="@")))
def test_text_without_digits_stays_as_it_is(text: str) -> None:
    assert text_redacted(text) == text


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20) | numbers | numbers.map(int),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | numbers, inner, max_size=3),
    max_leaves=10,
)
neutral_names = st.sampled_from(["description", "reason", "note", "x", "tender", "values"])


@given(st.dictionaries(neutral_names, json_values, max_size=4), numbers, neutral_names)
def test_no_card_number_survives_in_any_shape_of_data(data: dict[str, Any], number: str, name: str) -> None:
    data = data | {name: [{"deep": int(number)}, number, {number: 1}]}
    left = json.dumps(redacted(data), ensure_ascii=False)
    shown = number.lstrip("0")
    assert number not in left
    assert len(shown) < 13 or shown not in left


@pytest.mark.parametrize(
    ("text", "left", "why"),
    [
        (f"PAN:{VISA}", "PAN:[card]", "right behind a word"),
        ("4111 1111 1111 1111 11/29", "[card]/29", "the month after it goes too, the rest says nothing"),
        (f";{VISA}=29121011234567890?", ";[card]=29121011234567890?", "track 2"),
        (f"{VISA}2912", "[card]", "the expiry date right behind it"),
        (f"0012 {VISA}", "[card]", "another number right before it"),
        ("Cola 0.3333333333333333 l", "Cola 0.3333333333333333 l", "a decimal number is no card"),
        ("Order 4111111111111112", "Order 4111111111111112", "the check digit is wrong"),
        ("mail ana@example.org now", "mail [e-mail] now", "an address"),
        ("Loyalty card: 998877", "Loyalty card: [loyalty]", "announced as one"),
        ("Kundennr. 12-34-56", "Kundennr. [loyalty]", "in German"),
        ("Olive oil 1 l", "Olive oil 1 l", "most text"),
        ("Coke 6 x 330 ml 2026-11-21", "Coke 6 x 330 ml 2026-11-21", "numbers that are none of these"),
    ],
)
def test_free_text(text: str, left: str, why: str) -> None:
    assert text_redacted(text) == left, why


@pytest.mark.parametrize(
    ("data", "left", "why"),
    [
        ({"gtin": "4006381333931"}, {"gtin": "4006381333931"}, "a GTIN"),
        ({"gtin": "4111111111119"}, {"gtin": "4111111111119"}, "a GTIN of 13 digits, whatever its check digit"),
        ({"gtin": 79927398713}, {"gtin": 79927398713}, "a GTIN that passes Luhn"),
        ({"gtin": VISA}, {"gtin": "[card]"}, "too long for a GTIN"),
        ({"reason": "49927398716"}, {"reason": "49927398716"}, "too short for a card"),
        ({"original_transaction": "0001-20261121-0042"}, {"original_transaction": "0001-20261121-0042"}, "a reference"),
        ({"original_transaction": VISA}, {"original_transaction": "[card]"}, "a reference that is a card"),
        ({"PAN": "anything"}, {"PAN": "[removed]"}, "by name, whatever it holds"),
        ({"Card-Number": 5}, {"Card-Number": "[removed]"}, "however the name is written"),
        ({"cvv2": "123"}, {"cvv2": "[removed]"}, "CVV"),
        ({"track2": "x"}, {"track2": "[removed]"}, "track data"),
        ({"loyaltyNumber": "9"}, {"loyaltyNumber": "[removed]"}, "loyalty"),
        ({"customer": {"name": "Ana", "tier": 2}}, {"customer": "[removed]"}, "a customer as a whole"),
        ({"customer_name": "Ana"}, {"customer_name": "[removed]"}, "a name"),
        ({"customer_name": ""}, {"customer_name": ""}, "nothing there is nothing to remove"),
        ({"approver": "b-1"}, {"approver": "person:3"}, "people who work there become pseudonyms"),
        ({"approver": ""}, {"approver": ""}, "nobody stays nobody"),
        ({"tender": {"pan": VISA, "kind": "card"}}, {"tender": {"pan": "[removed]", "kind": "card"}}, "nested"),
        ({"amount_tendered": 4111111111111111}, {"amount_tendered": "[card]"}, "as a number"),
        ({"x": 4111111111111111.0}, {"x": "[card]"}, "as a float"),
        ({"x": 0.1234567890123456}, {"x": 0.1234567890123456}, "a fraction is no card"),
        ({VISA: 1}, {"[card]": 1}, "a name is text too"),
        ({"present": True, "n": None}, {"present": True, "n": None}, "nothing to hide"),
    ],
)
def test_fields(data: dict[str, Any], left: dict[str, Any], why: str) -> None:
    assert redacted(data) == left, why


@pytest.mark.parametrize(
    ("data", "marked", "why"),
    [
        ({"description": "oil", "approver": "b"}, False, "a pseudonym is no removal"),
        ({"a": [{"pan": "1"}]}, True, "by name, nested"),
        ({"a": VISA}, True, "by content"),
        ({VISA: 1}, True, "in a name"),
        ({"a": "x@example.org"}, True, "an address"),
        ({"a": [1, "[x]"]}, False, "a bracket is no mark"),
    ],
)
def test_it_can_be_told_whether_anything_was_removed(data: dict[str, Any], marked: bool, why: str) -> None:
    assert is_marked(json.dumps(redacted(data))) is marked, why


@pytest.mark.parametrize(
    ("text", "card", "why"),
    [
        (VISA, True, "Visa"),
        ("4111-1111-1111-1111", True, "grouped"),
        ("5555555555554444", True, "Mastercard"),
        ("2223003122003222", True, "Mastercard's second series"),
        ("378282246310005", True, "American Express"),
        ("1763712000250000", False, "microseconds since 1970 belong to no scheme"),
        ("20261121100000", False, "nor does a date"),
        ("T1-4111111111111111", False, "not the whole of it"),
        ("4111111111111112", False, "wrong check digit"),
        ("", False, "nothing"),
    ],
)
def test_only_what_wholly_reads_as_a_payment_card_is_one(text: str, card: bool, why: str) -> None:
    assert is_payment_card(text) is card, why
