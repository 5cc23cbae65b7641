"""The till that people can try: what it sends takes the way of every event, marked, and recorded in the audit."""

import json
from datetime import datetime

import msgspec
from django.db import transaction

from lanes.batches import BatchReply, items_of
from lanes.models import Store
from lanes.permissions import check_may
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.reading import Reading
from pos.replay.event_file import events_read
from pos.services.intake import events_take
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User

SOURCE = "try-till"
"""`data.source` of every event that this page has sent."""


def try_batch_take(*, actor: User, store: Store, body: bytes, now: datetime) -> BatchReply:
    """Take `body` as `POST pos/events` would, for a person who may map the tills of `store`.

    Raises NotABatch, PermissionDenied.
    """
    check_may(actor, Permission.MAP_EDIT, store)
    items = [_marked(item) for item in items_of(body)]
    with transaction.atomic():
        reply = events_take(store=store, items=items, now=now)
        audit_record(
            actor=actor,
            action="till.tried",
            object_type="store",
            object_id=store.code,
            store_code=store.code,
            data={
                "sent": len(items),
                "accepted": reply.accepted,
                "duplicates": reply.duplicates,
                "rejected": len(reply.rejected),
            },
        )
    return reply


def try_document_read(*, kind: str, document: bytes, terminal: str, currency: str) -> Reading:
    """What is understood of `document`; nothing is stored. `kind`: of an adapter, or "" for events of our own.

    Raises DocumentNotUnderstood, KeyError for a kind that there is none of.
    """
    if not kind:
        return events_read(document)
    return ADAPTERS[kind].read(document, ADAPTERS[kind].configure(terminal=terminal, currency=currency))


def _marked(item: msgspec.Raw) -> msgspec.Raw:
    """With its source, whatever the page has sent. What is too broken to bear the mark is refused further on."""
    try:
        event = json.loads(bytes(item))
    except (ValueError, RecursionError):
        return item
    if not isinstance(event, dict):
        return item
    data = event.get("data")
    if not isinstance(data, dict | None):
        return item
    return msgspec.Raw(json.dumps(event | {"data": (data or {}) | {"source": SOURCE}}).encode())
