"""What a JSON feed is told about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pos.adapters.json_map.paths import path_compiled
from pos.adapters.mapping import FIELDS, HEAD_FIELDS, MappedConfig, fields_checked
from pos.adapters.reading import ConfigRefused


def _own_names() -> dict[str, str]:
    """Events in the shape of the contract."""
    return {name: name if name in HEAD_FIELDS else f"data.{name} || {name}" for name in FIELDS}


@dataclass(frozen=True, slots=True)
class Config(MappedConfig):
    """``records``: the path of the list of events, or of tickets; empty: the
    list itself, the list ``events``, or the one object. ``fields``: a path
    within the record for each field of ours. ``parts``: what a ticket holds,
    each ``{"each": path of a list or object, "fields": {...}}``; its fields
    come before those of the record. Tills in a shape of their own are taken to
    count their tickets anew every day (``daily_numbers``). Raises ConfigRefused.
    """

    records: str = ""
    fields: Mapping[str, str] = field(default_factory=_own_names)
    parts: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        MappedConfig.__post_init__(self)
        if self.records:
            path_compiled("records", self.records)
        _paths_checked("fields", self.fields)
        for place, part in enumerate(self.parts):
            named = f"parts[{place}]"
            if not isinstance(part, Mapping) or set(part) != {"each", "fields"}:
                raise ConfigRefused(f"{named} must hold each (the path of a list) and fields, and nothing else.")
            path_compiled(f"{named}.each", part["each"])
            _paths_checked(f"{named}.fields", part["fields"])
        if self.daily_numbers is None:
            object.__setattr__(self, "daily_numbers", bool(self.parts) or self.fields != _own_names())


def _paths_checked(option: str, paths: Any) -> None:
    if not isinstance(paths, Mapping):
        raise ConfigRefused(f"{option} must be an object: a field of ours and its path.")
    fields_checked(option, paths)
    for name, path in paths.items():
        path_compiled(f"{option}.{name}", path)
