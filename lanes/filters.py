"""Filters of the API's lists that need more than django-filter gives."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django_filters import BooleanFilter, IsoDateTimeFilter
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


class FlagField(forms.Field):
    """Yes or no. Django's own reads every other word as if nothing had been asked, and the list would be too long."""

    words = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        try:
            return self.words[str(value).lower()]
        except KeyError as error:
            raise ValidationError("Write true or false.", "invalid") from error


class FlagFilter(BooleanFilter):
    field_class = FlagField
