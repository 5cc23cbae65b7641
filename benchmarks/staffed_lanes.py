"""Three scans of a real cashier, seen from a high camera: which are found, by which eyes.

    python -m benchmarks.staffed_lanes

Needs the shared media beside the project. Zones as they were annotated, and half as wide again; a scan is found by a
pass from the moment its item is over the glass to its release, with the annotator's own tolerance. Three scans say
little either way: the figure is written down, nothing is tuned on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2

from tests.media import MEDIA
from tests.repository import REPOSITORY
from vision.domain.types import VisualType, ZoneShape
from vision.pipeline.decode import frames
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.gate import Attention
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

FILM = "video/staffed_lanes.mp4"
START_AT = 1_790_000_000.0
EYES = {
    "motion": "motion",
    "YOLO11n COCO INT8": str(MEDIA / "weights" / "yolo11n_int8_openvino_model"),
    "YOLOv8n COCO INT8": str(MEDIA / "weights" / "yolov8n_int8_openvino_model"),
    "lane": str(REPOSITORY / "vision" / "weights" / "lane"),
    "varied": str(REPOSITORY / "vision" / "weights" / "varied"),
}
REGIONS = {"belt": "lane2_in_belt", "scanner": "lane2_scanner_glass", "bagging": "lane2_out_belt"}


def zones(told: dict, wider: float) -> list[ZoneShape]:
    """The annotated polygons in 0..1, their width times `wider` about their middle."""
    width, height = told["size"]
    found = []
    for kind, name in REGIONS.items():
        corners = told["roi_px"][name]
        middle = sum(x for x, _ in corners) / len(corners)
        found.append(ZoneShape(kind, tuple(((middle + wider * (x - middle)) / width, y / height) for x, y in corners)))
    return found


def outcome(told: dict, detector: Detector, layout: Sequence[ZoneShape], fps: float) -> tuple[int, int]:
    """How many of the scans are found, and how many passes belong to none."""
    attention = Attention()
    source = frames(MEDIA / FILM, START_AT, fps, told["size"][0], attention)
    _, events, _ = analyse(source, detector, layout, PipelineConfig(), LaneVision(), attention)
    passes = [event.at - START_AT for event in events if event.type is VisualType.ITEM_PASS]
    found = 0
    for scan in told["scan_events"]:
        low, high = scan["over_scanner_t"] - scan["tol_s"], scan["released_on_out_belt_t"] + scan["tol_s"]
        mine = [at for at in passes if low <= at <= high]
        if mine:
            found += 1
            passes.remove(mine[0])
    return found, len(passes)


def main() -> None:
    if not MEDIA.is_dir():
        print(f"Left out: no shared media at {MEDIA}.")
        return
    cv2.setNumThreads(1)
    told = json.loads((MEDIA / "truth" / "annotations.json").read_text())[FILM]
    print(f"{len(told['scan_events'])} scans; found, and passes that match none (a: zones as annotated, w: wider)")
    for name, weights in EYES.items():
        cells = []
        for label, wider in (("a", 1.0), ("w", 1.5)):
            for fps in (10.0, 15.0):
                found, others = outcome(told, detector_open(weights, confidence=0.1), zones(told, wider), fps)
                cells.append(f"{label} {fps:.0f}: {found}, {others}")
        print(f"{name:20} {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
