"""One visual event, from the JSON an edge box or a third party's detector sends to the row that is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from lanes.domain.instants import BadInstant, instant_read
from lanes.domain.payload import Refused, payload_checked, text_clean, text_within
from vision.domain.types import VisualType

Word = str | int | None
TYPES = frozenset(VisualType)
CONFIDENCE_ASSUMED = "confidence_assumed"
MAX_PATH = 64


class VisualEventIn(msgspec.Struct):
    """A visual event as the contract has it (section 2). Unknown fields beside these are dropped."""

    id: str | int
    camera: str | int
    type: str
    occurred_at: str
    confidence: float | str | None = None
    track: Word = None
    path: list[str] | None = None
    label: str | None = None
    attributes: dict[str, Any] | None = None


visual_event_decode = msgspec.json.Decoder(VisualEventIn).decode


class VisualEventRow(NamedTuple):
    """The columns of ``vision.VisualEvent``; ``flags``, ``path`` and ``attributes`` as JSON text."""

    store_id: int
    lane_id: int
    camera_id: int
    external_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    flags: str
    confidence: float
    track: str
    path: str
    label: str
    attributes: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What reading an event needs to know. ``cameras``: ``{code: (camera_id, lane_id)}``."""

    store_id: int
    zone: tzinfo
    received_at: datetime
    cameras: Mapping[str, tuple[int, int]]


def visual_event_row(sent: VisualEventIn, intake: Intake) -> VisualEventRow:
    """``sent`` as it will be stored. Raises Refused."""
    external_id = text_within(_word(sent.id), 200, "id")
    if not external_id:
        raise Refused("missing_field", "id is empty. Give every event an id that is unique for its camera.")
    camera_id, lane_id = _camera(sent.camera, intake.cameras)
    if sent.type not in TYPES:
        raise Refused("unknown_type", _type_hint(sent.type))
    try:
        instant = instant_read(sent.occurred_at, intake.zone, intake.received_at)
    except BadInstant as error:
        raise Refused("bad_time", f"occurred_at: {error}") from error
    confidence, assumed = _confidence(sent.confidence)
    return VisualEventRow(
        store_id=intake.store_id,
        lane_id=lane_id,
        camera_id=camera_id,
        external_id=external_id,
        type=sent.type,
        occurred_at=instant.at,
        received_at=intake.received_at,
        flags=_json([*instant.flags, *assumed]),
        confidence=confidence,
        track=text_within(_word(sent.track), 64, "track"),
        path=_json(_path(sent.path)),
        label=text_within(text_clean(sent.label or ""), 64, "label"),
        attributes=_json(payload_checked(sent.attributes or {})),
    )


def _camera(sent: Word, cameras: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    code = _word(sent)
    if code not in cameras:
        known = ", ".join(sorted(cameras)[:20]) or "none yet"
        raise Refused(
            "unknown_camera", f"This key's store has no camera {code[:40]!r} (it has: {known}). Provision it first."
        )
    return cameras[code]


def _type_hint(sent: str) -> str:
    near = get_close_matches(sent.lower()[:40], TYPES, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"It is one of: {', '.join(sorted(TYPES))}."
    return f"There is no type {sent[:40]!r}. {hint}"


def _confidence(sent: float | str | None) -> tuple[float, tuple[str, ...]]:
    if sent is None:
        return 1.0, (CONFIDENCE_ASSUMED,)
    try:
        confidence = float(sent)
    except ValueError as error:
        raise Refused("bad_confidence", f"confidence is {str(sent)[:40]!r}. Write a number from 0 to 1.") from error
    if not 0.0 <= confidence <= 1.0:
        raise Refused("bad_confidence", f"confidence is {confidence}. Write a number from 0 to 1, not a percentage.")
    return confidence, ()


def _path(sent: list[str] | None) -> list[str]:
    zones = sent or []
    if len(zones) > MAX_PATH:
        raise Refused("too_long", f"path names {len(zones)} zones; at most {MAX_PATH} are kept.")
    return [text_within(text_clean(zone), 32, "a zone of path").lower() for zone in zones]


def _word(sent: Word) -> str:
    return "" if sent is None else text_clean(str(sent)).strip()


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
