"""Lists: ``{next, previous, results}``, walked by cursor, so that a new row never shifts a page."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.utils.timezone import is_aware
from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """The default pagination. A view may say ``page_ordering = ("-occurred_at", "-id")``; else the model's ordering."""

    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"
    page_size_query_description = "How many at most, 1 to 500; more gives 500."
    invalid_cursor_message = "There is no such cursor. Begin without one, and follow `next` as it is given."

    def get_ordering(self, request: Request, queryset: QuerySet, view: APIView) -> tuple[str, ...]:
        declared: Any = getattr(view, "page_ordering", None) or queryset.model._meta.ordering
        ordering = tuple(declared)
        first = queryset.model._meta.get_field(ordering[0].removeprefix("-"))
        self._walks = first.target_field if isinstance(first, ForeignKey) else first
        return ordering

    def get_page_size(self, request: Request) -> int | None:
        sent = request.query_params.get(self.page_size_query_param)
        if not sent:
            return self.page_size
        if not (sent.isascii() and sent.isdigit() and len(sent) < 10 and int(sent)):
            raise exceptions.ValidationError({self.page_size_query_param: "Write a whole number from 1 to 500."})
        return min(int(sent), self.max_page_size)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises NotFound for one that no list gives: a database would answer what stands in it with an error."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not self._is_a_position(cursor.position):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor

    def _is_a_position(self, text: str) -> bool:
        try:
            position = self._walks.clean(text, None)
            if not isinstance(position, datetime):
                return True
            position.astimezone(UTC)
        except (ValidationError, ValueError, OverflowError):
            return False
        return is_aware(position)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": 999_999_999, "default": self.page_size}
        return parameters
