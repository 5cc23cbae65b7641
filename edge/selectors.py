"""Reading what runs."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from edge.models import Node

SILENT_AFTER = timedelta(seconds=45)  # three heartbeats missed, and one for a busy machine


def nodes_silent(*, now: datetime) -> QuerySet[Node]:
    """Processes that should have been heard of by now."""
    return Node.objects.filter(seen_at__lt=now - SILENT_AFTER)


def node_is_silent(node: Node, *, now: datetime) -> bool:
    return bool(node.seen_at < now - SILENT_AFTER)
