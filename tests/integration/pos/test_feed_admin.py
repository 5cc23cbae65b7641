"""Webhooks and polls in the admin: set up by whoever maps a store; secrets go in and never come out."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pos.models import PosPoll, PosWebhook, RefusedDocument
from privacy.models import AuditEvent
from privacy.presenters import audit_sentence
from tests.factories.stores import SmallStore, signed_in, small_store

HOOKS, POLLS, REFUSED = "/admin/pos/poswebhook/", "/admin/pos/pospoll/", "/admin/pos/refuseddocument/"
SECRET = "whsec-f00d"


@pytest.fixture
def installer(shop: SmallStore) -> Client:
    return signed_in(shop, "installer")


def hook_form(shop: SmallStore, **fields: Any) -> dict[str, Any]:
    known = {"store": shop.store.pk, "name": "Shopify", "provider": "shopify", "secret": SECRET, "enabled": "on"}
    return {**known, "signature_header": "X-Signature", "options": "{}", **fields}


def poll_form(shop: SmallStore, **fields: Any) -> dict[str, Any]:
    return {
        **{"store": shop.store.pk, "name": "Square", "provider": "square", "access_token": SECRET, "enabled": "on"},
        **{"base_url": "https://connect.squareup.com", "locations": '["L1"]', "options": "{}"},
        **{"cursor_0": "2026-11-21", "cursor_1": "10:00:00", **fields},
    }


def told(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_a_webhook_is_set_up_and_its_secret_never_shown(shop: SmallStore, installer: Client) -> None:
    assert installer.post(f"{HOOKS}add/", hook_form(shop, options='{"sources": ["pos", "web"]}')).status_code == 302
    hook = PosWebhook.objects.get()
    assert (hook.secret, hook.options, len(hook.token) >= 32) == (SECRET, {"sources": ["pos", "web"]}, True)
    page = installer.get(f"{HOOKS}{hook.pk}/change/").content.decode()
    assert f"/api/v1/pos/webhooks/{hook.token}" in page
    assert SECRET not in page + installer.get(HOOKS).content.decode()
    (event,) = told("feed.created")
    assert (event.actor, event.store_code, event.object_id) == ("installer", "S001", "Shopify")
    assert SECRET not in str(event.data)
    assert "set up POS webhook Shopify of store S001" in audit_sentence(event)


def test_a_secret_left_empty_stays_and_a_new_one_is_history(shop: SmallStore, installer: Client) -> None:
    installer.post(f"{HOOKS}add/", hook_form(shop))
    url = f"{HOOKS}{PosWebhook.objects.get().pk}/change/"
    assert installer.post(url, hook_form(shop, secret="", terminal="T1")).status_code == 302
    hook = PosWebhook.objects.get()
    assert (hook.secret, hook.terminal) == (SECRET, "T1")
    assert told("feed.secret_changed") == []
    assert [event.data["fields"] for event in told("feed.changed")] == [["terminal"]]
    installer.post(url, hook_form(shop, secret="another", terminal="T1"))
    assert PosWebhook.objects.get().secret == "another"
    (event,) = told("feed.secret_changed")
    assert "another" not in str(event.data)
    assert "a new secret" in audit_sentence(event)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"secret": ""}, "required"),
        ({"options": '{"sauces": []}'}, "no such option"),
        ({"options": "[1]"}, "Options are a JSON object"),
        ({"options": "["}, "valid JSON"),
        ({"signature_header": "X Signature"}, "letters, digits and hyphens"),
        ({"provider": "json", "options": '{"records": "a["}'}, "no JMESPath"),
    ],
)
def test_what_cannot_work_is_said_in_the_form(
    shop: SmallStore, installer: Client, fields: dict[str, str], says: str
) -> None:
    page = installer.post(f"{HOOKS}add/", hook_form(shop, **fields))
    assert page.status_code == 200
    assert says in page.content.decode()
    assert not PosWebhook.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"base_url": "http://connect.squareup.com"}, "https:// address"),
        ({"base_url": "https://127.0.0.1"}, "no host of this provider"),
        ({"locations": "[]"}, "location ids"),
        ({"access_token": ""}, "required"),
    ],
)
def test_a_poll_asks_its_provider_and_nobody_else(
    shop: SmallStore, installer: Client, fields: dict[str, str], says: str
) -> None:
    page = installer.post(f"{POLLS}add/", poll_form(shop, **fields))
    assert page.status_code == 200
    assert says in page.content.decode()
    assert not PosPoll.objects.exists()


def test_a_poll_is_set_up_changed_and_deleted(shop: SmallStore, installer: Client) -> None:
    assert installer.post(f"{POLLS}add/", poll_form(shop)).status_code == 302
    poll = PosPoll.objects.get()
    assert (poll.access_token, poll.locations) == (SECRET, ["L1"])
    page = installer.get(f"{POLLS}{poll.pk}/change/").content.decode()
    assert SECRET not in page
    assert installer.post(f"{POLLS}{poll.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not PosPoll.objects.exists()
    assert [event.data["kind"] for event in told("feed.deleted")] == ["POS poll"]


def test_whoever_may_only_look_is_shown_no_secret(shop: SmallStore, installer: Client) -> None:
    installer.post(f"{HOOKS}add/", hook_form(shop))
    installer.post(f"{POLLS}add/", poll_form(shop))
    looker = signed_in(shop, "privacy_officer")
    for url, one in ((HOOKS, PosWebhook.objects.get()), (POLLS, PosPoll.objects.get())):
        page = looker.get(f"{url}{one.pk}/change/")
        assert page.status_code == 200
        assert SECRET not in page.content.decode()
        assert looker.post(f"{url}{one.pk}/change/", {}).status_code == 403


def test_nobody_sets_up_anothers_store(shop: SmallStore, installer: Client) -> None:
    other = small_store("S002")
    theirs = PosWebhook.objects.create(store=other.store, name="Theirs", provider="json", secret="x")
    assert installer.post(f"{HOOKS}add/", hook_form(other)).status_code == 200  # refused
    assert "Theirs" not in installer.get(HOOKS).content.decode()
    assert installer.get(f"{HOOKS}{theirs.pk}/change/").status_code == 302  # Django's way of saying there is none
    assert PosWebhook.objects.count() == 1


def refuse(shop: SmallStore, n: int) -> None:
    RefusedDocument.objects.create(
        store=shop.store, feed="POS webhook x", digest=str(n), reason=f"Why {n}.", received_at=timezone.now()
    )


def test_refused_documents_are_to_look_at(shop: SmallStore, installer: Client) -> None:
    refuse(shop, 1)
    refuse(small_store("S002"), 2)
    page = installer.get(REFUSED).content.decode()
    assert "Why 1." in page and "Why 2." not in page
    one = RefusedDocument.objects.get(reason="Why 1.")
    assert installer.get(f"{REFUSED}{one.pk}/change/").status_code == 200
    assert installer.post(f"{REFUSED}{one.pk}/delete/", {"post": "yes"}).status_code == 403
    assert installer.get(f"{REFUSED}add/").status_code == 403


def make(shop: SmallStore, n: int) -> None:
    PosWebhook.objects.create(store=shop.store, name=f"w{n}", provider="json", secret="x")
    PosPoll.objects.create(
        store=shop.store, name=f"p{n}", provider="square", base_url="x", access_token="x", cursor=timezone.now()
    )
    refuse(shop, n)


@pytest.mark.parametrize("url", [HOOKS, POLLS, REFUSED])
def test_three_rows_cost_as_many_queries_as_one(shop: SmallStore, installer: Client, url: str) -> None:
    make(shop, 1)
    installer.get(url)  # content types are looked up once a process
    with CaptureQueriesContext(connection) as one:
        installer.get(url)
    make(shop, 2)
    make(shop, 3)
    with CaptureQueriesContext(connection) as three:
        installer.get(url)
    assert len(three) == len(one)
