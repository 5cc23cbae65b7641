"""POST pos/approvals: a till asks before it acts, and never stands still."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from lanes.models import ApiKey
from pos.domain.approvals.rules import DRAFTS_VERSION, KEPT_FOR, Condition, Outcome, Rule, Subject
from pos.models import Approval, ApprovalPolicy, ApprovalRule, ApprovalStep
from pos.services import approvals
from pos.services.approval_rules import NotSo, approval_mode_set, approval_policy_create, approval_rule_set
from privacy.models import AuditEvent, User
from privacy.registry import Subject as DataSubject
from privacy.registry import personal_data
from tests.factories.stores import SmallStore, key_of, small_store
from tests.integration.pos.test_api import AT, event

URL = "/api/v1/pos/approvals"
EVENTS = "/api/v1/pos/events"
SALE = "T1-20261121-0042"
BIG = {"amount": "-80.00"}


@pytest.fixture
def officer(shop: SmallStore) -> User:
    return User.objects.create_superuser("olga")


def asked(
    id: str = "ask-1", type: str = "discount", data: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    sent = {"id": id, "terminal": "T1", "type": type, "occurred_at": AT, "transaction": "T1-now", "operator": "c-17"}
    return sent | {"data": data or {}} | changes


def policy_of(shop: SmallStore, officer: User, *, mode: str = "live", rules: tuple[Rule, ...] = ()) -> ApprovalPolicy:
    """The store's own policy, with ``rules`` in place of the drafts where any are given."""
    now = timezone.now()
    policy = approval_policy_create(actor=officer, store=shop.store, now=now)
    if rules:
        for row in policy.rules.all():
            approval_rule_set(actor=officer, policy=policy, rule=None, replaces=row, now=now)
        for rule in rules:
            approval_rule_set(actor=officer, policy=policy, rule=rule, replaces=None, now=now)
    if mode == "live":
        approval_mode_set(actor=officer, policy=policy, mode=mode, reason="Works council agreed.", now=now)
    policy.refresh_from_db()
    return policy


def sold(till: APIClient, amount: str = "7.95", transaction: str = SALE) -> None:
    """A sale of one bottle, paid and closed."""
    line = event(f"{transaction}-1", transaction=transaction, line=1)
    line["data"] = {**line["data"], "amount": amount}
    close = {"id": f"{transaction}-2", "type": "ticket_close", "data": {"amount": amount}, "line": None}
    sent = till.post(EVENTS, [line, event(transaction=transaction, **close)])
    assert sent.json()["accepted"] == 2


def given_back(till: APIClient, amount: str = "-7.95", transaction: str = "T1-back", **changes: Any) -> None:
    data = {"amount": amount, "original_transaction": SALE}
    sent = event(f"{transaction}-1", type="return", transaction=transaction, line=1, data=data)
    assert till.post(EVENTS, [sent | changes]).json()["accepted"] == 1


class TestShadow:
    def test_a_store_nobody_set_up_answers_allow_and_keeps_what_it_would_have_said(
        self, till: APIClient, shop: SmallStore
    ) -> None:
        answer = till.post(URL, asked(data=BIG, basket_total="100.00"))
        assert answer.status_code == 200
        body = answer.json()
        row = Approval.objects.get()
        assert body == {
            "id": str(row.pk),
            "outcome": "allow",
            "mode": "shadow",
            "would_be": "approve",
            "reasons": body["reasons"],
            "rule_version": DRAFTS_VERSION,
            "state": "answered",
            "override": {"how": f"POST {URL}/{row.pk}/override with approver and reason; it is always possible."},
        }
        assert "The discount takes 80 % of 100.00 EUR; a person is asked from 50 % on." in body["reasons"]
        assert (row.outcome, row.would_be, row.asked["basket_total"]) == ("allow", "approve", "100.00")
        assert row.took_ms > 0
        assert row.operator and "c-17" not in str(vars(row))

    def test_a_policy_starts_in_the_shadow(self, till: APIClient, shop: SmallStore, officer: User) -> None:
        policy_of(shop, officer, mode="shadow")
        body = till.post(URL, asked(data=BIG)).json()
        assert (body["outcome"], body["would_be"], body["mode"], body["rule_version"]) == (
            "allow", "approve", "shadow", "1",
        )  # fmt: skip

    @pytest.mark.parametrize("type", ["scan", "heartbeat", "tender", "drawer_open"])
    def test_what_no_rule_is_about_is_allowed_without_reasons(self, till: APIClient, type: str) -> None:
        body = till.post(URL, asked(type=type, data=BIG)).json()
        assert body["would_be"] == "allow"
        assert [reason for reason in body["reasons"] if "the store is open" not in reason] == []


