"""Feeds as a person sets them up. Secrets go in and never come out; that they changed is history."""

from collections.abc import Iterable

from django.db import transaction

from lanes.permissions import check_may
from pos.models import Feed
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User

SECRETS = frozenset({"secret", "access_token"})


@transaction.atomic
def feed_save(*, actor: User, feed: Feed, changed: Iterable[str]) -> None:
    """Make the feed, or store its fields `changed`."""
    check_may(actor, Permission.MAP_EDIT, feed.store)
    new, names = feed.pk is None, sorted(set(changed))
    if new:
        feed.save()
    elif names:
        feed.save(update_fields=names)
    if new:
        _record(actor, feed, "feed.created")
        return
    if SECRETS & set(names):
        _record(actor, feed, "feed.secret_changed")
    if plain := [name for name in names if name not in SECRETS]:
        _record(actor, feed, "feed.changed", fields=plain)


@transaction.atomic
def feed_delete(*, actor: User, feed: Feed) -> None:
    check_may(actor, Permission.MAP_EDIT, feed.store)
    _record(actor, feed, "feed.deleted")
    feed.delete()


def _record(actor: User, feed: Feed, action: str, **data: object) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type=feed._meta.model_name or "",
        object_id=feed.name,
        store_code=feed.store.code,
        data={"provider": feed.provider, "kind": str(feed._meta.verbose_name), **data},  # type: ignore[attr-defined]
    )
