"""Lists: ``{next, previous, results}``, walked by cursor, so that a new row never shifts a page."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """The default pagination. A view may say ``page_ordering = ("-occurred_at", "-id")``; else the model's ordering."""

    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: QuerySet, view: APIView) -> tuple[str, ...]:
        declared: Any = getattr(view, "page_ordering", None) or queryset.model._meta.ordering
        return tuple(declared)
