"""Who may read exception rules, and who may change what is asked of people.

A rule's back-test shows figures and its findings become cases: so whoever changes one must be allowed both to see the
reports and to decide cases, in its store, and where it holds for all stores in every one of them.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from lanes.models import Store
from lanes.permissions import may_somewhere, stores_for
from privacy.domain.roles import Permission
from privacy.models import User

Person = User | AnonymousUser


def rule_stores(user: Person) -> QuerySet[Store]:
    """The stores whose rules `user` may change and test."""
    return stores_for(user, Permission.REPORTS_VIEW) & stores_for(user, Permission.CASES_DECIDE)


def may_view_rules(user: Person) -> bool:
    return may_somewhere(user, Permission.REPORTS_VIEW)


def may_edit_rule(user: Person, store_id: int | None) -> bool:
    """Whether `user` may change a rule of that store; None: of all stores."""
    if user.is_active and user.is_superuser:
        return True
    held = rule_stores(user)
    if store_id is not None:
        return held.filter(pk=store_id).exists()
    return held.exists() and not Store.objects.exclude(pk__in=held.values("pk")).exists()


def check_may_edit_rule(actor: User | str, store_id: int | None) -> None:
    """Raises PermissionDenied. A bare name is a part of the system, or whoever runs a command."""
    if isinstance(actor, User) and not may_edit_rule(actor, store_id):
        where = "this store" if store_id is not None else "every store"
        raise PermissionDenied(
            f"{actor.get_username()} may not change this rule: that takes seeing reports and deciding cases in {where}."
        )
