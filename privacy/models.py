"""Who acts, and what was done. No foreign key leaves this module: erasing a
person or a store must never break history."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. What they may do where is ``lanes.StoreMembership``."""

    display_name = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.display_name or self.get_username()


class AppendOnly(TypeError):
    """Somebody tried to rewrite history."""

    def __init__(self) -> None:
        super().__init__("Audit events are append-only: record a new one instead.")


class AppendOnlyQuerySet(models.QuerySet):
    """Refuses every way in which the ORM changes or removes rows; the database's
    triggers (``privacy.guard``) refuse the ways around the ORM."""

    def update(self, **kwargs: Any) -> int:
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly

    def bulk_create(self, objs: Any, *args: Any, update_conflicts: bool = False, **kwargs: Any) -> list:
        if update_conflicts:
            raise AppendOnly
        return super().bulk_create(objs, *args, **kwargs)

    def expire_before(self, instant: datetime) -> int:
        """Remove what is older than ``instant``; only ``privacy.audit.audit_expire``
        calls this, with the guard taken off."""
        return self.filter(at__lt=instant)._raw_delete(self.db)


class AuditEvent(models.Model):
    """One sentence of history: who did what to which object, when and why.

    Written for looking as well as for changing (GDPR Art. 5(2), 32; P30).
    """

    class ActorKind(models.TextChoices):
        USER = "user"
        KEY = "key"
        SYSTEM = "system"

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor = models.CharField(max_length=150, help_text="User name, key prefix or service name.")
    action = models.CharField(max_length=64, db_index=True)
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    store_code = models.CharField(max_length=32, blank=True, db_index=True)
    reason = models.TextField(blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        base_manager_name = "objects"
        indexes = [models.Index(fields=["object_type", "object_id", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly
