"""What others change that concerns tills: a terminal was mapped, views by operator were switched off."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from lanes.models import Governance, Terminal
from pos.models import UnknownTerminal
from pos.services.peers import peers_forget
from pos.tasks import release_held


@receiver(post_save, sender=Terminal, dispatch_uid="pos.terminal_mapped")
def terminal_mapped(*, instance: Terminal, **_: Any) -> None:
    if UnknownTerminal.objects.filter(store_id=instance.store_id, code=instance.code).exists():
        release_held.delay_on_commit(instance.pk)


@receiver(post_save, sender=Governance, dispatch_uid="pos.operator_views_off")
def governance_changed(*, instance: Governance, **_: Any) -> None:
    if not instance.operator_views:
        peers_forget(store=instance.store)
