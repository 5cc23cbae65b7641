"""Real footage: a cashier moves three goods over the glass of a staffed lane, seen from a high camera.

All that knows the clip is its provisioning file; the truth was annotated by eye with a tolerance. Three scans say
little about stores: they hold the shipped weights to what they could do once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2

from lanes.provisioning.document import read
from tests.media import MEDIA, needs_media
from tests.repository import REPOSITORY
from vision.domain.geometry import analysed_side
from vision.domain.types import VisualType, ZoneShape
from vision.pipeline.decode import frames
from vision.pipeline.detector import detector_open
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

pytestmark = needs_media
START = 1_790_000_000.0


def test_the_scans_are_passes_and_little_else_is() -> None:
    """All three, and nothing else, where it was measured (docs/benchmarks.md); other processors round otherwise."""
    cv2.setNumThreads(1)
    camera = read((Path(__file__).parent / "real_clips" / "staffed.yaml").read_text()).lanes[0].cameras[0]
    zones = [ZoneShape(zone.kind, zone.polygon) for zone in camera.zones or ()]
    config, detector = PipelineConfig(), detector_open(str(REPOSITORY / (camera.detector or "")))
    film = frames(MEDIA / "video" / camera.source, START, 10.0, analysed_side(zones, 640, config.margin_n))
    _, events, _ = analyse(film, detector, zones, config, LaneVision())
    passes = [event.at - START for event in events if event.type is VisualType.ITEM_PASS]
    scans = json.loads((MEDIA / "truth" / "annotations.json").read_text())[f"video/{camera.source}"]["scan_events"]
    found = [scan["item"] for scan in scans if any(_during(scan, at) for at in passes)]
    others = [at for at in passes if not any(_during(scan, at) for scan in scans)]
    assert len(found) >= 2, passes
    assert len(others) <= 1, passes


def _during(scan: dict[str, Any], at: float) -> bool:
    """It leaves the glass after it was over it and before it is let go behind it."""
    low, high = scan["over_scanner_t"] - scan["tol_s"], scan["released_on_out_belt_t"] + scan["tol_s"]
    return bool(low <= at <= high)
