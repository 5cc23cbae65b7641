"""Pages of what changed since an instant, the earliest change first, as each provider gives them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import httpx

from pos.domain.addresses import same_origin
from pos.polling.http import PollFailed, answered

PAGES_LIMIT = 20
"""Of one list in one run; what is left is asked for in the next."""
SQUARE_VERSION = "2025-01-23"


@dataclass(frozen=True, slots=True)
class Page:
    """``document``: as the provider gave it. ``items``: how many it holds. ``changed_at``: the last of their changes,
    as written. ``last``: nothing comes after it."""

    document: bytes
    items: int
    changed_at: str
    last: bool


def headers_of(provider: str, token: str) -> dict[str, str]:
    """How the provider knows who asks."""
    if provider == "square":
        return {"Authorization": f"Bearer {token}", "Square-Version": SQUARE_VERSION}
    return {"X-Shopify-Access-Token": token}


def square_lists(client: httpx.Client, base: str, locations: Sequence[str], since: datetime) -> list[Iterator[Page]]:
    """Orders of all locations; payments and refunds of each (SearchOrders, ListPayments, ListPaymentRefunds)."""
    begin = since.isoformat()
    lists = [_square_orders(client, f"{base}/v2/orders/search", list(locations), begin)]
    for location in locations:
        asked = {"updated_at_begin_time": begin, "sort_field": "UPDATED_AT", "sort_order": "ASC", "limit": "100"}
        asked["location_id"] = location
        lists += [_square_listed(client, f"{base}/v2/{name}", name, asked) for name in ("payments", "refunds")]
    return [islice(pages, PAGES_LIMIT) for pages in lists]


def shopify_lists(client: httpx.Client, base: str, since: datetime) -> list[Iterator[Page]]:
    """Orders with the refunds within them (Shopify REST Admin API, Order)."""
    return [islice(_shopify_orders(client, base, since), PAGES_LIMIT)]


def _square_orders(client: httpx.Client, url: str, locations: list[str], begin: str) -> Iterator[Page]:
    query = {
        "filter": {"date_time_filter": {"updated_at": {"start_at": begin}}},
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    cursor = ""
    while True:
        asked = {"location_ids": locations, "limit": 200, "query": query, **({"cursor": cursor} if cursor else {})}
        document, _ = answered(client, "POST", url, json=asked)
        body = _object(document)
        cursor = str(body.get("cursor") or "")
        yield _page(document, body.get("orders"), last=not cursor)
        if not cursor:
            return


def _square_listed(client: httpx.Client, url: str, name: str, asked: dict[str, str]) -> Iterator[Page]:
    cursor = ""
    while True:
        document, _ = answered(client, "GET", url, params={**asked, **({"cursor": cursor} if cursor else {})})
        body = _object(document)
        cursor = str(body.get("cursor") or "")
        yield _page(document, body.get(name), last=not cursor)
        if not cursor:
            return


def _shopify_orders(client: httpx.Client, base: str, since: datetime) -> Iterator[Page]:
    first = {"updated_at_min": since.isoformat(), "status": "any", "limit": "250", "order": "updated_at asc"}
    url = str(httpx.URL(f"{base}/orders.json", params=first))
    while url:
        document, headers = answered(client, "GET", url)
        url = _next(headers, base)
        yield _page(document, _object(document).get("orders"), last=not url)


def _next(headers: httpx.Headers, base: str) -> str:
    """The address of the next page, "" for none. Raises PollFailed where it leads to another host."""
    url = httpx.Response(200, headers=headers).links.get("next", {}).get("url", "")
    if url and not same_origin(url, base):
        raise PollFailed("The next page lies on another host, where the token must not go. Check the base address.")
    return url


def _object(document: bytes) -> dict[str, Any]:
    try:
        body = json.loads(document)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise PollFailed("The provider's answer is no JSON object. Check the base address.")
    return body


def _page(document: bytes, items: Any, *, last: bool) -> Page:
    found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    changes = [item["updated_at"] for item in found if isinstance(item.get("updated_at"), str)]
    return Page(document, len(found), changes[-1] if changes else "", last)
