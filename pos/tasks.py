"""Doors for background work: ids in, one service call."""

from celery import shared_task

from lanes.models import Terminal
from pos.services.unknown import held_release


@shared_task(name="pos.held_release", queue="default", acks_late=True, ignore_result=True)
def release_held(terminal_id: int) -> None:
    """Store what was held of a terminal before it was mapped."""
    terminal = Terminal.objects.filter(pk=terminal_id).first()
    if terminal is not None:
        held_release(terminal=terminal)
