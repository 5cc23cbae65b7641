"""Where a case may go, as a table, and the sentence that says why not."""

import pytest

from cases.domain.lifecycle import (
    AUDIT_ACTIONS,
    OUTCOME_STATUS,
    TRANSITIONS,
    NotAllowed,
    can_decide,
    can_move,
    can_take,
    check_can_decide,
)

STATES = ("open", "in_review", "needs_context", "confirmed", "dismissed", "withdrawn")
OPEN = ("open", "in_review", "needs_context")


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("outcome", ["confirm", "dismiss"])
def test_only_undecided_cases_are_decided(status: str, outcome: str) -> None:
    assert can_decide(status, outcome, "a reason") is (status in OPEN)


@pytest.mark.parametrize("status", STATES)
def test_nothing_leaves_a_decision(status: str) -> None:
    assert not any(can_move(decided, status) for decided in ("confirmed", "dismissed"))


@pytest.mark.parametrize(("status", "allowed"), [("open", True), ("needs_context", True), ("in_review", False)])
def test_taking(status: str, allowed: bool) -> None:
    assert can_take(status) is allowed


@pytest.mark.parametrize(
    ("status", "outcome", "reason", "words"),
    [
        ("open", "confirm", "", "give a reason"),
        ("open", "perhaps", "x", "Use one of: confirm, dismiss, more_context"),
        ("withdrawn", "confirm", "x", "an explanation arrived"),
        ("needs_context", "more_context", "", "has been asked for already"),
        ("confirmed", "dismiss", "x", "stands as it was made"),
    ],
)
def test_refusals_say_what_to_do(status: str, outcome: str, reason: str, words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        check_can_decide(status, outcome, reason)


def test_every_state_is_spelt_out() -> None:
    assert set(TRANSITIONS) == set(AUDIT_ACTIONS) == set(STATES)
    assert set(OUTCOME_STATUS.values()) <= set(STATES)
