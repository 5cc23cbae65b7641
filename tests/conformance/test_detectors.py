"""Every detector answers the same questions in the same way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import MEDIA, needs_media
from tests.repository import REPOSITORY
from vision.domain.types import Label
from vision.pipeline.detector import Detector, UltralyticsDetector, WeightsUnusable, detector_open
from vision.pipeline.labels import labels_map
from vision.pipeline.openvino_detector import nms

WEIGHTS = MEDIA / "weights" / "yolo11n_int8_openvino_model"


@pytest.fixture(scope="module")
def produce() -> list[np.ndarray]:
    """Frames of the real belt with the apple, with the broccoli, and with the orange on it."""
    with av.open(str(MEDIA / "video" / "belt_produce.mp4")) as container:
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    return [pictures[number] for number in (18, 36, 92)]


@pytest.fixture(scope="module", params=["motion", "openvino", "ultralytics"])
def detector(request: pytest.FixtureRequest) -> Detector:
    if request.param == "motion":
        return detector_open("motion")
    return detector_open(str(WEIGHTS)) if request.param == "openvino" else UltralyticsDetector(WEIGHTS)


@needs_media
def test_one_list_per_picture_with_boxes_inside_it(detector: Detector, produce: list[np.ndarray]) -> None:
    found = detector.detect(produce)
    assert len(found) == 3
    for one in (one for picture in found for one in picture):
        assert isinstance(one.label, Label)
        assert 0 < one.confidence <= 1
        assert 0 <= one.box.x1 < one.box.x2 <= 1
        assert 0 <= one.box.y1 < one.box.y2 <= 1
    assert detector.detect([]) == []


@needs_media
def test_lean_openvino_and_ultralytics_agree(produce: list[np.ndarray]) -> None:
    lean, whole = detector_open(str(WEIGHTS)), UltralyticsDetector(WEIGHTS)
    for ours, theirs in zip(lean.detect(produce), whole.detect(produce), strict=True):
        assert sorted(one.name for one in ours) == sorted(one.name for one in theirs)
        for one in ours:
            twin = max(theirs, key=lambda other: other.box.iou(one.box))
            assert one.box.iou(twin.box) > 0.9
            assert one.confidence == pytest.approx(twin.confidence, abs=0.1)


@needs_media
def test_the_running_product_imports_no_torch() -> None:
    code = f"""
import sys, numpy
from vision.pipeline.detector import detector_open
from vision.pipeline.run import analyse
detector_open({str(WEIGHTS)!r}).detect([numpy.zeros((90, 160, 3), numpy.uint8)])
sys.exit(" ".join({{"torch", "ultralytics", "django"}} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr


@needs_media
def test_unmapped_names_are_dropped(produce: list[np.ndarray]) -> None:
    only = detector_open(str(WEIGHTS), mapping={"orange": "bag"})
    assert [[one.label for one in picture] for picture in only.detect(produce)] == [[], [], [Label.BAG]]
    with pytest.raises(WeightsUnusable, match="mapped"):
        detector_open(str(WEIGHTS), mapping={"walrus": "item"})


def test_names_map_by_word_whatever_the_case() -> None:
    assert labels_map({0: "Person", 1: "handbag", 2: "zebra", 3: "item"}) == {
        0: Label.PERSON,
        1: Label.BAG,
        3: Label.ITEM,
    }


@pytest.mark.parametrize("make", ["absent", "empty folder", "no model"])
def test_unusable_weights_say_what_to_do(make: str, tmp_path: Path) -> None:
    path = tmp_path / ("weights" if make == "empty folder" else "weights.onnx")
    if make == "empty folder":
        path.mkdir()
    elif make == "no model":
        path.write_bytes(b"this is no model")
    with pytest.raises(WeightsUnusable):
        detector_open(str(path))


def test_nms_keeps_the_best_of_what_overlaps() -> None:
    corners = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], np.float32)
    assert nms(corners, np.array([0.6, 0.9, 0.5]), 0.5).tolist() == [1, 2]


ALL_AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from vision.pipeline.openvino_detector import runtime

start = threading.Barrier(8)

def first_use():
    start.wait()
    runtime().Type.u8.to_dtype()

threads = [threading.Thread(target=first_use, daemon=True) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.parametrize("again", range(3))
def test_threads_may_begin_at_once(again: int) -> None:
    """Without care they wait for each other for ever, in some seven runs of ten."""
    subprocess.run([sys.executable, "-c", ALL_AT_ONCE], cwd=REPOSITORY, timeout=60, check=True)
