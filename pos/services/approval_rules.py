"""By which rules a store answers its tills, and whether for good. Every change is a version, and history."""

from datetime import datetime

from django.db import transaction

from lanes.models import Store
from lanes.permissions import check_may
from pos.domain.approvals.rules import DRAFTS, Rule, rule_problem, rule_words
from pos.models import ApprovalPolicy, ApprovalRule
from pos.selectors.approvals import rule_of
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User


class NotSo(ValueError):
    """The rule or mode cannot be as it is asked for; the message says what to do."""


@transaction.atomic
def approval_policy_create(*, actor: User, store: Store, now: datetime) -> ApprovalPolicy:
    """The store's own policy: in the shadow, with the shipped drafts as its first rules."""
    check_may(actor, Permission.GOVERNANCE_EDIT, store)
    by = actor.get_username()
    policy = ApprovalPolicy.objects.create(store=store, changed_by=by, changed_at=now)
    ApprovalRule.objects.bulk_create(_row(policy, draft, by, now) for draft in DRAFTS)
    _audited(actor, policy, "approvals.policy_made", {"rules": len(DRAFTS)})
    return policy


@transaction.atomic
def approval_mode_set(*, actor: User, policy: ApprovalPolicy, mode: str, reason: str, now: datetime) -> bool:
    """Switch between shadow and live; whether that changed anything. Raises NotSo without a reason."""
    check_may(actor, Permission.GOVERNANCE_EDIT, policy.store)
    if not reason.strip():
        raise NotSo("Say why: who decided it, and on what grounds.")
    locked = _locked(policy)
    if (locked.mode, locked.reason) == (mode, reason):
        return False
    before, locked.mode, locked.reason = locked.mode, mode, reason
    locked.changed_by, locked.changed_at = actor.get_username(), now
    locked.save()
    _audited(actor, locked, "approvals.switched", {"from": before, "to": mode}, reason)
    return True


@transaction.atomic
def approval_rule_set(
    *, actor: User, policy: ApprovalPolicy, rule: Rule | None, replaces: ApprovalRule | None, now: datetime
) -> ApprovalRule | None:
    """Put ``rule`` in the place of ``replaces``: None for neither adds or ends one. The next version has it.

    Raises NotSo for a rule that could say nothing, and for one that is no longer in force.
    """
    check_may(actor, Permission.GOVERNANCE_EDIT, policy.store)
    if rule is not None and (problem := rule_problem(rule)):
        raise NotSo(problem)
    locked = _locked(policy)
    locked.version += 1
    locked.changed_by, locked.changed_at = actor.get_username(), now
    locked.save()
    if replaces is not None:
        in_force = ApprovalRule.objects.filter(pk=replaces.pk, until_version=None)
        if not in_force.update(until_version=locked.version):
            raise NotSo("Somebody has changed this rule meanwhile: open the list again.")
    new = _row(locked, rule, actor.get_username(), now) if rule is not None else None
    if new is not None:
        new.save()
    old = rule_of(replaces) if replaces is not None else None
    said = {"version": locked.version, "was": rule_words(old) if old else "", "is": rule_words(rule) if rule else ""}
    _audited(actor, locked, "approvals.rule_changed", said)
    return new


def _locked(policy: ApprovalPolicy) -> ApprovalPolicy:
    return ApprovalPolicy.objects.select_for_update(of=("self",)).select_related("store").get(pk=policy.pk)


def _row(policy: ApprovalPolicy, rule: Rule, by: str, now: datetime) -> ApprovalRule:
    return ApprovalRule(
        policy=policy,
        subject=rule.subject,
        condition=rule.condition,
        outcome=rule.outcome,
        limit=rule.limit,
        minutes=rule.minutes,
        opens_at=rule.opens_at,
        closes_at=rule.closes_at,
        since_version=policy.version,
        made_by=by,
        made_at=now,
    )


def _audited(actor: User, policy: ApprovalPolicy, action: str, data: dict, reason: str = "") -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="approval_policy",
        object_id=policy.store.code,
        store_code=policy.store.code,
        reason=reason,
        data=data,
    )
