"""Cases with what both witnesses said around them, and evidence drawn by code."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import av
import cv2
import numpy as np
from django.conf import settings
from django.db import transaction

from cases.models import Case, Discrepancy, Evidence
from cases.signals import case_changed
from lanes.models import StoreMembership
from pos.models import PosEvent
from privacy.models import User
from tests.factories.stores import SmallStore
from vision.models import VisualEvent

AT = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
OFFSET = timedelta(seconds=2.4)  # the till's clock is ahead of the camera's
CLIP_FPS = 12
PASSWORD = "a longer password"
LINES = [("Olive oil 1 l", "7.95"), ("Milk 1 l", "1.15"), ("Bread rolls", "2.40")]


def person(name: str, *, role: str = "", shop: SmallStore | None = None) -> User:
    """A user who can sign in with PASSWORD, and holds `role` at `shop` where both are given."""
    user = User.objects.create_user(name, password=PASSWORD, display_name=name.capitalize())
    if shop and role:
        StoreMembership.objects.create(user=user, store=shop.store, role=role)
    return user


def case_at(
    shop: SmallStore,
    *,
    kind: str = "no_scan",
    at: datetime = AT,
    lane: int = 0,
    risk: float = 0.9,
    status: str = "open",
    name: str = "1",
) -> Case:
    """A case about a pass (or, for scan_without_item, a line) at `at`, between two that belong together."""
    camera, terminal = shop.cameras[lane], shop.terminals[lane]
    ticket = f"{terminal.code}-{name}"
    lone_line = kind == "scan_without_item"
    matches = []
    for index, seconds in enumerate((-3.0, 0.0, 3.0)):
        seen_at = at + timedelta(seconds=seconds)
        if index != 1 or not lone_line:
            _pass(shop, lane, f"{ticket}-v{index}", seen_at)
        if index != 1 or lone_line:
            _line(shop, lane, f"{ticket}-p{index}", seen_at + OFFSET, ticket, index)
        if index != 1:
            pass_key, line_key = f"{camera.code}/{ticket}-v{index}", f"{terminal.code}/{ticket}-p{index}"
            matches.append({"sighting": pass_key, "line": line_key})
    explanation = {
        "sentence": "An item crossed the scanner and the till says nothing around it; clocks known to ±0.2 s.",
        "seen": {"type": "item_pass", "confidence": 0.94, "label": "bottle"},
        "clock": {"offset_s": OFFSET.total_seconds(), "sd_s": 0.18, "quality": "good"},
        "considered": [{"cause": "paid", "words": "a line of the till paid for it", "probability": 0.02}],
        "matches": matches,
        "rule_version": "test-1",
    }
    found = Discrepancy.objects.create(
        store=shop.store, lane=shop.lanes[lane], kind=kind, anchor=f"{kind}:{ticket}", occurred_at=at, score=risk,
        alerted=True, visual_event="" if lone_line else f"{ticket}-v1", camera=camera,
        pos_events=[f"{ticket}-p1"] if lone_line else [], transaction=ticket, explanation=explanation,
        rule_version="test-1",
    )  # fmt: skip
    with transaction.atomic():
        case = Case.objects.create(
            store=shop.store, lane=shop.lanes[lane], discrepancy=found, kind=kind, status=status, risk=risk,
            occurred_at=at, transaction=ticket, amount_at_risk=Decimal("7.95"), explanation=explanation,
        )  # fmt: skip
        case_changed.send(Case, case_id=case.pk, store_id=case.store_id, what="listed")
    return case


def _pass(shop: SmallStore, lane: int, name: str, at: datetime) -> None:
    VisualEvent.objects.create(
        store=shop.store, lane=shop.lanes[lane], camera=shop.cameras[lane], external_id=name, type="item_pass",
        occurred_at=at, received_at=at, confidence=0.94, label="bottle",
        attributes={"entered_at": (at - timedelta(seconds=0.8)).timestamp()},
    )  # fmt: skip


def _line(shop: SmallStore, lane: int, name: str, at: datetime, ticket: str, index: int) -> None:
    words, amount = LINES[index]
    PosEvent.objects.create(
        store=shop.store, lane=shop.lanes[lane], terminal=shop.terminals[lane], external_id=name, type="scan",
        occurred_at=at, received_at=at, transaction=ticket, line=index + 1, description=words, quantity=1,
        amount=Decimal(amount), entry_method="scanned", operator="0123456789abcdef",
    )  # fmt: skip


def evidence_of(case: Case, *, seconds: float = 4.0) -> list[Evidence]:
    """A clip of `seconds` and two key frames in DATA_DIR: a box that crosses the picture, around the moment."""
    folder = Path(settings.DATA_DIR) / "evidence" / case.store.code / str(case.pk)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [_picture(n / (seconds * CLIP_FPS)) for n in range(int(seconds * CLIP_FPS))]
    clip_written(folder / "clip.mp4", pictures)
    starts_at = case.occurred_at - timedelta(seconds=seconds / 2)
    rows = [_row(case, Evidence.Kind.CLIP, 0, folder / "clip.mp4", "video/mp4", starts_at, seconds)]
    for position, share in enumerate((0.4, 0.6)):
        still = folder / f"key-{position}.jpg"
        cv2.imwrite(str(still), pictures[int(share * len(pictures))])
        at = starts_at + timedelta(seconds=share * seconds)
        rows.append(_row(case, Evidence.Kind.KEY_FRAME, position, still, "image/jpeg", at, 0.0))
    return Evidence.objects.bulk_create(rows)


def _picture(share: float) -> np.ndarray:
    """320x180 BGR: a lane with a box at `share` of its way."""
    picture = np.full((180, 320, 3), 70, np.uint8)
    cv2.rectangle(picture, (130, 50), (195, 130), (90, 100, 60), -1)
    left = int(10 + share * 270)
    cv2.rectangle(picture, (left, 75), (left + 30, 105), (40, 120, 220), -1)
    return picture


def clip_written(path: Path, pictures: list[np.ndarray]) -> None:
    """H.264 in MP4, its index in front, as the product writes clips."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=CLIP_FPS)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())


def _row(
    case: Case, kind: str, position: int, path: Path, content_type: str, at: datetime, duration_s: float
) -> Evidence:
    content = path.read_bytes()
    return Evidence(
        case=case, kind=kind, position=position, path=str(path.relative_to(settings.DATA_DIR)),
        content_type=content_type, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content),
        starts_at=at, duration_s=duration_s,
    )  # fmt: skip
