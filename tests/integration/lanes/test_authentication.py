"""Who may call: keys, people, and what each refusal says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from lanes.models import ApiKey
from tests.factories.stores import SmallStore, key_of, signed_in, small_store

EVENTS = "/api/v1/pos/events"
TIME = "/api/v1/time"
LANES = "/api/v1/lanes"
Calling = Callable[[str], APIClient]


def refused(reply: Any, status: int) -> tuple[str, str]:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    problem = reply.json()
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == status
    return problem["code"], problem["detail"]


@pytest.mark.parametrize(
    ("header", "code", "says"),
    [
        (None, "not_authenticated", "Authorization: Api-Key <key>"),
        ("Bearer abc", "not_authenticated", "Authorization: Api-Key <key>"),
        ("Api-Key", "key_malformed", "Authorization: Api-Key <key>"),
        ("Api-Key a b", "key_malformed", "one space"),
        ("Api-Key nonsense", "key_unknown", "copied whole"),
        ("Api-Key \xff\x00.x", "key_unknown", "copied whole"),
        ("Api-Key " + "x" * 5000, "key_unknown", "copied whole"),
    ],
)
def test_without_a_usable_key_it_is_401_and_says_what_to_send(
    shop: SmallStore, header: str | None, code: str, says: str
) -> None:
    client = APIClient(**({"HTTP_AUTHORIZATION": header} if header else {}))
    reply = client.post(EVENTS, [])
    assert reply.headers["www-authenticate"].startswith("Api-Key")
    found, detail = refused(reply, 401)
    assert found == code and says in detail


def test_a_key_whose_secret_is_wrong_is_unknown_even_if_its_prefix_is_not(shop: SmallStore, calling: Calling) -> None:
    secret = key_of(shop.store, "pos.write", revoked=True)
    assert refused(calling(secret[:-1] + "!").get(TIME), 401)[0] == "key_unknown"


def test_a_revoked_key_is_401_and_says_so(shop: SmallStore, calling: Calling) -> None:
    secret = key_of(shop.store, "pos.write", name="till", revoked=True)
    code, detail = refused(calling(secret).post(EVENTS, []), 401)
    assert code == "key_revoked" and "'till' has been revoked" in detail


def test_an_expired_key_is_401_and_says_when(shop: SmallStore, calling: Calling) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    secret = key_of(shop.store, "pos.write", expiry_date=yesterday)
    code, detail = refused(calling(secret).post(EVENTS, []), 401)
    assert code == "key_expired" and f"{yesterday:%Y-%m-%d}" in detail


def test_a_key_that_expires_tomorrow_works_today(shop: SmallStore, calling: Calling) -> None:
    secret = key_of(shop.store, expiry_date=timezone.now() + timedelta(days=1))
    assert calling(secret).get(TIME).status_code == 200


SCOPES = ["pos.write", "vision.write", "cases.read", "cases.decide"]
CALLS = [("post", EVENTS, "pos.write"), ("post", "/api/v1/vision/events", "vision.write"), ("get", LANES, "cases.read")]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("method", "url", "needed"), CALLS)
def test_a_call_opens_to_its_scope_and_to_no_other(
    shop: SmallStore, calling: Calling, method: str, url: str, needed: str, scope: str
) -> None:
    reply = getattr(calling(key_of(shop.store, scope, name="k")), method)(url)
    if scope == needed:
        assert reply.status_code in (200, 400)  # 400: an empty body is no batch, but the door was open
        return
    code, detail = refused(reply, 403)
    assert code == "scope_missing" and needed in detail and scope in detail


def test_any_key_may_ask_for_the_time(shop: SmallStore, calling: Calling) -> None:
    assert calling(key_of(shop.store)).get(TIME).status_code == 200


def test_the_store_comes_from_the_key_alone(shop: SmallStore, calling: Calling) -> None:
    other = small_store("S002")
    body = {"id": "1", "terminal": "T1", "type": "heartbeat", "occurred_at": "2026-11-21T10:00:00Z", "store": "S001"}
    calling(key_of(other.store, "pos.write")).post(EVENTS, body)
    from pos.models import PosEvent

    assert PosEvent.objects.get().store == other.store


def test_a_terminal_of_another_store_is_unknown(shop: SmallStore, calling: Calling) -> None:
    other = small_store("S002")
    other.terminals[0].code = "ONLY-THERE"
    other.terminals[0].save()
    body = {"id": "1", "terminal": "ONLY-THERE", "type": "heartbeat", "occurred_at": "2026-11-21T10:00:00Z"}
    reply = calling(key_of(shop.store, "pos.write")).post(EVENTS, body).json()
    assert [one["code"] for one in reply["rejected"]] == ["unknown_terminal"]


def test_last_use_is_kept_to_the_minute(shop: SmallStore, calling: Calling, django_assert_num_queries: Any) -> None:
    client = calling(key_of(shop.store))
    assert ApiKey.objects.get().last_used_at is None
    before = timezone.now()
    client.get(TIME)
    assert before <= ApiKey.objects.get().last_used_at <= timezone.now()
    with django_assert_num_queries(1):  # the key; a second use within the minute writes nothing
        client.get(TIME)


@pytest.mark.parametrize(
    ("role", "status", "why"),
    [
        ("reviewer", 200, "reviews cases"),
        ("store_manager", 200, "runs the store"),
        ("analyst", 200, "counts cases"),
        ("administrator", 200, "may everything"),
        ("installer", 403, "maps cameras and needs no case"),
        ("privacy_officer", 403, "audits, and sees no footage"),
    ],
)
def test_people_may_read_where_their_role_allows(shop: SmallStore, role: str, status: int, why: str) -> None:
    assert signed_in(shop, role, csrf=True).get(LANES).status_code == status, why


def test_people_cannot_speak_for_a_till(shop: SmallStore) -> None:
    reply = signed_in(shop, "administrator", csrf=True).post(EVENTS, "[]", content_type="application/json")
    assert reply.status_code == 401


def test_what_is_not_there_is_a_problem_too(client: Client) -> None:
    assert refused(client.get("/api/v1/nothing"), 404)[0] == "not_found"
    assert refused(client.post("/api/v1/nothing/at/all"), 404)[0] == "not_found"


def test_a_method_that_is_not_there_is_a_problem_too(till: APIClient) -> None:
    assert refused(till.get(EVENTS), 405)[0] == "method_not_allowed"
