"""Exception rules in the administration: what a page shows to whom, and every button on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from cases.models import ExceptionRule, ExceptionRuleVersion, RuleBacktest
from cases.services.backtests import backtest_step
from cases.services.rules import document_write
from privacy.models import AuditEvent, User
from tests.factories.cases import case_at
from tests.factories.lane_day import START, pos_event, send
from tests.factories.rules import UNPAID, in_force, tried, tried_long, written
from tests.factories.stores import SmallStore, signed_in, small_store

pytestmark = pytest.mark.django_db
LIST = "/admin/cases/exceptionrule/"
NOW = START + timedelta(days=1)


@pytest.fixture
def manager(shop: SmallStore) -> Client:
    return signed_in(shop, "administrator")


@pytest.fixture
def version(shop: SmallStore) -> ExceptionRuleVersion:
    return written(UNPAID, NOW, shop.store)


def page(client: Client, rule: ExceptionRule) -> str:
    answer = client.get(f"{LIST}{rule.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, rule: ExceptionRule, act: str, **more: object) -> str:
    """What the page says after the button."""
    answer = client.post(f"{LIST}{rule.pk}/decide/", {"act": act, **more}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        ("reviewer", False, False), ("store_manager", False, False), ("analyst", False, False),
        ("privacy_officer", True, False), ("installer", False, False), ("administrator", True, True),
    ],
)  # fmt: skip
def test_who_sees_and_who_changes_a_rule(
    shop: SmallStore, version: ExceptionRuleVersion, role: str, sees: bool, changes: bool
) -> None:
    client = signed_in(shop, role)
    answer = client.get(f"{LIST}{version.rule_id}/change/")
    assert (answer.status_code == 200) is sees
    assert (b"Put into force" in answer.content) is changes
    added = client.post(f"{LIST}add/", {"store": "S001", "document": document_write(UNPAID | {"code": "X07"})})
    assert ExceptionRule.objects.filter(code="X07").exists() is changes, added.status_code


def test_rules_of_another_store_are_not_there(manager: Client, version: ExceptionRuleVersion) -> None:
    other = written(UNPAID | {"code": "X08", "title": "Of another store"}, NOW, small_store("S002").store)
    assert "Of another store" not in manager.get(LIST).content.decode()
    assert manager.get(f"{LIST}{other.rule_id}/change/").status_code == 404
    assert manager.get(f"{LIST}{other.rule_id}/export/1/").status_code == 404
    assert manager.post(f"{LIST}{other.rule_id}/decide/", {"act": "retire", "reason": "x"}).status_code == 404


def test_a_rule_of_all_stores_is_read_but_not_changed_by_who_holds_one(manager: Client, shop: SmallStore) -> None:
    small_store("S002")
    general = written(UNPAID | {"code": "X08"}, NOW)
    tried(general, shop, NOW)
    assert "Put into force" not in page(manager, general.rule)
    answer = manager.post(f"{LIST}{general.rule_id}/decide/", {"act": "live", "version": "1", "reason": "Mine."})
    assert answer.status_code == 403
    assert manager.post(f"{LIST}add/", {"store": "", "document": document_write(UNPAID)}).status_code == 403


def test_three_rules_cost_as_many_queries_as_one(manager: Client, shop: SmallStore) -> None:
    in_force(UNPAID, shop, NOW, shop.store)
    manager.get(LIST)  # content types are looked up once a process
    with CaptureQueriesContext(connection) as one:
        manager.get(LIST)
    for code in ("X03", "X04"):
        in_force(UNPAID | {"code": code}, shop, NOW, shop.store)
    with CaptureQueriesContext(connection) as three:
        manager.get(LIST)
    assert len(three) == len(one)


def test_a_rule_is_added_and_what_is_wrong_is_said_beside_what_was_written(manager: Client) -> None:
    wrong = document_write(UNPAID | {"score": 7})
    answer = manager.post(f"{LIST}add/", {"store": "S001", "document": wrong})
    text = answer.content.decode()
    assert "score is 7: write a number from 0 to 1." in text and "score: 7" in text
    answer = manager.post(f"{LIST}add/", {"store": "S001", "document": document_write(UNPAID), "note": "First."})
    rule = ExceptionRule.objects.get()
    assert answer.headers["Location"] == f"{LIST}{rule.pk}/change/"
    assert (rule.store.code if rule.store else "", rule.state, str(rule.versions.get())) == ("S001", "draft", "X02@1")


def test_the_next_version_is_written_on_the_page(manager: Client, version: ExceptionRuleVersion) -> None:
    rule = version.rule
    text = press(manager, rule, "add", document=document_write(UNPAID | {"score": 0.9}), note="Surer.")
    assert "X02@2 is there as a draft" in text and "Surer." in text
    text = press(manager, rule, "add", document=document_write(UNPAID | {"code": "X09"}))
    assert "code is not X02: leave it as it is here" in text
    assert ExceptionRule.objects.count() == 1


def test_from_trial_to_force_and_back(
    manager: Client, version: ExceptionRuleVersion, till: APIClient, shop: SmallStore,
    django_capture_on_commit_callbacks: object,
) -> None:  # fmt: skip
    card = pos_event("g1", 100, "gift_card_activation", ticket="T1-1", amount="50.00")
    send(till, "pos", [card, pos_event("h", 900, "heartbeat", ticket="")])
    case = case_at(shop, at=START + timedelta(seconds=90), status="dismissed")
    rule, day = version.rule, START.date().isoformat()
    assert "tried on 0 whole days: try it on at least 14" in press(manager, rule, "live", version=1, reason="It helps.")
    assert "X02@1 at S001" in press(manager, rule, "try", version=1, store="S001", first=day, last=day)
    backtest = RuleBacktest.objects.get()
    assert "0 of 1 day" in page(manager, rule)
    backtest_step(backtest_id=backtest.pk, now=timezone.now())
    text = page(manager, rule)
    assert "1 finding" in text and "dismissed: 1" in text
    assert reverse("case", args=[case.pk]) in text
    assert "2026-11-20 10:01:40" in text, "on the store's own clock, as its days are"
    assert "tried on 1 whole day:" in press(manager, rule, "live", version=1, reason="It helps.")
    tried_long(version, shop, START)
    assert "Say why" in press(manager, rule, "live", version=1, reason="")
    assert "In force from now on: X02@1" in press(manager, rule, "live", version=1, reason="It helps.")
    press(manager, rule, "add", document=document_write(UNPAID | {"score": 0.9}))
    press(manager, rule, "try", version=2, store="S001", first=day, last=day)
    backtest_step(backtest_id=RuleBacktest.objects.first().pk, now=timezone.now())  # type: ignore[union-attr]
    assert "Next to X02@1, in force: 1 found by both" in page(manager, rule)
    tried_long(rule.versions.get(number=2), shop, START)
    press(manager, rule, "live", version=2, reason="Surer.")
    assert "In force again: X02@1" in press(manager, rule, "roll_back", reason="No.")
    assert "not in force any more" in press(manager, rule, "retire", reason="Enough.")
    acts = AuditEvent.objects.filter(actor="administrator", action__startswith="rule.").order_by("id")
    assert [event.action for event in acts] == [
        "rule.backtested", "rule.went_live", "rule.added", "rule.backtested", "rule.went_live", "rule.rolled_back",
        "rule.retired",
    ]  # fmt: skip
    assert {event.store_code for event in acts} == {"S001"}


def test_a_trial_is_cancelled_on_the_page(manager: Client, version: ExceptionRuleVersion) -> None:
    day = START.date().isoformat()
    press(manager, version.rule, "try", version=1, store="S001", first=day, last=day)
    backtest = RuleBacktest.objects.get()
    assert "Cancelled." in press(manager, version.rule, "cancel", backtest=backtest.pk)
    assert "cancelled, 0 of 1 day" in page(manager, version.rule)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"act": "try", "version": "1", "store": "S009", "first": "2026-11-20", "last": "2026-11-20"}, "your stores"),
        ({"act": "try", "version": "1", "store": "S001", "first": "", "last": ""}, "Choose the first and the last day"),
        ({"act": "try", "version": "", "store": "S001"}, "Choose a version of this rule"),
        ({"act": "cancel", "backtest": "99"}, "There is no such trial"),
        ({"act": "retire", "reason": "x"}, "X02 is not in force"),
        ({"act": "nothing"}, "Press one of the buttons"),
    ],
)
def test_what_a_button_is_told_wrongly(
    manager: Client, version: ExceptionRuleVersion, told: dict[str, str], sentence: str
) -> None:
    assert sentence in press(manager, version.rule, told.pop("act"), **told)


def test_a_version_is_taken_along_as_a_file(manager: Client, version: ExceptionRuleVersion) -> None:
    answer = manager.get(f"{LIST}{version.rule_id}/export/1/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="X02.yaml"'
    assert answer.content.decode() == document_write(UNPAID)


def test_a_rule_is_never_deleted(shop: SmallStore, version: ExceptionRuleVersion) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(f"{LIST}{version.rule_id}/delete/").status_code == 403
