"""What every page of the admin site shares: it shows and edits only the stores
in which this person may do so."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lanes.domain.health import HealthItem, HealthLevel, health_worst
from lanes.health import health_of_many
from lanes.models import Camera, Lane, Store, Terminal
from lanes.permissions import may, may_somewhere, stores_for
from lanes.signals import map_changed
from privacy.domain.roles import Permission
from privacy.models import User

# From a model that others point to, to its store.
STORE_PATHS: dict[type[Model], str] = {Store: "pk", Lane: "store", Camera: "store", Terminal: "store"}


def actor_of(request: HttpRequest) -> User:
    """Who is signed in; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


class NeverEdited:
    """Mixin of admin classes: to look at, never to add, change or delete."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StoreScoped(BaseModelAdmin):
    """Mixin of ModelAdmin and InlineModelAdmin. ``store_path``: the lookup from the
    model to its store."""

    store_path = "store"
    view_permission = Permission.MAP_VIEW
    edit_permission = Permission.MAP_EDIT

    def store_of(self, obj: Any) -> Store:
        for name in self.store_path.split("__"):
            obj = getattr(obj, name)
        return obj

    def _may(self, request: HttpRequest, permission: Permission, obj: Any) -> bool:
        if obj is None:
            return may_somewhere(request.user, permission)
        return may(request.user, permission, obj if isinstance(obj, Store) else self._store_of_any(obj))

    def _store_of_any(self, obj: Any) -> Store:
        """Inlines are asked about their parent."""
        return self.store_of(obj) if isinstance(obj, self.model) else obj.store

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_somewhere(request.user, self.view_permission)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.view_permission, obj) or self._may(request, self.edit_permission, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.edit_permission, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.edit_permission, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.edit_permission, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        shown = stores_for(request.user, self.view_permission) | stores_for(request.user, self.edit_permission)
        return super().get_queryset(request).filter(**{f"{self.store_path}__in": shown})

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        path = STORE_PATHS.get(db_field.remote_field.model)
        if path:
            stores = stores_for(request.user, self.edit_permission)
            kwargs["queryset"] = db_field.remote_field.model._default_manager.filter(**{f"{path}__in": stores})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class StoreScopedAdmin(StoreScoped, admin.ModelAdmin):
    """A page of the map. Saving and deleting tell the apps above."""

    class Media:
        css = {"all": ["lanes/admin.css"]}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._told(form.instance)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._told(obj)
        super().delete_model(request, obj)

    def _told(self, obj: Any) -> None:
        map_changed.send(sender=type(obj), store_id=self.store_of(obj).pk)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting is one at a time, where it can be refused with a reason."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class HealthChangeList(ChangeList):
    """A list whose rows know their health: asked once for the whole page."""

    model_admin: "WithHealth"

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        by_lane = health_of_many(list({lane.pk: lane for row in rows for lane in self._lanes(row)}.values()))
        for row in rows:
            found = [item for lane in self._lanes(row) for item in by_lane[lane.pk]]
            row.health_items = self.model_admin.health_about(row, found)

    def _lanes(self, row: Any) -> Sequence[Lane]:
        return self.model_admin.health_lanes(row)


class WithHealth(admin.ModelAdmin):
    """Mixin of a page whose list has the column ``health``."""

    def health_lanes(self, row: Any) -> Sequence[Lane]:
        """The lanes whose health concerns ``row``."""
        return [row.lane]

    def health_about(self, row: Any, items: list[HealthItem]) -> list[HealthItem]:
        """Of their items those about ``row`` itself."""
        return [item for item in items if item.subject == row.code]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HealthChangeList

    @admin.display(description="health")
    def health(self, row: Any) -> SafeString | str:
        return health_cell(row.health_items)


WORDS = {HealthLevel.OK: "good", HealthLevel.WARN: "look", HealthLevel.BAD: "bad"}


def health_cell(items: list[HealthItem]) -> SafeString | str:
    """The worst, in words and colour; the first sentence that matters; how many more."""
    worst = health_worst(items)
    if worst is None:
        return format_html('<span class="health health-none">{}</span>', "nothing known")
    said = [item for item in items if item.level == worst]
    more = f" (+{len(said) - 1} more)" if worst != HealthLevel.OK and len(said) > 1 else ""
    return format_html(
        '<span class="health health-{}">{}</span> <span class="health-sentence">{}{}</span>',
        worst.value,
        WORDS[worst],
        said[0].sentence,
        more,
    )
