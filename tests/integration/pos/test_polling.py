"""Polling: what webhooks lost comes by itself, and nothing is skipped whatever the provider does."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from pos.models import PosEvent, PosPoll, RefusedDocument
from pos.services.polling import OVERLAP, poll_run, polls_due
from pos.tasks import queue_polls, run_poll
from tests.factories.providers import Answer, Asked, provider, shopify_order, square_order, square_payment, told
from tests.factories.stores import SmallStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CURSOR = NOW - timedelta(hours=1)


@pytest.fixture(autouse=True)
def loopback(settings: Any) -> None:
    settings.DEBUG = True


def poll(shop: SmallStore, base: str, kind: str = "shopify", **fields: Any) -> PosPoll:
    known = {"store": shop.store, "name": "ours", "provider": kind, "base_url": base, "access_token": "t0ken"}
    locations = ["T1"] if kind == "square" else []
    return PosPoll.objects.create(**known | {"cursor": CURSOR, "locations": locations} | fields)


def run(one: PosPoll) -> PosPoll:
    poll_run(poll=one, now=NOW)
    one.refresh_from_db()
    return one


def shopify_pages(pages: list[list[dict]]) -> Any:
    """Pages linked by their header, as Shopify does."""

    def answer(asked: Asked) -> Answer:
        place = int(asked.query.get("page_info", 0))
        base = f"http://{asked.headers['Host']}"
        link = {"Link": f'<{base}{asked.path}?page_info={place + 1}>; rel="next"'} if place + 1 < len(pages) else {}
        return told({"orders": pages[place]}, **link)

    return answer


def test_shopify_is_asked_page_by_page(shop: SmallStore) -> None:
    with provider(shopify_pages([[shopify_order(7001)], [shopify_order(7002)], []])) as (base, asked):
        one = run(poll(shop, base))
    assert PosEvent.objects.filter(type="scan").count() == 2
    assert (one.cursor, one.last_error, one.received) == (NOW, "", 2)
    assert len(asked) == 3
    assert {a.headers["X-Shopify-Access-Token"] for a in asked} == {"t0ken"}
    first = asked[0].query
    assert datetime.fromisoformat(first["updated_at_min"]) == CURSOR - OVERLAP
    assert (first["status"], first["order"]) == ("any", "updated_at asc")


def test_square_is_asked_for_orders_payments_and_refunds(shop: SmallStore) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/v2/orders/search":
            more = not asked.body.get("cursor")
            return told({"orders": [square_order("O1" if more else "O2")], **({"cursor": "next"} if more else {})})
        if asked.path == "/v2/payments":
            return told({"payments": [square_payment(order_id="O1")]})
        return told({})

    with provider(answer) as (base, asked):
        one = run(poll(shop, base, "square"))
    assert (one.cursor, one.last_error) == (NOW, "")
    assert PosEvent.objects.filter(type="scan").count() == 2
    assert PosEvent.objects.filter(type="tender").count() == 1
    assert [a.path for a in asked] == ["/v2/orders/search"] * 2 + ["/v2/payments", "/v2/refunds"]
    assert {a.headers["Authorization"] for a in asked} == {"Bearer t0ken"}
    search = asked[0].body
    assert search["location_ids"] == ["T1"]
    began = search["query"]["filter"]["date_time_filter"]["updated_at"]["start_at"]
    assert datetime.fromisoformat(began) == CURSOR - OVERLAP
    assert asked[2].query["location_id"] == "T1"
    assert asked[2].query["updated_at_begin_time"] == began


def test_again_it_changes_nothing(shop: SmallStore) -> None:
    with provider(shopify_pages([[shopify_order()]])) as (base, _):
        one = run(poll(shop, base))
        stored = PosEvent.objects.count()
        run(one)
    assert PosEvent.objects.count() == stored > 0


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((401, {}, b"{}"), "refuses the access token"),
        ((403, {}, b"{}"), "refuses the access token"),
        ((500, {}, b"oops"), "has a fault"),
        ((404, {}, b"{}"), "answers 404"),
        ((302, {"Location": "http://169.254.169.254/"}, b""), "answers 302"),
        ((200, {}, b"<html>"), "no JSON object"),
        ((200, {}, b"[]"), "no JSON object"),
        ((200, {}, None), "could not be asked"),
    ],
)
def test_a_failure_is_written_down_and_leaves_the_cursor(shop: SmallStore, answer: Answer, says: str) -> None:
    with provider(lambda asked: answer) as (base, asked):
        one = run(poll(shop, base))
    assert says in one.last_error
    assert (one.cursor, one.not_before) == (CURSOR, None)
    assert len(asked) == 1
    assert not PosEvent.objects.exists() and not RefusedDocument.objects.exists()


def test_a_provider_that_is_not_there(shop: SmallStore) -> None:
    with provider(shopify_pages([[]])) as (base, _):
        pass
    assert "could not be asked" in run(poll(shop, base)).last_error


@pytest.mark.parametrize(("said", "wait_s"), [("30", 30), ("2.0", 2), ("99999", 3600), ("later", 60), ("-5", 1)])
def test_a_provider_that_wants_to_be_left_alone_is(shop: SmallStore, said: str, wait_s: int) -> None:
    with provider(lambda asked: (429, {"Retry-After": said}, b"")) as (base, _):
        one = run(poll(shop, base))
    assert one.not_before == NOW + timedelta(seconds=wait_s)
    assert one.cursor == CURSOR
    assert polls_due(now=NOW) == []
    assert polls_due(now=one.not_before) == [one.pk]


def test_what_came_before_a_failure_stays_and_is_completed_later(shop: SmallStore) -> None:
    pages = shopify_pages([[shopify_order(7001)], [shopify_order(7002)]])
    broken = [True]

    def answer(asked: Asked) -> Answer:
        return (500, {}, b"") if broken[0] and asked.query.get("page_info") else pages(asked)

    with provider(answer) as (base, _):
        one = run(poll(shop, base))
        assert (one.cursor, PosEvent.objects.filter(type="scan").count()) == (CURSOR, 1)
        broken[0] = False
        one = run(one)
    assert (one.cursor, one.last_error, one.not_before) == (NOW, "", None)
    assert PosEvent.objects.filter(type="scan").count() == 2


def test_more_than_a_run_asks_for_is_asked_for_in_the_next(shop: SmallStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos.polling.pages.PAGES_LIMIT", 2)
    changes = [CURSOR + timedelta(minutes=n) for n in range(5)]
    orders = [shopify_order(7000 + n, updated_at=at.isoformat()) for n, at in enumerate(changes)]

    def answer(asked: Asked) -> Answer:
        since = datetime.fromisoformat(
            asked.query["since"] if "since" in asked.query else asked.query["updated_at_min"]
        )
        left = [o for o, at in zip(orders, changes, strict=True) if at >= since]
        skipped = int(asked.query.get("skip", 0))
        address = f"http://{asked.headers['Host']}{asked.path}"
        asking = urlencode({"since": since.isoformat(), "skip": skipped + 1})
        link = {"Link": f'<{address}?{asking}>; rel="next"'} if skipped + 1 < len(left) else {}
        return told({"orders": left[skipped : skipped + 1]}, **link)

    with provider(answer) as (base, asked):
        one = run(poll(shop, base))
        assert (len(asked), PosEvent.objects.filter(type="scan").count()) == (2, 2)
        assert one.cursor - OVERLAP == changes[1]
        for _ in range(4):
            one = run(one)
    assert PosEvent.objects.filter(type="scan").count() == 5
    assert one.cursor >= NOW


def test_however_little_time_there_is_every_run_gets_on(shop: SmallStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos.services.polling.RUN_S", 0.0)
    changed = CURSOR + timedelta(minutes=20)

    def answer(asked: Asked) -> Answer:
        if asked.path == "/v2/orders/search":
            return told({"orders": [square_order("O1", updated_at=changed.isoformat())], "cursor": "next"})
        return told({"payments": [square_payment(order_id="O1")]} if asked.path == "/v2/payments" else {})

    with provider(answer) as (base, asked):
        one = run(poll(shop, base, "square"))
    assert [a.path for a in asked] == ["/v2/orders/search", "/v2/payments", "/v2/refunds"]
    assert (one.cursor, one.last_error) == (changed + OVERLAP, "")


def test_the_token_goes_to_no_other_host(shop: SmallStore) -> None:
    with provider(shopify_pages([[]])) as (other, asked_there):
        link = {"Link": f'<{other}/orders.json>; rel="next"'}
        with provider(lambda asked: told({"orders": []}, **link)) as (base, _):
            one = run(poll(shop, base))
    assert "another host" in one.last_error
    assert asked_there == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://10.0.0.1", "https://evil.example"])
def test_an_address_that_is_not_the_providers_is_not_asked(shop: SmallStore, settings: Any, url: str) -> None:
    settings.DEBUG = False
    assert "base address cannot be asked" in run(poll(shop, url)).last_error


def test_a_bad_order_in_a_page_is_kept_in_sight_and_stops_nothing(shop: SmallStore) -> None:
    with provider(shopify_pages([[shopify_order(7001, created_at="x"), shopify_order(7002)]])) as (base, _):
        one = run(poll(shop, base))
    assert PosEvent.objects.filter(type="scan").count() == 1
    assert RefusedDocument.objects.get().connection == "POS poll ours"
    assert (one.cursor, one.refused) == (NOW, 1)


def test_options_that_cannot_be_used_move_no_cursor(shop: SmallStore) -> None:
    with provider(shopify_pages([[shopify_order()]])) as (base, _):
        one = run(poll(shop, base, options={"sauces": []}))
    assert "sauces" in one.last_error
    assert one.cursor == CURSOR


def test_the_beat_queues_those_that_are_on(shop: SmallStore, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = poll(shop, "https://a.myshopify.com"), poll(shop, "https://b.myshopify.com", name="off", enabled=False)
    queued: list[int] = []
    monkeypatch.setattr(run_poll, "delay", queued.append)
    queue_polls()
    assert queued == [one.pk]
    with provider(shopify_pages([[shopify_order()]])) as (base, _):
        PosPoll.objects.update(base_url=base)
        run_poll(one.pk)
        run_poll(0)
    assert PosEvent.objects.exists()


def test_a_provider_without_news_ends_the_alarm(shop: SmallStore) -> None:
    with provider(shopify_pages([[]])) as (base, _):
        one = run(poll(shop, base, last_error="The provider has a fault."))
    assert (one.last_error, one.cursor, one.received) == ("", NOW, 0)


def test_a_refused_order_stays_an_alarm_at_the_end_of_its_run(shop: SmallStore) -> None:
    with provider(shopify_pages([[shopify_order(created_at="x")]])) as (base, _):
        assert "instant" in run(poll(shop, base)).last_error


@pytest.mark.parametrize(
    ("name", "value", "says"), [("ANSWER_LIMIT", 5, "more than 5 bytes"), ("ANSWER_S", -1, "too long")]
)
def test_an_answer_is_bounded(
    shop: SmallStore, monkeypatch: pytest.MonkeyPatch, name: str, value: int, says: str
) -> None:
    monkeypatch.setattr(f"pos.polling.http.{name}", value)
    with provider(shopify_pages([[shopify_order()]])) as (base, _):
        one = run(poll(shop, base))
    assert says in one.last_error
    assert one.cursor == CURSOR
