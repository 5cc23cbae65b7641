"""People, and where they work."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from lanes.admin.memberships import MembershipsRecorded, UserMembershipInline
from lanes.admin.scoped import actor_of
from lanes.permissions import may_somewhere, stores_for
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User


@admin.register(User)
class UserAdmin(MembershipsRecorded, DjangoUserAdmin):
    """What a person may do is their memberships; entering this site follows from
    them, so neither groups nor single permissions are offered."""

    list_display = ["username", "display_name", "roles", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", "memberships__role"]
    search_fields = ["username", "display_name", "email"]
    filter_horizontal = ()
    inlines = [UserMembershipInline]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["display_name", "email"]}),
        ("Access", {"fields": ["is_active", "is_superuser", "last_login", "date_joined"]}),
    ]

    class Media:
        css = {"all": ["lanes/admin.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_somewhere(request.user, Permission.USERS_EDIT)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may_somewhere(request.user, Permission.USERS_EDIT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_somewhere(request.user, Permission.USERS_EDIT)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An administrator of one store may not set the password of somebody who
        can do things in another."""
        if obj is None or request.user.is_superuser:
            return may_somewhere(request.user, Permission.USERS_EDIT)
        own = stores_for(request.user, Permission.USERS_EDIT)
        return not obj.is_superuser and own.exists() and not obj.memberships.exclude(store__in=own).exists()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.is_superuser and obj != request.user

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = super().get_queryset(request).prefetch_related("memberships__store")
        if request.user.is_superuser:
            return users
        own = stores_for(request.user, Permission.USERS_EDIT)
        homeless = Q(memberships=None, is_superuser=False)
        return users.filter(Q(memberships__store__in=own) | homeless).distinct()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return self.readonly_fields if request.user.is_superuser else [*self.readonly_fields, "is_superuser"]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit_record(
            actor=actor_of(request),
            action="user.changed" if change else "user.created",
            object_type="user",
            object_id=obj.get_username(),
            ip=request.META.get("REMOTE_ADDR"),
            data={"fields": [name for name in form.changed_data if not name.startswith("password")]},
        )
        self._superuser_enters(obj)

    def _superuser_enters(self, user: User) -> None:
        if user.is_superuser and not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return "administrator everywhere"
        held = sorted(f"{m.role.replace('_', ' ')} of {m.store.code}" for m in user.memberships.all())
        return ", ".join(held) or "none"
