"""A body from Square: a webhook, an answer of the API, or one object alone.

Fields as in Square's API reference (Order, Payment, PaymentRefund). The
terminal is the location, the only thing that orders and payments both name; a
location with several tills needs a feed for each. Nothing is read of
customers, cards, notes and receipts.
"""

from collections.abc import Iterator
from typing import Any

from pos.adapters.drafts import Journal
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.square.config import Config
from pos.adapters.square.orders import order_read
from pos.adapters.square.payments import payment_read, refund_read
from pos.adapters.structured import json_read, record, records
from pos.adapters.values import text_plain

READERS = {"order": order_read, "payment": payment_read, "refund": refund_read}
_NAMED_ONLY = ("order_created", "order_updated", "order_fulfillment_updated")


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a body. Raises DocumentNotUnderstood."""
    config = config or Config()
    body = json_read(document)
    if not isinstance(body, dict):
        raise DocumentNotUnderstood("The JSON is no object. Send a Square webhook's body or an answer of its API.")
    journal = Journal(config)
    found = list(_objects(body))
    for kind, part, value in found:
        with journal.part(part):
            READERS[kind](journal, value, part, config)
    known = _rest_refused(journal, body)
    if not found and not known:
        names = ", ".join(sorted(text_plain(name, 30) for name in list(body)[:6]))
        raise DocumentNotUnderstood(
            f"The object ({names or 'empty'}) is no Square order, payment or refund. Send the whole order; a line item "
            "alone names no sale."
        )
    return journal.reading()


def _objects(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, place and content of every object that can be read."""
    holders = [("", body), ("data.object.", record(record(body.get("data")).get("object")))]
    for prefix, holder in holders:
        for kind in READERS:
            if isinstance(holder.get(kind), dict):
                yield kind, f"{prefix}{kind}", holder[kind]
            for place, item in records(holder.get(f"{kind}s")):
                yield kind, f"{prefix}{kind}s[{place}]", item
    if "line_items" in body or ("location_id" in body and "state" in body):
        yield "order", "order", body
    elif "amount_money" in body and "uid" not in body:
        yield ("refund" if "payment_id" in body else "payment"), "payment", body


def _rest_refused(journal: Journal, body: dict[str, Any]) -> bool:
    """Refuse what a body holds beside objects; whether there was anything."""
    known = False
    for place, error in records(body.get("errors")):
        known = True
        code = text_plain(error.get("code"), 40)
        journal.refuse(
            f"errors[{place}]", "told_error", f"Square says {code!r}: its answer may be partial. Ask it again."
        )
    if body.get("order_entries"):
        known = True
        journal.refuse(
            "order_entries",
            "named_only",
            "Entries name orders without their content. Search with return_entries=false, or retrieve each order.",
        )
    named = record(record(body.get("data")).get("object"))
    for name in _NAMED_ONLY:
        if isinstance(named.get(name), dict):
            known = True
            journal.refuse(
                f"data.object.{name}",
                "named_only",
                f"The webhook only names order {text_plain(named[name].get('order_id'), 40)!r}. Retrieve the order and "
                "send it.",
            )
    return known
