import re

from hypothesis import given
from hypothesis import strategies as st

from privacy.domain.pseudonyms import pseudonym_with

KEY = b"k" * 32


def test_same_person_same_word_within_a_store_only():
    word = pseudonym_with(KEY, "S001", "operator", "c-17")
    assert word == pseudonym_with(KEY, "S001", "operator", "c-17")
    assert re.fullmatch(r"[a-z2-7]{24}", word)
    others = {
        pseudonym_with(KEY, "S002", "operator", "c-17"),
        pseudonym_with(KEY, "S001", "customer", "c-17"),
        pseudonym_with(KEY, "S001", "operator", "c-18"),
        pseudonym_with(b"other", "S001", "operator", "c-17"),
    }
    assert len(others | {word}) == 5


def test_nobody_stays_nobody():
    assert pseudonym_with(KEY, "S001", "operator", "") == ""


@given(st.tuples(st.text(), st.text(), st.text(min_size=1)), st.tuples(st.text(), st.text(), st.text(min_size=1)))
def test_parts_cannot_run_into_each_other(one, other):
    """("S0", "01x") and ("S001", "x") must not make the same message."""
    assert (pseudonym_with(KEY, *one) == pseudonym_with(KEY, *other)) == (one == other)
