"""A membership changed: what is derived from it follows."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from lanes.models import StoreMembership
from lanes.services.memberships import grants_mirror


@receiver([post_save, post_delete], sender=StoreMembership, dispatch_uid="lanes.grants_mirror")
def membership_changed(instance: StoreMembership, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        grants_mirror(user_id=instance.user_id)
