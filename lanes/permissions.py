"""May this person do that here?  Every queryset shown to a person goes through here.

The truth is ``StoreMembership``; what a role may do is code
(``privacy.domain.roles``).  A superuser is the administrator of every store.
"""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from lanes.models import Store
from privacy.domain.roles import Permission, roles_with
from privacy.models import User


def stores_for(user: User | AnonymousUser, permission: Permission | str) -> QuerySet[Store]:
    """The stores in which ``user`` may do ``permission``: a queryset, so that a
    selector can write ``filter(store__in=stores_for(...))`` as one query.

    Raises ValueError for a permission that does not exist: a typo must not
    look like a refusal.
    """
    wanted = Permission(permission)
    if not user.is_active:
        return Store.objects.none()
    if user.is_superuser:
        return Store.objects.all()
    return Store.objects.filter(pk__in=user.memberships.filter(role__in=roles_with(wanted)).values("store"))


def may(user: User | AnonymousUser, permission: Permission | str, store: Store | int) -> bool:
    """Whether ``user`` may do ``permission`` in ``store`` (a Store or its id)."""
    store_id = store.pk if isinstance(store, Store) else store
    return stores_for(user, permission).filter(pk=store_id).exists()


def may_somewhere(user: User | AnonymousUser, permission: Permission | str) -> bool:
    """Whether there is any store in which ``user`` may do ``permission``.

    For doors (show the link, enter the page), never for what lies behind them.
    A superuser may even before there is a store.
    """
    wanted = Permission(permission)
    return bool(user.is_active and user.is_superuser) or stores_for(user, wanted).exists()


def check_may(actor: User | str, permission: Permission | str, store: Store) -> None:
    """For services: raises PermissionDenied, with a sentence, where ``actor`` may not.

    A bare name is a part of the system (``"provision"``) that was let in by
    whoever runs it.
    """
    if isinstance(actor, User) and not may(actor, permission, store):
        raise PermissionDenied(f"{actor.get_username()} may not do {Permission(permission)} in store {store.code}.")
