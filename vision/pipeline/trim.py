"""A detector exported for pictures of one size, made ready for narrower ones: nothing is spent on grey margins.

An exported YOLO holds its anchor points as constants, one column for each cell of its grids, finest grid first and row
by row. Of a picture that fills only part of the input the cells beyond it are left out, and the graph is shaped anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

GRIDS = ((8, 16), (8, 16, 32), (4, 8, 16), (4, 8, 16, 32), (8, 16, 32, 64))
"""Strides of the grids that detectors have, in pixels of the input."""
STEP = 32
"""Pixels by which an input is made smaller. What is halved five times and doubled again has to come out even."""
TIGHT = 0.98
"""A picture is rather shrunk by a fiftieth than given another row of cells."""


def trimmable(model: Any) -> tuple[int, ...]:
    """The strides of the grids of a detector of fixed input that `trim` can be asked for; none where it cannot.

    `model`: an openvino.Model; it is tried on a copy.
    """
    strides = _strides(model)
    try:
        if strides:
            trim(model.clone(), (2 * STEP, 3 * STEP), strides)
    except RuntimeError:  # sizes are written into the graph elsewhere too
        return ()
    return strides


def _strides(model: Any) -> tuple[int, ...]:
    height, width = model.input(0).shape[2:]
    for strides in GRIDS:
        if height % strides[-1] or width % strides[-1]:
            continue
        expected = _points(height, width, strides)
        scales = np.concatenate([np.full((height // s) * (width // s), s) for s in strides])
        for constant in _constants(model, expected.shape[1]):
            held = np.asarray(constant.get_data()).squeeze()
            if held.shape == expected.shape and any(
                np.allclose(held, points) for points in (expected, expected * scales)
            ):
                return strides
    return ()


def fitting_size(shape: Sequence[int], whole: tuple[int, int]) -> tuple[int, int]:
    """Height and width, in whole steps and within `whole`, that a picture of that shape needs of the input."""
    scale = min(whole[0] / shape[0], whole[1] / shape[1])
    height, width = (
        min(most, max(1, -int(-length * scale * TIGHT // STEP)) * STEP)
        for length, most in zip(shape[:2], whole, strict=True)
    )
    return height, width


def trim(model: Any, size: tuple[int, int], strides: tuple[int, ...]) -> None:
    """Shapes `model` (openvino.Model, changed in place) for inputs of `size`, height and width.

    Raises RuntimeError where its graph does not allow it.
    """
    from openvino import PartialShape

    height, width = model.input(0).shape[2:]
    kept = _cells(height, width, size, strides)
    for constant in _constants(model, _count((height, width), strides)):
        _replace(constant, np.asarray(constant.get_data())[..., kept])
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Reshape" and node.input_value(1).get_node().get_type_name() == "Constant":
            wanted = node.input_value(1).get_node()
            _replace(wanted, _wanted(wanted.get_data(), (height, width), size, strides))
    model.get_parameters()[0].set_partial_shape(PartialShape([1, 3, *size]))
    model.validate_nodes_and_infer_types()


def _replace(constant: Any, data: np.ndarray) -> None:
    from openvino import opset8

    if data.shape == constant.get_data().shape and (data == constant.get_data()).all():
        return
    fresh = opset8.constant(np.ascontiguousarray(data), dtype=constant.get_element_type())
    for target in constant.output(0).get_target_inputs():
        target.replace_source_output(fresh.output(0))


def _wanted(shape: np.ndarray, whole: Sequence[int], size: Sequence[int], strides: Sequence[int]) -> np.ndarray:
    """The shape asked of a Reshape, of which the last numbers may count the cells of one grid (side by side, or all of
    them) or of all grids."""
    for stride in strides:
        before, after = [length // stride for length in whole], [length // stride for length in size]
        if shape[-2:].tolist() == before:
            return np.array([*shape[:-2], *after])
        if shape[-1] == before[0] * before[1]:
            return np.array([*shape[:-1], after[0] * after[1]])
    return np.array([*shape[:-1], _count(size, strides)]) if shape[-1] == _count(whole, strides) else shape


def _count(size: Sequence[int], strides: Sequence[int]) -> int:
    return sum((size[0] // stride) * (size[1] // stride) for stride in strides)


def _constants(model: Any, count: int) -> list[Any]:
    return [
        node
        for node in model.get_ordered_ops()
        if node.get_type_name() == "Constant" and list(node.get_output_shape(0))[-1:] == [count]
    ]


def _points(height: int, width: int, strides: tuple[int, ...]) -> np.ndarray:
    """x and y [2, cells] of the middles of the cells, counted in cells of their own grid."""
    grids = []
    for stride in strides:
        y, x = np.mgrid[: height // stride, : width // stride] + 0.5
        grids.append(np.stack([x.ravel(), y.ravel()]))
    return np.concatenate(grids, axis=1)


def _cells(height: int, width: int, size: tuple[int, int], strides: tuple[int, ...]) -> np.ndarray:
    """Numbers of the cells of the whole input that lie within its upper left part of `size`."""
    kept, first = [], 0
    for stride in strides:
        numbers = np.arange((height // stride) * (width // stride)).reshape(height // stride, width // stride)
        kept.append(first + numbers[: size[0] // stride, : size[1] // stride].ravel())
        first += numbers.size
    return np.concatenate(kept)
