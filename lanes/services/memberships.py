"""Who works where, and what follows from it."""

from collections.abc import Iterable

from django.contrib.auth.models import Permission as Grant
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from guardian.models import UserObjectPermission

from lanes.models import Store, StoreMembership, grant_codename
from lanes.permissions import check_may
from privacy.audit import audit_record
from privacy.domain.roles import Permission, Role, permissions_of
from privacy.models import User

# Whoever may do one of these in some store needs the admin site for it.
ADMIN_PERMISSIONS = frozenset({Permission.MAP_EDIT, Permission.USERS_EDIT, Permission.GOVERNANCE_EDIT})


@transaction.atomic
def membership_add(*, actor: User | str, user: User, store: Store, role: Role | str) -> StoreMembership:
    """``user`` works in ``store`` as ``role`` from now on. Safe to repeat."""
    check_may(actor, Permission.USERS_EDIT, store)
    membership, made = StoreMembership.objects.get_or_create(user=user, store=store, role=Role(role))
    if made:
        membership_record(actor=actor, membership=membership, action="membership.added")
    return membership


@transaction.atomic
def membership_remove(*, actor: User | str, membership: StoreMembership) -> None:
    check_may(actor, Permission.USERS_EDIT, membership.store)
    membership_record(actor=actor, membership=membership, action="membership.removed")
    membership.delete()


def membership_record(*, actor: User | str, membership: StoreMembership, action: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="user",
        object_id=membership.user.get_username(),
        store_code=membership.store.code,
        data={"role": str(membership.role)},
    )


@transaction.atomic
def grants_mirror(*, user_id: int) -> None:
    """Make guardian's grants on Store, and the right to enter the admin site, what
    the memberships of ``user_id`` say. Both are derived: nothing else writes them."""
    memberships = list(StoreMembership.objects.filter(user_id=user_id).values_list("store_id", "role"))
    _grants_set(user_id, {(str(store), grant_codename(p)) for store, role in memberships for p in permissions_of(role)})
    held = {p for _, role in memberships for p in permissions_of(role)}
    staff = bool(held & ADMIN_PERMISSIONS)
    User.objects.filter(pk=user_id, is_superuser=False).exclude(is_staff=staff).update(is_staff=staff)


def _grants_set(user_id: int, wanted: set[tuple[str, str]]) -> None:
    stores = ContentType.objects.get_for_model(Store)
    rows = UserObjectPermission.objects.filter(user_id=user_id, content_type=stores)
    there = {
        (object_pk, code): pk for pk, object_pk, code in rows.values_list("pk", "object_pk", "permission__codename")
    }
    rows.filter(pk__in=[pk for key, pk in there.items() if key not in wanted]).delete()
    grants = _grants(stores, {code for _, code in wanted})
    UserObjectPermission.objects.bulk_create(
        UserObjectPermission(user_id=user_id, content_type=stores, object_pk=object_pk, permission=grants[code])
        for object_pk, code in wanted - there.keys()
    )


def _grants(stores: ContentType, codenames: Iterable[str]) -> dict[str, Grant]:
    return {g.codename: g for g in Grant.objects.filter(content_type=stores, codename__in=codenames)}
