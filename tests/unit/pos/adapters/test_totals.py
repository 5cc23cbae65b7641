"""What an adapter adds up while it reads is what the ticket will add up to, whatever was struck and repriced."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pos.adapters.poslog import read
from tests.factories.pos_documents import tickets_of
from tests.unit.pos.adapters.test_poslog import NUMBER, OFF, OIL, ON, PRICED, REPLACED, document, retail, transaction
from tests.unit.pos.adapters.test_poslog import line as numbered

cents = st.integers(1, 9_999).map(lambda value: f"{value / 100:.2f}")
modified = st.sampled_from(["", OFF, ON, REPLACED, OFF + OFF, OFF + ON])
sold = st.builds(
    lambda amount, modifier, kind: f"<{kind}>{OIL}{PRICED}<ExtendedAmount>{amount}</ExtendedAmount>{modifier}</{kind}>",
    cents,
    modified,
    st.sampled_from(["Sale", "Return"]),
)
flags = st.sampled_from(["", "", "VoidFlag='true'"])
struck = st.integers(1, 12).map(lambda target: f"<Void><SequenceNumber>{target}</SequenceNumber></Void>")
off_the_ticket = cents.map(lambda amount: f"<Discount><Amount>{amount}</Amount></Discount>")
lines = st.lists(
    st.one_of(st.tuples(sold, flags), st.tuples(struck, st.just("")), st.tuples(off_the_ticket, flags)), max_size=12
)


@settings(max_examples=50, deadline=None)
@given(contents=lines)
def test_both_sums_are_one(contents: list[tuple[str, str]]) -> None:
    body = [numbered(content, place, flag) for place, (content, flag) in enumerate(contents, start=1)]
    rebuilt = tickets_of(read(document(transaction(retail(*body)))).events)[NUMBER]
    reading = read(document(transaction(retail(*body, total=str(rebuilt.total)))))
    assert [refusal for refusal in reading.refusals if refusal.code == "does_not_add_up"] == []
