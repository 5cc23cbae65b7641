"""Zones as a form field: JSON in the form, drawn on the camera's picture by
static/lanes/zones.js where there is JavaScript."""

import json
from typing import Any

from django import forms

from lanes.domain.geometry import polygon_problems
from lanes.models import Zone

ZoneValues = list[tuple[str, list[list[float]]]]
MAX_ZONES = 60


class ZonesWidget(forms.Textarea):
    template_name = "lanes/zones_widget.html"
    snapshot_url = ""

    class Media:
        css = {"all": ["lanes/zones.css"]}
        js = ["lanes/zones.js"]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, {"rows": 8, "spellcheck": "false", **(attrs or {})})
        return {**context, "snapshot_url": self.snapshot_url, "kinds": Zone.Kind.values}


class ZonesField(forms.CharField):
    """``[{"kind": "belt", "polygon": [[x, y], ...]}, ...]`` as text; cleans to [(kind, polygon)]."""

    widget = ZonesWidget

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else zones_text(value or [])

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return _plain(json.loads(data or "[]")) != list(initial or [])
        except (ValueError, TypeError, KeyError):
            return True

    def clean(self, value: Any) -> ZoneValues:
        try:
            zones = _plain(json.loads(value or "[]"))
        except (ValueError, TypeError, KeyError):
            raise forms.ValidationError(
                'Not zones: write [{"kind": "scanner", "polygon": [[0.4, 0.3], [0.6, 0.3], [0.6, 0.7]]}].'
            ) from None
        problems = [sentence for number, zone in enumerate(zones, 1) for sentence in _zone_problems(number, *zone)]
        if len(zones) > MAX_ZONES:
            problems.append(f"{len(zones)} zones are too many: draw at most {MAX_ZONES}.")
        if problems:
            raise forms.ValidationError(problems)
        return zones


def zones_text(zones: ZoneValues) -> str:
    return json.dumps([{"kind": kind, "polygon": polygon} for kind, polygon in zones])


def _plain(read: Any) -> ZoneValues:
    """Raises ValueError, TypeError or KeyError for anything that is no list of zones."""
    return [
        (str(zone["kind"]), [[round(float(x), 4), round(float(y), 4)] for x, y in zone["polygon"]]) for zone in read
    ]


def _zone_problems(number: int, kind: str, polygon: list[list[float]]) -> list[str]:
    said = [] if kind in Zone.Kind.values else [f"Zone {number}: {kind!r} is no kind of zone."]
    for problem in polygon_problems(polygon):
        corner = "" if problem.corner is None else f", corner {problem.corner + 1}"
        said.append(f"Zone {number} ({kind}){corner}: {problem.sentence}.")
    return said