class TestLive:
    RULE = Rule(Subject.DISCOUNT, Condition.AMOUNT_AT_LEAST, Outcome.APPROVE, Decimal(50))

    def test_a_person_is_asked_only_once_somebody_switched_it_live(
        self, till: APIClient, shop: SmallStore, officer: User
    ) -> None:
        policy = policy_of(shop, officer, rules=(self.RULE,))
        body = till.post(URL, asked(data=BIG)).json()
        assert (body["outcome"], body["mode"], body["rule_version"]) == ("approve", "live", str(policy.version))
        assert till.post(URL, asked("ask-2", data={"amount": "-49.99"})).json()["outcome"] == "allow"
        assert "switched the approvals of store S001 from shadow to live" in _history()

    def test_another_stores_policy_is_its_own(
        self, till: APIClient, shop: SmallStore, officer: User, calling: Any
    ) -> None:
        policy_of(shop, officer, rules=(self.RULE,))
        other = calling(key_of(small_store("S002").store, "pos.write"))
        assert other.post(URL, asked(data=BIG)).json()["outcome"] == "allow"

    def test_the_same_event_is_answered_the_same_whatever_changed_meanwhile(
        self, till: APIClient, shop: SmallStore, officer: User
    ) -> None:
        first = till.post(URL, asked(data=BIG)).json()
        policy_of(shop, officer, rules=(self.RULE,))
        assert till.post(URL, asked(data=BIG)).json() == first
        assert till.post(URL, asked("ask-2", data=BIG)).json()["outcome"] == "approve"
        assert Approval.objects.count() == 2

    def test_the_same_id_at_another_terminal_is_another_question(self, till: APIClient) -> None:
        ids = {till.post(URL, asked(terminal=terminal)).json()["id"] for terminal in ("T1", "T2")}
        assert len(ids) == 2


class TestRefunds:
    @pytest.fixture(autouse=True)
    def _live(self, shop: SmallStore, officer: User) -> None:
        conditions = (Condition.NO_ORIGINAL, Condition.MORE_THAN_ORIGINAL, Condition.ALREADY_REFUNDED)
        policy_of(shop, officer, rules=tuple(Rule(Subject.REFUND, one, Outcome.APPROVE) for one in conditions))

    def refund(self, till: APIClient, amount: str, original: str | None = SALE, id: str = "ask-1") -> list[str]:
        body = till.post(URL, asked(id, "refund", {"amount": amount, "original_transaction": original})).json()
        assert bool(body["reasons"]) is (body["outcome"] == "approve")
        return body["reasons"]

    def test_without_an_original(self, till: APIClient) -> None:
        assert self.refund(till, "-5.00", None) == ["The refund names no original ticket."]

    def test_within_the_original_nobody_is_asked(self, till: APIClient) -> None:
        sold(till)
        assert self.refund(till, "-7.95") == []

    def test_more_than_the_original_came_to(self, till: APIClient) -> None:
        sold(till)
        assert self.refund(till, "-7.96") == [
            "The refund of 7.96 EUR is more than its original ticket came to (7.95 EUR)."
        ]

    def test_an_original_given_back_already(self, till: APIClient) -> None:
        sold(till)
        given_back(till)
        assert self.refund(till, "-7.95") == [
            f"7.95 EUR of ticket {SALE} (7.95 EUR) was given back already; with this refund it would be more than was "
            "paid."
        ]

    def test_a_refund_that_was_struck_again_gave_nothing_back(self, till: APIClient) -> None:
        sold(till)
        given_back(till)
        till.post(EVENTS, [event("v", type="void", transaction="T1-back", line=2, data={"voids_line": 1})])
        assert self.refund(till, "-7.95") == []

    def test_of_an_original_that_nobody_stored_nothing_is_said(self, till: APIClient) -> None:
        given_back(till)
        assert self.refund(till, "-700.00") == []

    def test_a_till_that_tells_before_it_asks_is_not_held_against_itself(self, till: APIClient) -> None:
        sold(till)
        data = {"amount": "-7.95", "original_transaction": SALE}
        same = asked("ask-1", "refund", data, line=1)
        till.post(EVENTS, [same])
        assert self.refund(till, "-7.95") == []

    def test_of_an_original_whose_name_came_again_nothing_is_said(self, till: APIClient) -> None:
        sold(till)
        yesterday = {"occurred_at": (datetime.fromisoformat(AT) - timedelta(days=1)).isoformat()}
        till.post(EVENTS, [event("old", transaction=SALE, line=1) | yesterday])
        assert self.refund(till, "-700.00") == []

    def test_another_stores_tickets_are_not_looked_at(self, till: APIClient, calling: Any) -> None:
        other = calling(key_of(small_store("S002").store, "pos.write"))
        sold(other)
        given_back(other)
        assert self.refund(till, "-7.95") == []


