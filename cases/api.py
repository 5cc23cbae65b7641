"""The API's reading side, and deciding."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.domain.lifecycle import NotAllowed
from cases.models import Case, Discrepancy, Evidence
from cases.selectors import cases_of, discrepancies_of, lanes_judged
from cases.serializers import CaseOut, DecisionIn, DiscrepancyOut, LaneOut
from cases.services.cases import CaseMoved, case_decide, case_viewed, evidence_fetched
from lanes.authentication import actor_of, stores_of
from lanes.filters import FlagFilter, InstantFilter
from lanes.health import health_of_many
from lanes.models import ApiKey, Lane
from privacy.domain.roles import Permission


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_allowed"


class FoundFilter(django_filters.FilterSet):
    """Shared by discrepancies and cases. Lanes and stores by their codes."""

    store = django_filters.CharFilter(field_name="store__code")
    lane = django_filters.CharFilter(field_name="lane__code")
    kind = django_filters.CharFilter()
    occurred_after = InstantFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = InstantFilter(field_name="occurred_at", lookup_expr="lt")


class DiscrepancyFilter(FoundFilter):
    alerted = FlagFilter()
    withdrawn = FlagFilter(method="withdrawn_too", help_text="true: those withdrawn as well.")

    class Meta:
        model = Discrepancy
        fields = ("store", "lane", "kind", "occurred_after", "occurred_before", "alerted", "withdrawn")

    def withdrawn_too(self, queryset: QuerySet[Discrepancy], name: str, value: bool) -> QuerySet[Discrepancy]:
        return queryset

    def filter_queryset(self, queryset: QuerySet[Discrepancy]) -> QuerySet[Discrepancy]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("withdrawn") else found.filter(withdrawn_at=None)


class CaseFilter(FoundFilter):
    status = django_filters.ChoiceFilter(choices=Case.Status.choices)

    class Meta:
        model = Case
        fields = ("store", "lane", "kind", "status", "occurred_after", "occurred_before")


class ReadingMixin:
    required_scope = ApiKey.Scope.CASES_READ
    person_permission = Permission.CASES_VIEW
    request: Request


class DiscrepancyList(ReadingMixin, generics.ListAPIView):
    """Every judged mismatch with its score, those below the alert threshold too."""

    serializer_class = DiscrepancyOut
    filterset_class = DiscrepancyFilter
    page_ordering = ("-occurred_at", "-id")
    queryset = Discrepancy.objects.none()

    def get_queryset(self) -> QuerySet[Discrepancy]:
        return discrepancies_of(stores_of(self.request, Permission.CASES_VIEW))


class CaseList(ReadingMixin, generics.ListAPIView):
    """Cases, newest first."""

    serializer_class = CaseOut
    filterset_class = CaseFilter
    page_ordering = ("-created_at", "-id")
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        return cases_of(stores_of(self.request, Permission.CASES_VIEW)).select_related("discrepancy")


class CaseDetail(ReadingMixin, generics.RetrieveAPIView):
    """One case. Looking at it is recorded."""

    serializer_class = CaseOut
    lookup_url_kwarg = "case_id"
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        return cases_of(stores_of(self.request, Permission.CASES_VIEW)).select_related("discrepancy")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        case = self.get_object()
        case_viewed(**actor_of(request), case_id=case.pk, ip=request.META.get("REMOTE_ADDR"))
        return Response(self.get_serializer(case).data)


class CaseMedia(ReadingMixin, APIView):
    """A piece of a case's evidence, blurred before it was written. Taking it is recorded."""

    kind: str

    def get(self, request: Request, case_id: UUID, position: int = 0) -> FileResponse:
        visible = cases_of(stores_of(request, Permission.CASES_VIEW))
        held = Evidence.objects.select_related("case__store").filter(case__in=visible.values("pk"))
        evidence = get_object_or_404(held, case_id=case_id, kind=self.kind, position=position)
        path = Path(settings.DATA_DIR) / evidence.path
        if not path.is_file():
            raise Http404
        evidence_fetched(**actor_of(request), evidence=evidence, ip=request.META.get("REMOTE_ADDR"))
        response = FileResponse(path.open("rb"), content_type=evidence.content_type)
        response["Cache-Control"] = "private, no-store"
        return response


@extend_schema(responses={(200, "video/mp4"): bytes})
class CaseClip(CaseMedia):
    kind = Evidence.Kind.CLIP


@extend_schema(responses={(200, "image/jpeg"): bytes})
class CaseKeyFrame(CaseMedia):
    kind = Evidence.Kind.KEY_FRAME


class CaseDecision(APIView):
    """Confirm, dismiss, or ask for context."""

    required_scope = ApiKey.Scope.CASES_DECIDE
    person_permission = Permission.CASES_DECIDE

    @extend_schema(
        request=DecisionIn,
        responses={200: CaseOut, 409: OpenApiResponse(description="Decided or withdrawn already, or no reason given.")},
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        found = get_object_or_404(cases_of(stores_of(request, Permission.CASES_DECIDE)), pk=case_id)
        sent = DecisionIn(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            case_decide(**actor_of(request), case_id=found.pk, **sent.validated_data)
        except CaseMoved as moved:
            raise Conflict(str(moved), "case_moved") from moved
        except NotAllowed as refused:
            raise Conflict(str(refused), "not_allowed") from refused
        case = cases_of(stores_of(request, Permission.CASES_DECIDE)).select_related("discrepancy").get(pk=found.pk)
        return Response(CaseOut(case, context={"request": request}).data)


class LaneList(ReadingMixin, generics.ListAPIView):
    """Each lane: how far it is judged, on which clock, and how it is."""

    serializer_class = LaneOut
    page_ordering = ("store_id", "code", "id")
    filter_backends: list[Any] = []
    queryset = Lane.objects.none()

    def get_queryset(self) -> QuerySet[Lane]:
        return lanes_judged(stores_of(self.request, Permission.CASES_VIEW))

    def paginate_queryset(self, queryset: QuerySet[Lane]) -> list[Lane]:
        page = super().paginate_queryset(queryset)
        self.page_health = health_of_many(page)
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"health": getattr(self, "page_health", {})}
