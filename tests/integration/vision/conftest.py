"""Cameras that are switched on, and segments of video that were drawn."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lanes.models import Camera, Zone
from tests.e2e.test_kill_worker import belt_draw
from tests.factories.stores import SmallStore
from vision.capture.clock import ClockSource
from vision.capture.writing import SegmentFile, segment_name
from vision.models import CameraFeed, Segment
from vision.services.segments import segment_folder

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZONES = {"belt": (0.05, 0.4), "scanner": (0.4, 0.6), "bagging": (0.6, 0.95)}


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "var"
    settings.DETECTOR = settings.BLUR_DETECTOR = "motion"
    return settings.DATA_DIR


def switch_on(camera: Camera, source: str = "") -> Camera:
    camera.purpose, camera.legal_basis, camera.assessment, camera.owner = "Loss", "legitimate_interest", "LIA", "dpo"
    camera.enabled, camera.source = True, source or camera.source
    camera.save()
    CameraFeed.objects.get_or_create(camera=camera)
    return camera


@pytest.fixture
def camera(shop: SmallStore) -> Camera:
    """L1-top, switched on, with the usual zones."""
    for kind, (left, right) in ZONES.items():
        polygon = [[left, 0.3], [right, 0.3], [right, 0.7], [left, 0.7]]
        Zone.objects.create(camera=shop.cameras[0], kind=kind, polygon=polygon)
    return switch_on(shop.cameras[0])


@pytest.fixture(scope="session")
def belt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds in which one box crosses the belt, as two segments would have it."""
    return belt_draw(tmp_path_factory.mktemp("belt") / "belt.mp4")


@pytest.fixture
def file_of(belt: Path) -> Callable[..., SegmentFile]:
    """A segment file of a camera, as the pull would have written it."""

    def make(camera: Camera, started_at: datetime = NOON, content: bytes | None = None) -> SegmentFile:
        folder = segment_folder(camera)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / segment_name(started_at, "arrival", "mp4")
        if content is None:
            shutil.copy(belt, path)
        else:
            path.write_bytes(content)
        return SegmentFile(path, started_at, 4.0, ClockSource.ARRIVAL, 100, path.stat().st_size, False, 640, 360, 25.0)

    return make


@pytest.fixture
def segment_of(file_of: Callable[..., SegmentFile], settings: Any) -> Callable[..., Segment]:
    """A stored segment; ``state`` and what else a row has may be given."""

    def make(camera: Camera, at_s: float = 0.0, content: bytes | None = None, **fields: object) -> Segment:
        file = file_of(camera, NOON + timedelta(seconds=at_s), content)
        known: dict[str, object] = {
            "duration_s": file.duration_s,
            "clock_source": "arrival",
            "path": str(file.path.relative_to(settings.DATA_DIR)),
            "size_bytes": file.size_bytes,
        }
        return Segment.objects.create(camera=camera, started_at=file.started_at, **known | fields)

    return make
