"""Writing down what runs."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from edge.models import Node

FORGET_AFTER = timedelta(days=1)


@transaction.atomic
def node_seen(*, host: str, role: str, pid: int, started_at: datetime, now: datetime, facts: dict[str, Any]) -> Node:
    """A process says that it lives. A process id that the system gave to a new process starts a new life."""
    values = {"started_at": started_at, "seen_at": now, "facts": facts}
    node, _ = Node.objects.update_or_create(host=host, role=role, pid=pid, defaults=values)
    return node


def node_gone(*, host: str, role: str, pid: int) -> None:
    """A process ends in order: it will not be missed."""
    Node.objects.filter(host=host, role=role, pid=pid).delete()


def nodes_forget(*, now: datetime) -> int:
    """Drop processes that have been silent for a day; returns how many."""
    return Node.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()[0]
