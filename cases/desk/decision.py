"""The decision panel: what may be decided, why not, and what has been decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.domain.lifecycle import NotAllowed, check_can_decide
from cases.domain.words import ACTION_WORDS, OUTCOME_WORDS, REASONS
from cases.models import Case
from lanes.permissions import may
from privacy.domain.roles import Permission
from privacy.models import User

KEYS = {"confirm": "c", "dismiss": "d", "more_context": "m"}
ICONS = {"confirm": "check", "dismiss": "x", "more_context": "message-circle-question-mark"}
SUBMITS = {"confirm": "Confirm", "dismiss": "Dismiss", "more_context": "Ask for context"}
ONLY_LOOK = "You may look at cases of this store; deciding takes another role."


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome: open to this person, or `why` not."""

    outcome: str
    words: str
    key: str
    icon: str
    submit: str
    reasons: Mapping[str, str]
    actions: Mapping[str, str]
    why: str

    @property
    def allowed(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class DecisionMade:
    who: str
    at: datetime
    reason: str
    note: str


def choices_for(user: User, case: Case) -> tuple[list[Choice], str]:
    """Every outcome with whether it is open, and the sentence that closes all of them, if one does."""
    refused = "" if may(user, Permission.CASES_DECIDE, case.store_id) else ONLY_LOOK
    choices = [_choice(outcome, refused or _refusal(case.status, outcome)) for outcome in OUTCOME_WORDS]
    reasons = {choice.why for choice in choices}
    return choices, reasons.pop() if len(reasons) == 1 else ""


def _choice(outcome: str, why: str) -> Choice:
    return Choice(
        outcome=outcome,
        words=OUTCOME_WORDS[outcome],
        key=KEYS[outcome],
        icon=ICONS[outcome],
        submit=SUBMITS[outcome],
        reasons=REASONS[outcome],
        actions=ACTION_WORDS if outcome == "confirm" else {},
        why=why,
    )


def _refusal(status: str, outcome: str) -> str:
    try:
        check_can_decide(status, outcome, next(iter(REASONS[outcome])))
    except NotAllowed as refused:
        return str(refused)
    return ""


def decision_made(case: Case) -> DecisionMade | None:
    """The last decision, with the name people know the decider by."""
    last = case.decisions.order_by("-decided_at", "-id").first()
    if last is None:
        return None
    user = User.objects.filter(username=last.decided_by).first()
    return DecisionMade(str(user) if user else last.decided_by, last.decided_at, last.reason, last.note)
