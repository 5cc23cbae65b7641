"""API keys of a store."""

from collections.abc import Sequence

from django.db import transaction

from lanes.models import ApiKey, Store
from lanes.permissions import check_may
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User


@transaction.atomic
def api_key_create(*, actor: User | str, store: Store, name: str, scopes: Sequence[str]) -> tuple[ApiKey, str]:
    """The new key and its secret, which nobody can read again."""
    check_may(actor, Permission.MAP_EDIT, store)
    key = ApiKey(store=store, name=name, scopes=list(scopes))
    secret = ApiKey.objects.assign_key(key)
    key.save(force_insert=True)
    _record(actor, key, "key.created")
    return key, secret


@transaction.atomic
def api_key_scopes_set(*, actor: User | str, key: ApiKey, scopes: Sequence[str]) -> None:
    check_may(actor, Permission.MAP_EDIT, key.store)
    key.scopes = list(scopes)
    key.save(update_fields=["scopes"])
    _record(actor, key, "key.changed")


@transaction.atomic
def api_key_revoke(*, actor: User | str, key: ApiKey) -> None:
    """For good: a revoked key does not come back."""
    check_may(actor, Permission.MAP_EDIT, key.store)
    key.revoked = True
    key.save(update_fields=["revoked"])
    _record(actor, key, "key.revoked")


def _record(actor: User | str, key: ApiKey, action: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="api_key",
        object_id=key.prefix,
        store_code=key.store.code,
        data={"name": key.name, "scopes": key.scopes},
    )
