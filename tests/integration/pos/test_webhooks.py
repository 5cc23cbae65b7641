"""Signed webhooks: who may send, what is stored, and what becomes of what nobody can read."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pos.models import HeldEvent, PosEvent, PosWebhook, RefusedDocument
from pos.services import refused
from privacy.registry import Subject, personal_data
from shrink.api.documentation import openapi
from tests.factories.providers import shopify_order, signature, square_order, square_payment
from tests.factories.stores import SmallStore
from tests.integration.pos.test_api import event

SECRET = "s3cret"
SHOPIFY = "X-Shopify-Hmac-Sha256"
SQUARE = "x-square-hmacsha256-signature"
PUBLIC = "https://shrink.example/api/v1/pos/webhooks/known"


def webhook(shop: SmallStore, provider: str = "shopify", **fields: Any) -> PosWebhook:
    return PosWebhook.objects.create(
        store=shop.store, name=f"our {provider}", provider=provider, secret=SECRET, **fields
    )


def deliver(client: Client, hook: PosWebhook, body: bytes | dict, **headers: str) -> Any:
    """Post ``body`` signed as the provider does, unless ``headers`` say otherwise."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = f"/api/v1/pos/webhooks/{hook.token}"
    known = {
        "shopify": {SHOPIFY: signature(SECRET, sent)},
        "square": {SQUARE: signature(SECRET, (hook.notification_url or f"http://testserver{address}").encode() + sent)},
        "json": {hook.signature_header: signature(SECRET, sent)},
    }[hook.provider]
    return client.post(address, sent, content_type="application/json", headers=headers or known)


@pytest.mark.parametrize(
    ("provider", "body", "types"),
    [
        ("shopify", shopify_order(), {"ticket_open", "scan", "ticket_close"}),
        ("square", {"type": "payment.created", "data": {"object": {"payment": square_payment()}}}, {"tender"}),
        ("square", {"order": square_order()}, {"ticket_open", "scan", "ticket_close"}),
        ("json", {"events": [event("a"), event("b", type="void")]}, {"scan", "void"}),
    ],
)
def test_a_signed_document_is_stored_once(
    shop: SmallStore, client: Client, provider: str, body: dict, types: set[str]
) -> None:
    hook = webhook(shop, provider)
    first = deliver(client, hook, body)
    assert first.status_code == 200
    stored = PosEvent.objects.count()
    assert first.json() == {"accepted": stored, "duplicates": 0, "refused": 0}
    assert set(PosEvent.objects.values_list("type", flat=True)) == types
    assert deliver(client, hook, body).json() == {"accepted": 0, "duplicates": stored, "refused": 0}
    assert PosEvent.objects.count() == stored
    hook.refresh_from_db()
    assert (hook.received, hook.refused, hook.last_error) == (2, 0, "")
    assert hook.last_heard_at is not None


def test_square_signs_the_address_that_was_registered(shop: SmallStore, client: Client) -> None:
    hook = webhook(shop, "square", notification_url=PUBLIC)
    body = json.dumps({"payment": square_payment()}).encode()
    assert deliver(client, hook, body).status_code == 200
    as_it_came = signature(SECRET, f"http://testserver/api/v1/pos/webhooks/{hook.token}".encode() + body)
    assert deliver(client, hook, body, **{SQUARE: as_it_came}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X-Other": "none"}, "no signature"),
        ({SHOPIFY: ""}, "an empty one"),
        ({SHOPIFY: signature("other", b"{}")}, "another secret"),
        ({SHOPIFY: signature(SECRET, b"{} ")}, "another body"),
        ({SHOPIFY: "é"}, "no base64"),
        ({"Authorization": "Api-Key abc.def"}, "a key is no signature"),
    ],
)
def test_a_wrong_signature_is_refused_and_said(
    shop: SmallStore, client: Client, headers: dict[str, str], why: str
) -> None:
    hook = webhook(shop)
    answer = deliver(client, hook, b"{}", **headers)
    assert answer.status_code == 401, why
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_signed"
    hook.refresh_from_db()
    assert "signature is wrong" in hook.last_error
    assert hook.received == 0


def test_an_address_that_is_none_or_switched_off_answers_alike(shop: SmallStore, client: Client) -> None:
    hook, off = webhook(shop), webhook(shop, "json", enabled=False)
    wrong = deliver(client, hook, b"{}", **{SHOPIFY: "x"})
    gone = client.post("/api/v1/pos/webhooks/none", b"{}", content_type="application/json")
    switched_off = deliver(client, off, {"events": []})
    assert wrong.status_code == gone.status_code == switched_off.status_code == 401
    assert wrong.json() == gone.json() == switched_off.json()
    assert client.get(f"/api/v1/pos/webhooks/{hook.token}").status_code == 401