def test_the_nth_no_sale_of_this_terminal_within_minutes(till: APIClient, shop: SmallStore, officer: User) -> None:
    policy_of(shop, officer, rules=(Rule(Subject.NO_SALE, Condition.REPEATED, Outcome.APPROVE, Decimal(3), 30),))
    start = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def no_sale(minute: int, terminal: str = "T1") -> dict[str, Any]:
        at = (start + timedelta(minutes=minute)).isoformat()
        return asked(f"{terminal}-{minute}", "no_sale", terminal=terminal, occurred_at=at)

    till.post(EVENTS, [no_sale(0), no_sale(10), no_sale(20, "T2")])
    assert till.post(URL, no_sale(31)).json()["outcome"] == "allow"
    assert till.post(URL, no_sale(20)).json()["reasons"] == [
        "It is no-sale number 3 at this terminal within 30 minutes."
    ]


class TestOverride:
    def test_it_is_always_possible_and_is_kept_with_a_pseudonym(self, till: APIClient, shop: SmallStore) -> None:
        answer = till.post(URL, asked(data=BIG)).json()
        url, sent = f"{URL}/{answer['id']}/override", {"approver": "c-3", "reason": "Damaged box"}
        first, again = till.post(url, sent), till.post(url, sent)
        assert (first.status_code, first.json()["state"]) == (200, "overridden")
        assert again.json() == first.json()
        step = ApprovalStep.objects.get()
        assert (step.kind, step.reason) == ("overridden", "Damaged box")
        assert step.by and "c-3" not in step.by
        assert _history().count("Damaged box") == 1

    def test_card_numbers_in_the_reason_are_not_kept(self, till: APIClient) -> None:
        answer = till.post(URL, asked()).json()
        sent = {"approver": "c-3", "reason": "card 4111 1111 1111 1111"}
        till.post(f"{URL}/{answer['id']}/override", sent)
        assert ApprovalStep.objects.get().reason == "card [card]"

    @pytest.mark.parametrize("missing", ["approver", "reason"])
    def test_without_who_or_why_it_says_what_is_missing(self, till: APIClient, missing: str) -> None:
        answer = till.post(URL, asked()).json()
        sent = {"approver": "c-3", "reason": "why", missing: ""}
        refused = till.post(f"{URL}/{answer['id']}/override", sent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"/{missing}")

    def test_another_stores_answer_is_not_there(self, till: APIClient, calling: Any) -> None:
        answer = till.post(URL, asked()).json()
        other = calling(key_of(small_store("S002").store, "pos.write"))
        sent = {"approver": "c-3", "reason": "why"}
        assert other.post(f"{URL}/{answer['id']}/override", sent).status_code == 404


