"""Tills that send before anybody has mapped them: found, held, offered, and let in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from lanes.models import Terminal
from pos.models import HeldEvent, PosEvent, UnknownTerminal
from pos.services import unknown
from privacy.models import AuditEvent
from privacy.registry import Subject, personal_data
from tests.factories.stores import SmallStore, signed_in, small_store
from tests.integration.pos.test_api import URL, event

LIST = "/admin/pos/unknownterminal/"


def stranger(id: str, **changes: Any) -> dict[str, Any]:
    return event(id, terminal="T9", **changes)


@pytest.fixture
def installer(shop: SmallStore) -> Client:
    return signed_in(shop, "installer")


def test_what_an_unknown_till_sends_is_refused_and_held_once(till: APIClient, shop: SmallStore) -> None:
    for _ in range(2):
        reply = till.post(URL, [stranger("a"), event("b"), stranger("c")]).json()
    assert [(one["index"], one["code"]) for one in reply["rejected"]] == [
        (0, "unknown_terminal"),
        (2, "unknown_terminal"),
    ]
    found = UnknownTerminal.objects.get()
    assert (found.store, found.code) == (shop.store, "T9")
    assert found.last_seen_at > found.first_seen_at
    assert list(found.held.values_list("external_id", flat=True)) == ["a", "c"]
    assert PosEvent.objects.count() == 1


def test_what_is_held_is_what_would_have_been_stored(till: APIClient, shop: SmallStore) -> None:
    known = event("known", terminal="T1")
    till.post(URL, [known, stranger("held")])
    terminal = Terminal.objects.create(store=shop.store, lane=shop.lanes[0], code="T9")
    assert unknown.held_release(terminal=terminal) == 1
    one, other = PosEvent.objects.get(external_id="known"), PosEvent.objects.get(external_id="held")
    same = [
        "type",
        "occurred_at",
        "transaction",
        "line",
        "operator",
        "gtin",
        "description",
        "quantity",
        "amount",
        "data",
    ]
    assert {name: getattr(one, name) for name in same} == {name: getattr(other, name) for name in same}
    assert (other.terminal, other.lane, other.amount) == (terminal, shop.lanes[0], Decimal("7.95"))
    assert not UnknownTerminal.objects.exists() and not HeldEvent.objects.exists()


def test_nothing_that_must_not_be_stored_is_held(till: APIClient) -> None:
    till.post(URL, [stranger("a", data={"description": "Card 4111 1111 1111 1111"}), stranger("4111111111111111")])
    (held,) = HeldEvent.objects.all()
    assert "4111" not in str(held.row)
    assert "c-17" not in str(held.row)


@pytest.mark.parametrize("changes", [{"type": "SCAN"}, {"occurred_at": "2026-11-21"}, {"data": {"amount": "7,95"}}])
def test_an_event_with_another_fault_is_not_held(till: APIClient, changes: dict[str, Any]) -> None:
    reply = till.post(URL, [stranger("a", **changes)]).json()
    assert [one["code"] for one in reply["rejected"]] == ["unknown_terminal"]
    assert not HeldEvent.objects.exists()


@pytest.mark.parametrize("code", ["", " ", "x" * 65])
def test_a_code_that_no_terminal_can_have_is_not_offered(till: APIClient, code: str) -> None:
    till.post(URL, [event("a", terminal=code)])
    assert not UnknownTerminal.objects.exists()


def test_sent_again_after_mapping_it_is_stored_once(till: APIClient, shop: SmallStore) -> None:
    till.post(URL, [stranger("a"), stranger("b")])
    terminal = Terminal.objects.create(store=shop.store, lane=shop.lanes[0], code="T9")
    assert till.post(URL, [stranger("a")]).json()["accepted"] == 1
    assert unknown.held_release(terminal=terminal) == 1
    assert unknown.held_release(terminal=terminal) == 0
    assert sorted(PosEvent.objects.values_list("external_id", flat=True)) == ["a", "b"]


def test_letting_in_goes_on_where_it_was_cut_short(
    till: APIClient, shop: SmallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.post(URL, [stranger(f"e{n}") for n in range(5)])
    terminal = Terminal.objects.create(store=shop.store, lane=shop.lanes[0], code="T9")
    store, times = unknown.pos_events_record, iter(range(9))

    def breaks(**rows: Any) -> int:
        if next(times) == 1:
            raise ConnectionError
        return store(**rows)

    monkeypatch.setattr(unknown, "AT_ONCE", 2)
    monkeypatch.setattr(unknown, "pos_events_record", breaks)
    with pytest.raises(ConnectionError):
        unknown.held_release(terminal=terminal)
    assert (PosEvent.objects.count(), HeldEvent.objects.count()) == (2, 3)
    assert unknown.held_release(terminal=terminal) == 3
    assert PosEvent.objects.count() == 5


def test_a_flood_is_bounded_and_said(till: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown, "HELD_MOST", 2)
    monkeypatch.setattr(unknown, "TERMINALS_MOST", 1)
    till.post(URL, [stranger("a"), stranger("b"), stranger("c")])
    till.post(URL, [event("z", terminal="T10")])
    (found,) = UnknownTerminal.objects.all()
    assert (found.code, found.held.count(), found.passed_over) == ("T9", 2, 1)


def test_mapping_by_any_door_lets_the_events_in(
    till: APIClient, shop: SmallStore, django_capture_on_commit_callbacks: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("pos.receivers.release_held.delay_on_commit", asked.append)
    Terminal.objects.create(store=shop.store, lane=shop.lanes[1], code="T8")
    assert asked == []
    till.post(URL, [stranger("a")])
    terminal = Terminal.objects.create(store=shop.store, lane=shop.lanes[1], code="T9")
    assert asked == [terminal.pk]


def test_an_installer_maps_it(till: APIClient, shop: SmallStore, installer: Client) -> None:
    till.post(URL, [stranger("a"), stranger("b")])
    found = UnknownTerminal.objects.get()
    page = installer.get(LIST).content.decode()
    assert "T9" in page
    url = f"{LIST}{found.pk}/change/"
    assert shop.lanes[0].code in installer.get(url).content.decode()
    other = small_store("S002")
    assert installer.post(url, {"lane": other.lanes[0].pk, "granularity": "line"}).status_code == 200  # refused
    assert not Terminal.objects.filter(code="T9").exists()
    reply = installer.post(url, {"lane": shop.lanes[1].pk, "granularity": "transaction"})
    assert reply.status_code == 302
    mapped = Terminal.objects.get(code="T9")
    assert (mapped.lane, mapped.granularity) == (shop.lanes[1], "transaction")
    told = AuditEvent.objects.get(action="terminal.mapped")
    assert (told.actor, told.object_id, told.data) == ("installer", "T9", {"lane": shop.lanes[1].code, "held": 2})


def test_an_installer_sees_only_their_stores(shop: SmallStore, installer: Client) -> None:
    now = timezone.now()
    other = small_store("S002").store
    theirs = UnknownTerminal.objects.create(store=other, code="T77", first_seen_at=now, last_seen_at=now)
    assert "T77" not in installer.get(LIST).content.decode()
    assert installer.get(f"{LIST}{theirs.pk}/change/").status_code == 302  # Django's way of saying there is none


def test_a_reviewer_has_no_business_here(shop: SmallStore) -> None:
    assert signed_in(shop, "reviewer").get(LIST).status_code in (302, 403)


def test_what_nobody_maps_goes_after_a_week(till: APIClient) -> None:
    till.post(URL, [stranger("a")])
    (category,) = [one for one in personal_data() if one.name == "pos.held"]
    now: datetime = timezone.now()
    assert category.expire(now + timedelta(days=6)) == 0
    assert category.expire(now + timedelta(days=8)) == 1
    assert not UnknownTerminal.objects.exists()


def test_an_operator_may_have_it_shown_and_erased(till: APIClient, shop: SmallStore) -> None:
    till.post(URL, [stranger("a"), stranger("b", operator="c-18")])
    pseudonym = HeldEvent.objects.get(external_id="a").row["operator"]
    (category,) = [one for one in personal_data() if one.name == "pos.held"]
    subject = Subject("operator", shop.store.code, pseudonym)
    assert list(category.export(subject)) == [{"terminal": "T9", "id": "a", "type": "scan"}]
    assert category.erase(subject) == 1
    assert list(category.export(Subject("operator", "S002", pseudonym))) == []
    assert list(HeldEvent.objects.values_list("external_id", flat=True)) == ["b"]
