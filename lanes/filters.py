"""Filters of the API's lists that need more than django-filter gives."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django_filters import IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField


class InstantField(IsoDateTimeField):
    """An instant, in UTC before a database sees it: PostgreSQL refuses offsets beyond 16 hours with an error."""

    def clean(self, value: Any) -> datetime | None:
        read = super().clean(value)
        try:
            return read if read is None else read.astimezone(UTC)
        except (OverflowError, ValueError) as error:
            raise ValidationError("This instant is out of range.", "invalid") from error


class InstantFilter(IsoDateTimeFilter):
    field_class = InstantField
