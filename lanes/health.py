"""Who knows how a lane is doing registers here (in its ``AppConfig.ready``).

The map shows health without knowing cameras' streams or tills: the apps above
bring providers, this module only asks them.
"""

import logging
from collections.abc import Callable, Mapping, Sequence

from lanes.domain.health import HealthItem, HealthLevel, health_sorted, health_worst
from lanes.models import Lane

__all__ = ["HealthItem", "HealthLevel", "health_of", "health_of_many", "health_register", "health_worst"]

LaneProvider = Callable[[Lane], Sequence[HealthItem]]
LanesProvider = Callable[[Sequence[Lane]], Mapping[int, Sequence[HealthItem]]]

_providers: dict[str, tuple[LaneProvider | None, LanesProvider | None]] = {}
_log = logging.getLogger(__name__)


def health_register(name: str, provider: LaneProvider | None = None, *, many: LanesProvider | None = None) -> None:
    """Register ``provider(lane) -> [HealthItem]`` under ``name``.

    ``many(lanes) -> {lane_id: [HealthItem]}`` answers for a whole list with a
    fixed number of queries; it is preferred where given. Registering a name
    again replaces it.
    """
    if provider is None and many is None:
        raise ValueError(f"health provider {name!r}: give a provider, or many=")
    _providers[name] = (provider, many)


def health_of(lane: Lane) -> list[HealthItem]:
    """Everything known about ``lane``, worst first."""
    return health_of_many([lane])[lane.pk]


def health_of_many(lanes: Sequence[Lane]) -> dict[int, list[HealthItem]]:
    """``{lane_id: items}``, worst first; every lane asked for is a key."""
    found: dict[int, list[HealthItem]] = {lane.pk: [] for lane in lanes}
    for name in list(_providers):
        for lane_id, items in _asked(name, lanes).items():
            found[lane_id].extend(items)
    return {lane_id: health_sorted(items) for lane_id, items in found.items()}


def _asked(name: str, lanes: Sequence[Lane]) -> Mapping[int, Sequence[HealthItem]]:
    """One provider's answer; one that breaks is itself a piece of bad health,
    so that it never hides what the others know."""
    provider, many = _providers[name]
    try:
        if many is not None:
            return many(lanes)
        assert provider is not None
        return {lane.pk: provider(lane) for lane in lanes}
    except Exception:
        _log.exception("health provider %s failed", name)
        broken = HealthItem(HealthLevel.WARN, name, f"The health of {name} could not be read; see the log.")
        return {lane.pk: [broken] for lane in lanes}