class TestBadQuestions:
    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (asked(terminal="T9"), "unknown_terminal"),
            (asked(type="discuont"), "unknown_type"),
            (asked(occurred_at="yesterday"), "bad_time"),
            (asked(data={"amount": "many"}), "bad_money"),
            (asked(basket_total="many"), "bad_money"),
            ({"id": "x"}, "missing_field"),
            ([asked("a"), asked("b")], "too_many_events"),
            ([], "not_a_batch"),
        ],
    )
    def test_each_is_a_problem_that_says_what_to_do(self, till: APIClient, sent: Any, code: str) -> None:
        answer = till.post(URL, sent)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        body = answer.json()
        assert body["code"] == code
        assert len(body["detail"]) > 20
        assert not Approval.objects.exists()

    def test_it_takes_the_scope_of_a_till(self, shop: SmallStore, calling: Any) -> None:
        answer = calling(key_of(shop.store, "cases.read")).post(URL, asked())
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


class TestNeverStandsStill:
    def test_no_time_at_all_is_an_allow_with_its_reason(self, till: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(approvals, "BUDGET_S", -1.0)
        body = till.post(URL, asked(data=BIG)).json()
        assert (body["outcome"], body["would_be"]) == ("allow", "allow")
        assert body["reasons"] == ["It could not be checked (the database was too slow or away), so it goes through."]

    def test_a_rule_nobody_can_read_holds_nothing_up(self, till: APIClient, shop: SmallStore, officer: User) -> None:
        policy_of(shop, officer, rules=(TestLive.RULE,))
        ApprovalRule.objects.filter(until_version=None).update(limit=None)
        ApprovalRule.objects.create(
            policy=ApprovalPolicy.objects.get(), subject="discount", condition="phase_of_the_moon", outcome="approve",
            since_version=1, made_by="later", made_at=timezone.now(),
        )  # fmt: skip
        body = till.post(URL, asked(data=BIG)).json()
        assert body["outcome"] == "allow"
        assert ["was left out" in reason for reason in body["reasons"]] == [True]

    @pytest.mark.django_db(transaction=True)
    def test_a_locked_database_is_an_allow_that_says_so(self, monkeypatch: pytest.MonkeyPatch, calling: Any) -> None:
        monkeypatch.setattr(approvals, "LOG_S", 0.05)
        till = calling(key_of(small_store().store, "pos.write"))
        assert till.post(URL, asked("before")).json()["id"]
        with _locked():
            body = till.post(URL, asked(data=BIG)).json()
        assert (body["outcome"], body["id"]) == ("allow", None)
        assert "could not be kept" in body["override"]["how"]
        assert till.post(URL, asked(data=BIG)).json()["id"]  # and it goes on


@contextmanager
def _locked() -> Iterator[None]:
    """Another connection holds what an answer is written to."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE pos_approval IN EXCLUSIVE MODE")
            else:
                cursor.execute("BEGIN IMMEDIATE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def test_an_answer_takes_a_handful_of_queries(till: APIClient) -> None:
    """Key, terminals, asked before, policy, refunds of the original, tickets, the answer; savepoints beside them."""
    sold(till)
    given_back(till)
    till.post(URL, asked("warm"))
    with CaptureQueriesContext(connection) as taken:
        data = {"amount": "-7.95", "original_transaction": SALE}
        till.post(URL, asked("ask-1", "refund", data))
    reading = [query["sql"] for query in taken if query["sql"].startswith(("SELECT", "INSERT", "UPDATE"))]
    assert len(reading) == 8
    with CaptureQueriesContext(connection) as again:
        till.post(URL, asked("ask-1", "refund", data))
    assert len([query for query in again if query["sql"].startswith(("SELECT", "INSERT"))]) == 3


def test_asking_waits_for_no_write_of_its_own_key(till: APIClient, shop: SmallStore) -> None:
    ApiKey.objects.update(last_used_at=None)
    with CaptureQueriesContext(connection) as taken:
        till.post(URL, asked())
    assert [query["sql"] for query in taken if query["sql"].startswith("UPDATE")] == []
    assert ApiKey.objects.get().last_used_at is None


def test_of_two_that_ask_at_once_both_get_the_answer_of_the_first(till: APIClient, shop: SmallStore) -> None:
    first = till.post(URL, asked()).json()
    twin = Approval.objects.get()
    twin.pk = uuid.uuid4()
    assert str(approvals._stored(twin).pk) == first["id"]


class TestRules:
    def test_every_change_is_a_version_and_nothing_is_rewritten(self, shop: SmallStore, officer: User) -> None:
        policy = policy_of(shop, officer, mode="shadow")
        old = policy.rules.first()
        assert old is not None
        changed = Rule(Subject.DISCOUNT, Condition.PERCENT_AT_LEAST, Outcome.NOTE, Decimal(30))
        new = approval_rule_set(actor=officer, policy=policy, rule=changed, replaces=old, now=timezone.now())
        old.refresh_from_db()
        assert new is not None
        assert (old.until_version, new.since_version, new.until_version) == (2, 2, None)
        assert (old.limit, old.outcome) == (Decimal(50), "approve")
        done = "changed the approval rule 'discount: percent at least 50' to 'discount: percent at least 30'"
        assert f"{done} in store S001 (version 2)" in _history()

    def test_a_rule_is_changed_once_from_where_it_stood(self, shop: SmallStore, officer: User) -> None:
        policy = policy_of(shop, officer, mode="shadow")
        old = policy.rules.first()
        approval_rule_set(actor=officer, policy=policy, rule=None, replaces=old, now=timezone.now())
        with pytest.raises(NotSo, match="meanwhile"):
            approval_rule_set(actor=officer, policy=policy, rule=None, replaces=old, now=timezone.now())

    def test_going_live_takes_a_reason(self, shop: SmallStore, officer: User) -> None:
        policy = policy_of(shop, officer, mode="shadow")
        with pytest.raises(NotSo, match="why"):
            approval_mode_set(actor=officer, policy=policy, mode="live", reason=" ", now=timezone.now())


class TestPersonalData:
    def test_what_an_operator_asked_and_let_happen_is_exported_and_erased(self, till: APIClient) -> None:
        category = next(one for one in personal_data() if one.name == "pos.approvals")
        answer = till.post(URL, asked(data={"description": "Oil"})).json()
        till.post(f"{URL}/{answer['id']}/override", {"approver": "c-3", "reason": "why"})
        subjects = [
            DataSubject("operator", "S001", Approval.objects.get().operator),
            DataSubject("operator", "S001", ApprovalStep.objects.get().by),
        ]
        assert [len(list(category.export(subject))) for subject in subjects] == [1, 1]
        assert [category.erase(subject) for subject in (*subjects, *subjects)] == [1, 1, 0, 0]
        row, step = Approval.objects.get(), ApprovalStep.objects.get()
        assert (row.operator, row.asked, step.by, step.reason) == ("", {}, "", "")

    def test_who_worked_on_them_can_be_told_and_forgotten(
        self, till: APIClient, shop: SmallStore, officer: User
    ) -> None:
        category = next(one for one in personal_data() if one.name == "pos.approval_work")
        policy = policy_of(shop, officer, rules=(TestLive.RULE,))
        till.post(URL, asked())
        answer = Approval.objects.get()
        approvals.approval_annotate(
            actor=officer, approval=answer, kind="withdrawn", reason="Box was damaged", now=timezone.now()
        )
        olga = DataSubject("user", "S001", "olga")
        told = list(category.export(olga))
        assert {one["as"] for one in told} == {"by", "made_by", "changed_by"}
        assert {one["reason"] for one in told if "reason" in one} == {"Box was damaged", "Works council agreed."}
        assert [category.erase(olga), category.erase(olga)] == [len(told), 0]
        policy.refresh_from_db()
        assert (policy.changed_by, ApprovalStep.objects.get().by) == ("erased", "erased")
        assert set(ApprovalRule.objects.values_list("made_by", flat=True)) == {"erased"}
        assert [category.erase(DataSubject("operator", "S001", "erased")), category.expire(timezone.now())] == [0, 0]

    def test_it_goes_after_a_quarter(self, till: APIClient) -> None:
        category = next(one for one in personal_data() if one.name == "pos.approvals")
        till.post(URL, asked())
        now = timezone.now()
        assert category.expire(now + KEPT_FOR - timedelta(hours=1)) == 0
        assert category.expire(now + KEPT_FOR + timedelta(hours=1)) == 1
        assert not Approval.objects.exists()


def _history() -> str:
    from privacy.presenters import audit_sentence

    return "\n".join(audit_sentence(event) for event in AuditEvent.objects.all())
