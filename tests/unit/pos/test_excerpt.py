"""How a refused document looks: its build, and nothing that it says."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pos.domain.excerpt import LENGTH, excerpt_masked


def test_names_of_fields_stay_and_values_go() -> None:
    body = {"order": {"id": "AB-12", "buyer_name": "Bob Norman", "total": 7.95}}
    assert (
        excerpt_masked(json.dumps(body).encode())
        == '{"order": {"id": "xx-00", "buyer_name": "xxx xxxxxx", "total": 0.00}}'
    )


def test_tags_stay_and_texts_go() -> None:
    assert excerpt_masked("<html>\n<b>Zoë</b> </html>".encode()) == "<html> <b>xxx</b> </html>"


def test_a_name_that_is_no_plain_word_goes_too() -> None:
    assert "example" not in excerpt_masked(b'{"bob@example.org": 1, "4111 1111": 2}')


@given(st.binary(max_size=5_000))
def test_anything_is_shown_shortly(document: bytes) -> None:
    shown = excerpt_masked(document)
    assert len(shown) <= LENGTH
    assert "\x00" not in shown  # PostgreSQL keeps no such text


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_no_letter_of_a_value_comes_through(value: str) -> None:
    shown = excerpt_masked(json.dumps({"v": value}, ensure_ascii=False).encode("utf-8", "replace"))
    assert set(shown.partition(":")[2]) <= {" ", '"', "x", "0", "}", "\ufffd", *(c for c in value if not c.isalpha())}
