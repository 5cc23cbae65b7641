"""Approvals in the administration: rules, the switch, and what was answered."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from pos.models import Approval, ApprovalPolicy, ApprovalRule
from privacy.models import AuditEvent
from tests.factories.stores import SmallStore, signed_in, small_store
from tests.integration.pos.test_approvals import URL, asked

STEPS = {"steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0}


@pytest.fixture
def administrator(shop: SmallStore) -> Client:
    return signed_in(shop, "administrator")


@pytest.fixture
def policy(administrator: Client, shop: SmallStore) -> ApprovalPolicy:
    """As a person makes one."""
    administrator.post(reverse("admin:pos_approvalpolicy_add"), {"store": shop.store.pk})
    return ApprovalPolicy.objects.get()


def change(row: Any) -> str:
    return reverse(f"admin:pos_{row._meta.model_name}_change", args=[row.pk])


def rule_form(rule: ApprovalRule, **changes: Any) -> dict[str, Any]:
    names = ("subject", "condition", "outcome", "limit", "minutes", "opens_at", "closes_at")
    values = {name: getattr(rule, name) for name in names} | changes
    return {name: "" if value is None else value for name, value in values.items()}


def test_a_new_policy_has_the_drafts_in_the_shadow(policy: ApprovalPolicy) -> None:
    assert (policy.mode, policy.version, policy.rules.count()) == ("shadow", 1, 12)


def test_going_live_takes_a_reason(administrator: Client, policy: ApprovalPolicy) -> None:
    administrator.post(change(policy), {"mode": "live", "reason": ""})
    policy.refresh_from_db()
    assert policy.mode == "shadow"
    administrator.post(change(policy), {"mode": "live", "reason": "Agreed on 20 November"})
    policy.refresh_from_db()
    assert (policy.mode, policy.reason, policy.changed_by) == ("live", "Agreed on 20 November", "administrator")
    assert AuditEvent.objects.filter(action="approvals.switched", actor="administrator").count() == 1


def test_saving_a_rule_makes_a_new_version_of_it(administrator: Client, policy: ApprovalPolicy) -> None:
    old = policy.rules.order_by("id")[0]
    administrator.post(change(old), rule_form(old, limit="30"))
    old.refresh_from_db()
    assert (old.limit, old.until_version) == (50, 2)
    assert ApprovalRule.objects.get(since_version=2).limit == 30
    page = administrator.get(change(old)).content.decode()
    assert 'name="_save"' not in page  # the past is to be read


def test_a_rule_that_makes_no_sense_is_refused_with_what_to_do(administrator: Client, policy: ApprovalPolicy) -> None:
    old = policy.rules.order_by("id")[0]
    page = administrator.post(change(old), rule_form(old, limit="")).content.decode()
    assert "percent at least needs limit: fill it in." in page
    assert policy.rules.filter(until_version=None).count() == 12


def test_deleting_a_rule_ends_it(administrator: Client, policy: ApprovalPolicy) -> None:
    old = policy.rules.order_by("id")[0]
    administrator.post(reverse("admin:pos_approvalrule_delete", args=[old.pk]), {"post": "yes"})
    old.refresh_from_db()
    assert old.until_version == 2


@pytest.mark.parametrize("kind", ["annotated", "withdrawn"])
def test_a_person_annotates_or_withdraws_an_answer_and_it_stays_as_it_was(
    administrator: Client, till: APIClient, kind: str
) -> None:
    before = till.post(URL, asked(data={"amount": "-80.00"})).json()
    row = Approval.objects.get()
    administrator.post(change(row), {"add": kind, "reason": "Seen on the clip", **STEPS})
    after = till.post(URL, asked(data={"amount": "-80.00"})).json()
    assert after == before | {"state": kind}
    assert "Seen on the clip" in administrator.get(change(row)).content.decode()
    assert AuditEvent.objects.filter(action=f"approval.{kind}", reason="Seen on the clip").exists()


def test_without_a_reason_nothing_is_added(administrator: Client, till: APIClient) -> None:
    till.post(URL, asked())
    row = Approval.objects.get()
    administrator.post(change(row), {"add": "withdrawn", "reason": "", **STEPS})
    assert not row.steps.exists()


def test_no_page_shows_an_operator(administrator: Client, till: APIClient) -> None:
    answer = till.post(URL, asked()).json()
    till.post(f"{URL}/{answer['id']}/override", {"approver": "c-3", "reason": "why"})
    row = Approval.objects.get()
    step = row.steps.get()
    pages = [administrator.get(change(row)), administrator.get(reverse("admin:pos_approval_changelist"))]
    for page in (page.content.decode() for page in pages):
        assert row.operator not in page and step.by not in page
    assert "somebody at the till" in pages[0].content.decode()


def test_another_stores_are_not_there(administrator: Client, till: APIClient, calling: Any) -> None:
    from tests.factories.stores import key_of

    calling(key_of(small_store("S002").store, "pos.write")).post(URL, asked("theirs"))
    assert "theirs" not in administrator.get(reverse("admin:pos_approval_changelist")).content.decode()
    assert administrator.get(change(Approval.objects.get())).status_code == 302


def test_three_answers_cost_as_many_queries_as_one(administrator: Client, till: APIClient) -> None:
    url = reverse("admin:pos_approval_changelist")
    till.post(URL, asked("a"))
    administrator.get(url)
    with CaptureQueriesContext(connection) as one:
        administrator.get(url)
    till.post(URL, asked("b"))
    till.post(URL, asked("c", terminal="T2"))
    with CaptureQueriesContext(connection) as three:
        administrator.get(url)
    assert len(three) == len(one)


def test_whoever_only_maps_cameras_sets_no_rules(shop: SmallStore, policy: ApprovalPolicy) -> None:
    installer = signed_in(shop, "installer")
    assert installer.post(change(policy), {"mode": "live", "reason": "mine"}).status_code == 403
