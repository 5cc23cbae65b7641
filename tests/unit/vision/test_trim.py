"""A detector's input made as narrow as the picture: it answers as the whole one does, and odd graphs are left whole."""

from pathlib import Path

import numpy as np
import openvino
import pytest
from openvino import opset8

from shrink.simulator.lanes import recording
from vision.domain.types import Detection
from vision.pipeline.openvino_detector import OpenVinoDetector
from vision.pipeline.trim import fitting_size, trim, trimmable

LANE = Path("vision/weights/lane")
WHOLE = (224, 384)
SURE = 0.8
"""Processors that count in bfloat16 disagree with themselves about what is fainter."""


@pytest.mark.parametrize(
    "shape, size",
    [
        ((270, 640, 3), (160, 384)),  # 162 rows: a fiftieth smaller rather than 32 rows more
        ((360, 640, 3), (224, 384)),
        ((640, 270, 3), (224, 96)),
        ((300, 300, 3), (224, 224)),
        ((8, 640, 3), (32, 384)),
        ((640, 8, 3), (224, 32)),
    ],
)
def test_an_input_is_no_larger_than_the_picture_fills(shape, size):
    assert fitting_size(shape, WHOLE) == size


def _whole(model: OpenVinoDetector) -> OpenVinoDetector:
    model._grids = ()
    return model


def _strips() -> list[np.ndarray]:
    lane = recording(40_001, 1.5, 10.0)
    pictures = [picture for number, (_, picture) in enumerate(lane.frames()) if number % 25 == 20]
    height = pictures[0].shape[0]
    return [np.ascontiguousarray(picture[int(0.3 * height) : int(0.72 * height)]) for picture in pictures]


def _found(one: Detection, others: list[Detection]) -> bool:
    return any(one.label is other.label and one.box.iou(other.box) > 0.6 for other in others)


def test_a_trimmed_detector_sees_what_the_whole_one_sees():
    crops = _strips()
    trimmed, whole = OpenVinoDetector(LANE), _whole(OpenVinoDetector(LANE))
    height, width = trimmed._input_size(crops[0])
    assert height * width < 0.8 * WHOLE[0] * WHOLE[1], "the case is one where something is left out"
    sure = met = 0
    for crop in crops:
        narrow, wide = trimmed.detect([crop])[0], whole.detect([crop])[0]
        sure += sum(one.confidence > SURE for one in wide)
        met += sum(one.confidence > SURE and _found(one, narrow) for one in wide)
        assert all(0 <= one.box.x1 <= one.box.x2 <= 1 for one in narrow)
    assert sure >= 10
    assert met / sure > 0.95


def test_pictures_of_several_shapes_may_come_to_one_detector():
    detector = OpenVinoDetector(LANE)
    rng = np.random.default_rng(3)
    for shape in [(270, 640, 3), (640, 270, 3), (270, 640, 3), (50, 50, 3)]:
        assert isinstance(detector.detect([rng.integers(0, 255, shape, np.uint8)])[0], list)


def _model(points: np.ndarray) -> openvino.Model:
    """Grids of 8 and of 16 pixels side by side, their number written into a Reshape, and `points` [2, 120] added."""
    picture = opset8.parameter([1, 3, 64, 96], np.float32, name="picture")
    flat = []
    for stride in (8, 16):
        grid = opset8.avg_pool(picture, [stride, stride], [1, 1], [0, 0], [stride, stride], False)
        two = opset8.strided_slice(grid, [0, 0, 0, 0], [1, 2, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1])
        flat.append(opset8.reshape(two, np.array([1, 2, -1]), False))
    sized = opset8.reshape(opset8.concat(flat, 2), np.array([1, 2, 120]), False)
    return openvino.Model([opset8.add(sized, opset8.constant(points[None].astype(np.float32)))], [picture], "small")


def _grid_points() -> np.ndarray:
    points = []
    for stride in (8, 16):
        y, x = np.mgrid[: 64 // stride, : 96 // stride] + 0.5
        points.append(np.stack([x.ravel(), y.ravel()]))
    return np.concatenate(points, axis=1)


def test_sizes_written_into_the_graph_are_changed_with_it():
    model = _model(_grid_points())
    assert trimmable(model) == (8, 16)
    trim(model, (32, 64), (8, 16))
    answer = openvino.Core().compile_model(model, "CPU")([np.zeros((1, 3, 32, 64), np.float32)])[0]
    assert answer.shape == (1, 2, 32 + 8)
    assert answer[0, :, :8].T.tolist() == [[x + 0.5, 0.5] for x in range(8)]
    assert answer[0, :, 32:36].T.tolist() == [[x + 0.5, 0.5] for x in range(4)]


@pytest.mark.parametrize("points", [_grid_points()[:, ::-1], np.zeros((2, 120)), np.zeros((2, 1))])
def test_a_graph_whose_anchor_points_are_elsewhere_is_left_alone(points):
    assert trimmable(_model(points)) == ()
