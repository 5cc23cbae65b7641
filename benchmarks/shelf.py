"""Goods taken from a shelf and put back, by which eyes, and what is said of places where nothing is taken.

    python -m benchmarks.shelf [eyes …]

Needs the shared media beside the project. Takes and puts: the clip and the zones of tests/conformance/test_bottles.py.
False events: nine shelf zones laid over each of the other clips, on walls, floors, tables and shelves in front of which
people walk and stand; nobody takes anything there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import ModuleType

import cv2

from tests.media import MEDIA
from tests.repository import REPOSITORY
from vision.domain.types import VisualEventDraft, ZoneShape
from vision.pipeline.decode import frames
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.run import LaneVision, PipelineConfig, SegmentReport, analyse

EYES = {
    "motion": "motion",
    "YOLO11n": str(MEDIA / "weights" / "yolo11n_int8_openvino_model"),
    "YOLOv8n": str(MEDIA / "weights" / "yolov8n_int8_openvino_model"),
    "lane": str(REPOSITORY / "vision" / "weights" / "lane"),
}
OTHERS = (
    "people_one_by_one",
    "store_aisle",
    "worker_enters_zone",
    "people_walking",
    "faces_two_turning",
    "faces_walking",
    "staffed_lanes",
)
STARTS, WIDTH = (0.04, 0.36, 0.68), 0.28
START_AT, SIDE = 1_790_000_000.0, 640


def events(
    film: str, fps: float, layout: Sequence[ZoneShape], detector: Detector
) -> tuple[list[VisualEventDraft], SegmentReport]:
    source = frames(MEDIA / "video" / film, START_AT, fps, SIDE)
    _, found, report = analyse(source, detector, layout, PipelineConfig(), LaneVision())
    return found, report


def clip() -> ModuleType:
    """The test that knows the truth; it reads a provisioning file, and that is part of a Django app."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.conformance import test_bottles

    return test_bottles


def matched(found: Sequence[VisualEventDraft], truth: ModuleType) -> tuple[int, int, int]:
    """How many takes and puts were told at the right zone within two seconds, in time, and how many events are none."""
    wanted, tol_s = truth.annotated()
    left, late = list(truth.told(found)), []
    for kind, zone, at in wanted:
        near = [one for one in left if one[:2] == (kind, zone) and abs(one[2] - at) < 2.0]
        if near:
            best = min(near, key=lambda one: abs(one[2] - at))
            left.remove(best)
            late.append(abs(best[2] - at))
    return len(late), sum(s <= tol_s for s in late), len(left)


def takes_and_puts(name: str, detector: Detector, truth: ModuleType) -> None:
    for fps in (7.5, 10.0, 15.0):
        found, _ = events(truth.camera().source, fps, truth.zones(), detector)
        counted, in_time, others = matched(found, truth)
        least = min((event.confidence for event in found), default=0.0)
        print(
            f"{name:8} {fps:4.1f} a second: {counted} of {len(truth.annotated()[0])} counted, {in_time} in time, ",
            end="",
        )
        print(f"{others} others, confidence {least:.2f} at least", flush=True)


def false_events(name: str, detector: Detector) -> None:
    grid = [_square(x, y) for y in STARTS for x in STARTS]
    minutes, said = 0.0, 0
    for film in OTHERS:
        found, report = events(f"{film}.mp4", 10.0, grid, detector)
        minutes += len(grid) * ((report.last_at or 0.0) - (report.first_at or 0.0)) / 60
        said += len(found)
    print(f"{name:8} false events: {said} in {minutes:.1f} minutes of zones", flush=True)


def _square(x: float, y: float) -> ZoneShape:
    return ZoneShape("shelf", ((x, y), (x + WIDTH, y), (x + WIDTH, y + WIDTH), (x, y + WIDTH)))


def main() -> None:
    if not MEDIA.is_dir():
        print(f"Left out: no shared media at {MEDIA}.")
        return
    cv2.setNumThreads(1)
    truth = clip()
    for name, weights in EYES.items():
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            takes_and_puts(name, detector_open(weights), truth)
            false_events(name, detector_open(weights))


if __name__ == "__main__":
    main()