def test_a_body_that_is_too_large_is_not_read(
    shop: SmallStore, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos.authentication.MAX_BYTES", 10)
    assert deliver(client, webhook(shop), b" " * 11).status_code == 413


@pytest.mark.parametrize(
    ("provider", "body", "reason"),
    [
        ("shopify", b"<html>Bob Norman</html>", "no JSON"),
        ("shopify", {"topic": "app/uninstalled"}, "no Shopify order"),
        ("shopify", b"\x00\xff\xfe Bob \x00", "no JSON"),
        ("json", {"events": [event("a"), event("b\x00", type="\x00scam\ud800")]}, "scam"),
        ("square", {"payment": square_payment(created_at="yesterday")}, "instant"),
        ("json", {"events": [event("a"), event("b", type="scam")]}, "scam"),
        ("json", {"events": [event("a"), event("b", data={"amount": "Bob 4111 1111 1111 1111"})]}, "no plain number"),
    ],
)
def test_what_can_never_be_read_is_kept_in_sight_and_not_sent_again(
    shop: SmallStore, client: Client, provider: str, body: bytes | dict, reason: str
) -> None:
    hook = webhook(shop, provider)
    for _ in range(2):
        assert deliver(client, hook, body).status_code == 200
    kept = RefusedDocument.objects.get()
    assert (kept.times, kept.store, kept.feed) == (2, shop.store, f"POS webhook our {provider}")
    assert reason in kept.reason or reason in kept.reason.lower()
    assert "Bob" not in kept.excerpt and "4111" not in kept.excerpt + kept.reason
    hook.refresh_from_db()
    assert (hook.received, hook.refused, hook.last_error) == (2, 2, kept.reason[:300])
    assert PosEvent.objects.count() == (1 if provider == "json" else 0)


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("shopify", shopify_order(source_name="web")),
        ("square", {"order": square_order(state="OPEN")}),
        ("square", {"data": {"object": {"order_updated": {"order_id": "O1"}}}}),
    ],
)
def test_what_costs_nothing_is_no_alarm(shop: SmallStore, client: Client, provider: str, body: dict) -> None:
    hook = webhook(shop, provider)
    assert deliver(client, hook, body).json()["refused"] == 1
    hook.refresh_from_db()
    assert (hook.received, hook.refused, hook.last_error) == (1, 0, "")
    assert not RefusedDocument.objects.exists()


def test_a_till_that_nobody_has_mapped_is_held_and_no_alarm(shop: SmallStore, client: Client) -> None:
    assert deliver(client, webhook(shop), shopify_order(location_id="T99")).json()["accepted"] == 0
    assert HeldEvent.objects.count() == 3
    assert not RefusedDocument.objects.exists()


def test_the_webhooks_terminal_and_options_are_used(shop: SmallStore, client: Client) -> None:
    hook = webhook(shop, terminal="T2", options={"sources": ["web"]})
    deliver(client, hook, shopify_order(source_name="web", location_id=None))
    assert set(PosEvent.objects.values_list("terminal__code", flat=True)) == {"T2"}


def test_options_that_cannot_be_used_cost_no_document(shop: SmallStore, client: Client) -> None:
    hook = webhook(shop, options={"sauces": []})
    answer = deliver(client, hook, shopify_order())
    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
    hook.refresh_from_db()
    assert "sauces" in hook.last_error
    PosWebhook.objects.update(options={})
    assert deliver(client, hook, shopify_order()).json()["accepted"] == 3


def test_a_good_document_ends_the_alarm(shop: SmallStore, client: Client) -> None:
    hook = webhook(shop)
    deliver(client, hook, b"<html>")
    deliver(client, hook, shopify_order())
    hook.refresh_from_db()
    assert (hook.refused, hook.last_error) == (1, "")


def test_refused_documents_are_few_and_go_after_a_week(
    shop: SmallStore, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused, "KEPT_MOST", 2)
    hook = webhook(shop)
    for n in range(3):
        deliver(client, hook, f"<{n}>".encode())
    assert RefusedDocument.objects.count() == 2
    (category,) = [one for one in personal_data() if one.name == "pos.refused"]
    now = timezone.now()
    assert category.expire(now + timedelta(days=6)) == 0
    assert category.expire(now + timedelta(days=8)) == 2
    assert list(category.export(Subject("operator", shop.store.code, "x"))) == []
    assert category.erase(Subject("operator", shop.store.code, "x")) == 0


def test_the_openapi_document_tells_of_it() -> None:
    operation = openapi()["paths"]["/api/v1/pos/webhooks/{token}"]["post"]
    assert {"200", "401", "413", "503"} <= set(operation["responses"])
    assert operation["security"] == [{"WebhookSignature": []}]
    assert "application/json" in operation["requestBody"]["content"]
