"""Who works where, as rows on the page of a store or of a user."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest

from lanes.admin.scoped import StoreScoped, actor_of
from lanes.models import StoreMembership
from lanes.permissions import stores_for
from lanes.services.memberships import membership_record
from privacy.domain.roles import Permission
from privacy.models import User


class MembershipInline(StoreScoped, admin.TabularInline):
    """Rows are added and taken away, never turned into another: a grant that was
    given stays in history as given."""

    model = StoreMembership
    extra = 0
    view_permission = edit_permission = Permission.USERS_EDIT

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StoreMembershipInline(MembershipInline):
    """On a store's page."""

    fields = ["user", "role"]

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Only people this administrator knows from their own stores."""
        if db_field.name == "user" and not request.user.is_superuser:
            own = stores_for(request.user, Permission.USERS_EDIT)
            kwargs["queryset"] = User.objects.filter(memberships__store__in=own).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class UserMembershipInline(MembershipInline):
    """On a user's page."""

    fields = ["store", "role"]

    def _may(self, request: HttpRequest, permission: Permission, obj: Any) -> bool:
        return super()._may(request, permission, None)


class MembershipsRecorded(admin.ModelAdmin):
    """Mixin of a page with one of these inlines: changes become history."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is StoreMembership:
            for membership in formset.new_objects:
                membership_record(actor=actor_of(request), membership=membership, action="membership.added")
            for membership in formset.deleted_objects:
                membership_record(actor=actor_of(request), membership=membership, action="membership.removed")
