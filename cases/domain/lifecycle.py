"""Where a case may go from where it is. The sentence that refuses is what a disabled button says."""

from __future__ import annotations

UNDECIDED = ("open", "in_review", "needs_context")
DECIDED = ("confirmed", "dismissed")

TRANSITIONS: dict[str, frozenset[str]] = {
    "open": frozenset({"in_review", "needs_context", "confirmed", "dismissed", "withdrawn"}),
    "in_review": frozenset({"open", "needs_context", "confirmed", "dismissed", "withdrawn"}),
    "needs_context": frozenset({"in_review", "confirmed", "dismissed", "withdrawn"}),
    "confirmed": frozenset(),
    "dismissed": frozenset(),
    "withdrawn": frozenset({"open"}),  # the explanation that withdrew it did not hold
}
OUTCOME_STATUS: dict[str, str] = {"confirm": "confirmed", "dismiss": "dismissed", "more_context": "needs_context"}
NEEDS_REASON = frozenset({"confirm", "dismiss"})
AUDIT_ACTIONS: dict[str, str] = {
    "confirmed": "case.confirmed",
    "dismissed": "case.dismissed",
    "needs_context": "case.context_asked",
    "in_review": "case.taken",
    "withdrawn": "case.withdrawn",
    "open": "case.reopened",
}
_REFUSED = {
    "confirmed": "This case has been confirmed; a decision stands as it was made.",
    "dismissed": "This case has been dismissed; a decision stands as it was made.",
    "withdrawn": "This case has been withdrawn: an explanation arrived, so there is nothing left to decide.",
    "needs_context": "More context has been asked for already; wait for it, or confirm or dismiss.",
}


class NotAllowed(Exception):
    """The case cannot go there from where it is; the message says why."""


def check_can_move(status: str, to: str) -> None:
    """Raises NotAllowed with a sentence."""
    if to not in TRANSITIONS[status]:
        raise NotAllowed(_REFUSED.get(status, f"A case that is {status} cannot become {to}."))


def can_move(status: str, to: str) -> bool:
    return to in TRANSITIONS[status]


def check_can_decide(status: str, outcome: str, reason: str) -> None:
    """Raises NotAllowed with a sentence: unknown outcome, wrong state, or no reason where one is owed."""
    if outcome not in OUTCOME_STATUS:
        known = ", ".join(OUTCOME_STATUS)
        raise NotAllowed(f"There is no outcome '{outcome}'. Use one of: {known}.")
    check_can_move(status, OUTCOME_STATUS[outcome])
    if outcome in NEEDS_REASON and not reason.strip():
        raise NotAllowed(f"To {outcome} a case, give a reason.")


def can_decide(status: str, outcome: str, reason: str) -> bool:
    try:
        check_can_decide(status, outcome, reason)
    except NotAllowed:
        return False
    return True


def check_can_take(status: str) -> None:
    """Raises NotAllowed with a sentence."""
    check_can_move(status, "in_review")


def can_take(status: str) -> bool:
    return can_move(status, "in_review")
