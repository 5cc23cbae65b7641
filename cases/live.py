"""What changed, told to the open pages: one group per store, ids only.

The page fetches what it shows through its own view, so nobody hears more than they may see.
"""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction
from django.dispatch import receiver

from cases.signals import case_changed


def group_of(store_id: int) -> str:
    return f"cases.store.{store_id}"


def push(store_id: int, case_id: uuid.UUID | str, what: str) -> None:
    """Tell the pages of one store. From any thread or process; never waits for a reader, never raises for one."""
    layer = get_channel_layer()
    layer.push(
        group_of(store_id),
        {"type": "case.changed", "store_id": store_id, "case_id": str(case_id), "what": what},
    )


@receiver(case_changed, dispatch_uid="cases.live")
def case_changed_push(*, case_id: uuid.UUID | str, store_id: int, what: str, **_: Any) -> None:
    """After the commit, so that a page that fetches at once finds what it was told about."""
    transaction.on_commit(partial(push, store_id, case_id, what))
