"""A body from Shopify: a webhook is the object itself, an answer of the Admin API wraps it.

Fields as in the REST Admin API (Order, Refund, Transaction). The terminal is
the device, else the location. Nothing is read of customers, addresses, cards,
browsers and notes.
"""

from collections.abc import Iterator
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.shopify.config import Config
from pos.adapters.shopify.orders import order_read
from pos.adapters.shopify.refunds import refund_read
from pos.adapters.shopify.transactions import transaction_read
from pos.adapters.structured import json_read, record, records
from pos.adapters.values import text_plain


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a body. Raises DocumentNotUnderstood."""
    config = config or Config()
    found = list(_objects(json_read(document)))
    if not found:
        raise DocumentNotUnderstood(
            "The JSON holds no Shopify order, refund or transaction. Send the body of an orders or refunds webhook."
        )
    journal = Journal(config)
    for kind, part, value in found:
        with journal.part(part):
            READERS[kind](journal, value, part, config)
    return journal.reading()


def _checkout_refused(_: Journal, checkout: dict[str, Any], __: str, ___: Config) -> None:
    done = bool(checkout.get("completed_at"))
    raise Refused(
        "not_a_sale",
        "It is a checkout that was completed; its order tells of the sale. Send the order."
        if done
        else "It is a checkout that was never completed: nothing was sold. Nothing to do.",
    )


def _draft_refused(_: Journal, draft: dict[str, Any], __: str, ___: Config) -> None:
    number = text_plain(draft.get("order_id"), 40)
    raise Refused(
        "not_a_sale",
        f"It is a draft order{f'; it became order {number}: send that' if number else ', which sells nothing yet'}.",
    )


def _tender_refused(_: Journal, tender: dict[str, Any], __: str, ___: Config) -> None:
    raise Refused(
        "counted_once",
        f"It is a {'test ' if tender.get('test') is True else ''}tender transaction, a summary of the transactions of "
        f"order {text_plain(tender.get('order_id'), 40)}, which would count the money twice. Send those transactions.",
    )


READERS = {
    "order": order_read,
    "refund": refund_read,
    "transaction": transaction_read,
    "checkout": _checkout_refused,
    "draft_order": _draft_refused,
    "tender_transaction": _tender_refused,
}


def _objects(body: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, place and content of every object that is known."""
    for kind in READERS:
        holder = record(body)
        if isinstance(holder.get(kind), dict):
            yield kind, kind, holder[kind]
        many = holder.get(f"{kind}s") if not _bare(holder) else None
        for place, item in records(many):
            yield kind, f"{kind}s[{place}]", item
    if _bare(record(body)):
        yield _bare(record(body)), _bare(record(body)), record(body)
    for place, item in records(body):
        if _bare(item):
            yield _bare(item), f"{_bare(item)}s[{place}]", item


def _bare(item: dict[str, Any]) -> str:
    """The kind of an object that nothing wraps, as webhooks send it; "" for none."""
    if "refund_line_items" in item:
        return "refund"
    if "abandoned_checkout_url" in item:
        return "checkout"
    if "invoice_url" in item and "order_id" in item:
        return "draft_order"
    if "line_items" in item and "total_price" in item:
        return "order"
    if "payment_method" in item and "remote_reference" in item:
        return "tender_transaction"
    return "transaction" if "kind" in item and "order_id" in item else ""
