"""Sources as the listener serves them, and as a person sees them."""

import json
from dataclasses import dataclass
from datetime import datetime

from pos.models import PosSource, SourcePreview
from pos.models.sources import PREVIEW_FOR


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """Everything that the listener must know of a source; another plan is another connection. ``options``: JSON."""

    id: int
    name: str
    store_id: int
    store_code: str
    terminal: str
    door: str
    host: str
    port: int
    device: str
    baud: int
    parity: str
    topic: str
    username: str
    password: str
    tls: bool
    folder: str
    adapter: str
    options: str
    allowed: str
    quiet_s: float
    mqtt_id: str


def source_plans() -> list[SourcePlan]:
    """Those that are switched on, in one query."""
    return [_plan(source) for source in PosSource.objects.filter(enabled=True).select_related("store", "terminal")]


def source_preview(source: PosSource, *, now: datetime) -> SourcePreview | None:
    """What came last, unless that is too long ago to be shown."""
    return SourcePreview.objects.filter(source=source, updated_at__gte=now - PREVIEW_FOR).first()


def _plan(source: PosSource) -> SourcePlan:
    return SourcePlan(
        id=source.pk,
        name=source.name,
        store_id=source.store_id,
        store_code=source.store.code,
        terminal=source.terminal.code if source.terminal else "",
        door=source.door,
        host=source.host,
        port=source.port or 0,
        device=source.device,
        baud=source.baud,
        parity=source.parity,
        topic=source.topic,
        username=source.username,
        password=source.password,
        tls=source.tls,
        folder=source.folder,
        adapter=source.adapter,
        options=json.dumps(source.options, sort_keys=True),
        allowed=source.allowed,
        quiet_s=source.quiet_s,
        mqtt_id=source.mqtt_id,
    )
