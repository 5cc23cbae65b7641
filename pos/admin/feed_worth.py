"""What the tills' feeds are worth: their grades, what is missing of them, and what does not add up."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from lanes.admin.scoped import NeverEdited, StoreScopedAdmin, actor_of
from pos.models import FeedDay, FeedGrade, MissingTickets, QuarantinedTicket
from pos.services.quarantine import quarantine_accept, quarantine_check
from privacy.domain.roles import Permission


class ReadOnlyAdmin(NeverEdited, StoreScopedAdmin):
    """Rows of the stores whose map the viewer may see."""

    show_full_result_count = False


@admin.register(FeedGrade)
class FeedGradeAdmin(ReadOnlyAdmin):
    """Each till's grade of the last 24 hours, the worst first."""

    store_path = "terminal__store"
    list_display = ["terminal", "grade", "granularity", "resolution", "first_reason", "graded_at"]
    list_filter = ["grade", ("terminal__store", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["terminal__lane__store"]
    search_fields = ["=terminal__code"]
    fields = ["terminal", "grade", "granularity", "resolution", "what_costs_it", "graded_at"]

    @admin.display(description="what costs it most")
    def first_reason(self, row: FeedGrade) -> str:
        if not row.reasons:
            return "Nothing."
        more = f" (+{len(row.reasons) - 1} more)" if len(row.reasons) > 1 else ""
        return f"{row.reasons[0]}{more}"

    @admin.display(description="what costs it the grade")
    def what_costs_it(self, row: FeedGrade) -> SafeString | str:
        if not row.reasons:
            return "Nothing."
        return format_html_join("", "<p>{}</p>", ((reason,) for reason in row.reasons))


@admin.register(FeedDay)
class FeedDayAdmin(ReadOnlyAdmin):
    store_path = "terminal__store"
    list_display = ["terminal", "day", "sent", "duplicates", "refused", "zone_assumed", "whole_seconds", "last_at"]
    list_filter = [("terminal__store", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["terminal__lane__store"]
    search_fields = ["=terminal__code"]


class StandsFilter(admin.SimpleListFilter):
    """Whether it still stands; `over` is the field that is empty while it does."""

    title = "whether it stands"
    parameter_name = "stands"
    over = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Stands"), ("no", "Is settled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = self.value()
        return queryset.filter(**{f"{self.over}__isnull": wanted == "yes"}) if wanted else queryset


class MissingFilter(StandsFilter):
    over = "closed_at"


class QuarantineFilter(StandsFilter):
    over = "released_at"


@admin.register(MissingTickets)
class MissingTicketsAdmin(ReadOnlyAdmin):
    """Tickets that never came, by the numbers of those that did."""

    list_display = ["sentence", "terminal", "starts_at", "ends_at", "found_at", "closed_at"]
    list_filter = [MissingFilter, ("store", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["terminal__lane__store"]
    search_fields = ["=terminal__code"]


class AcceptForm(forms.ModelForm):
    """Why a ticket that does not add up can be taken as it is."""

    why = forms.CharField(
        max_length=300,
        strip=True,
        widget=forms.TextInput(attrs={"size": 80}),
        help_text="Saving takes the ticket as it is, and what was seen around it is judged. For example: the paper"
        " receipt shows the same lines.",
    )

    class Meta:
        model = QuarantinedTicket
        fields: list[str] = []


@admin.register(QuarantinedTicket)
class QuarantinedTicketAdmin(StoreScopedAdmin):
    """Tickets that do not add up. Whoever decides cases there has them added up again, or takes one as it is."""

    edit_permission = Permission.CASES_DECIDE
    form = AcceptForm
    list_display = [
        "transaction",
        "terminal",
        "reason",
        "declared",
        "found",
        "tendered",
        "starts_at",
        "doubted",
        "released_at",
    ]
    list_filter = [QuarantineFilter, ("store", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["terminal__lane__store"]
    search_fields = ["=transaction", "=terminal__code"]
    show_full_result_count = False
    actions = ["check_again"]
    readonly_fields = [
        "transaction", "terminal", "reason", "declared", "found", "tendered", "starts_at", "ends_at", "found_at",
        "doubted", "released_at", "released_by", "release_reason",
    ]  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.readonly_fields, *(["why"] if self.has_change_permission(request, obj) else [])]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.released_at is None) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: QuarantinedTicket, form: Any, change: bool) -> None:
        """Nothing of it changes: it is released."""
        why = form.cleaned_data["why"]
        quarantine_accept(quarantined=obj, actor=actor_of(request), reason=why, now=timezone.now())

    def response_change(self, request: HttpRequest, obj: QuarantinedTicket) -> HttpResponse:
        messages.success(request, f"Ticket {obj.transaction} is taken as it is; its lane is judged again.")
        return HttpResponseRedirect(reverse("admin:pos_quarantinedticket_changelist"))

    @admin.action(description="Check again whether they add up", permissions=["change"])
    def check_again(self, request: HttpRequest, tickets: QuerySet[QuarantinedTicket]) -> None:
        """Each for itself: one that this person may not touch does not keep the others back."""
        out, checked = 0, 0
        for ticket in tickets.filter(released_at=None).select_related("store"):
            try:
                out += quarantine_check(quarantined=ticket, actor=actor_of(request), now=timezone.now())
                checked += 1
            except PermissionDenied as refused:
                self.message_user(request, str(refused), messages.ERROR)
        if checked:
            says = f"{out} of {checked} out of quarantine." if out else "What was checked still does not add up."
            self.message_user(request, says, messages.SUCCESS if out else messages.WARNING)

    def _told(self, obj: Any) -> None:
        """Nothing of the map changes."""
