"""A terminal was mapped, by whatever door: what it had sent before is let in."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from lanes.models import Terminal
from pos.models import UnknownTerminal
from pos.tasks import release_held


@receiver(post_save, sender=Terminal, dispatch_uid="pos.terminal_mapped")
def terminal_mapped(*, instance: Terminal, **_: Any) -> None:
    if UnknownTerminal.objects.filter(store_id=instance.store_id, code=instance.code).exists():
        release_held.delay_on_commit(instance.pk)
