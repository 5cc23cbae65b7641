"""Connections as a person sets them up. Secrets go in and never come out; that they changed is history."""

from collections.abc import Iterable

from django.db import transaction

from lanes.permissions import check_may
from pos.models import Connection
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User

SECRETS = frozenset({"secret", "access_token"})


@transaction.atomic
def connection_save(*, actor: User, connection: Connection, changed: Iterable[str]) -> None:
    """Make the connection, or store its fields `changed`."""
    check_may(actor, Permission.MAP_EDIT, connection.store)
    new, names = connection.pk is None, sorted(set(changed))
    if new:
        connection.save()
    elif names:
        connection.save(update_fields=names)
    if new:
        _record(actor, connection, "connection.created")
        return
    if SECRETS & set(names):
        _record(actor, connection, "connection.secret_changed")
    if plain := [name for name in names if name not in SECRETS]:
        _record(actor, connection, "connection.changed", fields=plain)


@transaction.atomic
def connection_delete(*, actor: User, connection: Connection) -> None:
    check_may(actor, Permission.MAP_EDIT, connection.store)
    _record(actor, connection, "connection.deleted")
    connection.delete()


def _record(actor: User, connection: Connection, action: str, **data: object) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type=connection._meta.model_name or "",
        object_id=connection.name,
        store_code=connection.store.code,
        data={"provider": connection.provider, "kind": str(connection._meta.verbose_name), **data},  # type: ignore[attr-defined]
    )
