"""What is asked for on the tickets page."""

from collections.abc import Sequence
from typing import Any

from django import forms

from lanes.domain.instants import YEARS
from lanes.models import Terminal
from pos.domain.events import PosType
from pos.domain.story import type_words
from pos.domain.ticket import TicketStatus
from pos.selectors.ticket_search import TicketSearch

# What never belongs to a ticket cannot be found on one.
OF_NO_TICKET = {
    *(PosType.HEARTBEAT, PosType.GAP, PosType.OPERATOR_SIGN_ON, PosType.OPERATOR_SIGN_OFF),
    *(PosType.PAUSE_BEGIN, PosType.PAUSE_END, PosType.TRAINING_MODE),
}
TYPES = [(kind.value, type_words(kind)) for kind in PosType if kind not in OF_NO_TICKET]
STATUSES = [(status.value, status.value.capitalize()) for status in TicketStatus]
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", attrs={"class": "input"})


def _written(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "autocomplete": "off", **attributes})


def _amount(label: str) -> forms.DecimalField:
    widget = _written(inputmode="decimal")
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=12, decimal_places=2, widget=widget)


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "select"})
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=widget)


class TicketSearchForm(forms.Form):
    """Use it with the store's zone active: its instants are the store's."""

    text = forms.CharField(label="Text", required=False, max_length=100, widget=_written())
    item = forms.RegexField(
        r"^[0-9]{1,14}$",
        label="Item (GTIN)",
        required=False,
        widget=_written(inputmode="numeric"),
        error_messages={"invalid": "Write up to 14 digits."},
    )
    least = _amount("Amount from")
    most = _amount("Amount to")
    type = _choice("Event", [("", "Any event"), *TYPES])
    status = _choice("Status", [("", "Any status"), *STATUSES])
    place = _choice("Lane or terminal", [])
    since = forms.DateTimeField(label="From", required=False, input_formats=MOMENTS, widget=Moment())
    until = forms.DateTimeField(label="To", required=False, input_formats=MOMENTS, widget=Moment())
    operator = forms.CharField(label="Operator's pseudonym", required=False, max_length=64, widget=_written())

    def __init__(self, *args: Any, terminals: Sequence[Terminal], operator_views: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lanes = {terminal.lane_id: terminal.lane.code for terminal in terminals}
        choices = [(f"lane-{pk}", f"Lane {code}") for pk, code in sorted(lanes.items(), key=lambda one: one[1])]
        choices += [(f"terminal-{terminal.pk}", f"Terminal {terminal.code}") for terminal in terminals]
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = [("", "Any lane"), *choices]
        if not operator_views:
            del self.fields["operator"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("since", "until"):
            if cleaned.get(name) and cleaned[name].year not in YEARS:
                self.add_error(name, f"Write a year from {YEARS[0]} to {YEARS[-1]}.")
        for low, high, says in (
            ("least", "most", "is less than the amount it starts from"),
            ("since", "until", "is before the time it starts from"),
        ):
            if cleaned.get(low) is not None and cleaned.get(high) is not None and cleaned[high] < cleaned[low]:
                self.add_error(high, f"This {says}: swap them.")
        return cleaned

    def search(self) -> TicketSearch:
        """What was asked for, once it is valid."""
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        kind, _, pk = asked.pop("place", "").partition("-")
        if pk:
            asked[kind] = int(pk)
        return TicketSearch(**asked)
