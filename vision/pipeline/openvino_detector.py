"""An exported YOLO on the OpenVINO runtime and nothing else: no torch, preprocessing inside the compiled model."""

from __future__ import annotations

import ast
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import yaml

from vision.domain.types import Box, Detection, Label
from vision.pipeline.calibration import belief_beside
from vision.pipeline.labels import labels_map
from vision.pipeline.trim import fitting_size, trim, trimmable

PAD = 114  # the grey that ultralytics trains its letterbox with
NMS_IOU = 0.6
STRIDE = 32
_FIRST_USE = threading.Lock()


class WeightsUnusable(Exception):
    """The weights cannot be used; the message says why and what to do."""


class OpenVinoDetector:
    """Threads may share one: each has an infer request of its own."""

    def __init__(
        self,
        path: Path,
        *,
        mapping: Mapping[str, Label | str] | None = None,
        confidence: float = 0.1,
        threads: int = 1,
        side: int = 0,
    ) -> None:
        openvino = runtime()
        core = openvino.Core()
        self._openvino, self._core, self._threads, self._side = openvino, core, threads, side
        self._model_path = model_file(path)
        try:
            model = core.read_model(self._model_path)
        except RuntimeError as error:
            raise WeightsUnusable(f"OpenVINO cannot read {self._model_path.name}: {error}. Export it again.") from error
        names = names_of(self._model_path, model)
        self.classes: Mapping[int, str] = names
        self.labels: Mapping[int, Label] = labels_map(names, mapping)
        if not self.labels:
            raise WeightsUnusable(nothing_mapped(path.name, names))
        self.generic_item = Label.ITEM.value in names.values()
        self.belief = belief_beside(self._model_path)
        self._confidence = confidence
        self._dynamic = model.input(0).partial_shape.is_dynamic
        self._lock, self._local = threading.Lock(), threading.local()
        self._compiled: dict[tuple[int, int], Any] = {}
        self._fixed: tuple[int, ...] = () if self._dynamic else tuple(model.input(0).shape[2:])
        self._grids = () if self._dynamic else trimmable(model)

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        return [self._detect(image) for image in images]

    def _detect(self, image: np.ndarray) -> list[Detection]:
        height, width = self._input_size(image)
        padded, scale, left, top = letterbox(image, height, width)
        request = self._request(height, width)
        output = request.infer({0: padded[None]}, share_inputs=True)[0][0]
        corners, scores, kinds = boxes_read(output, self._confidence, sorted(self.labels))
        corners = (corners - (left, top, left, top)) / scale
        corners /= (image.shape[1], image.shape[0]) * 2
        corners = corners.clip(0, 1)
        return [
            Detection(
                Box(*map(float, corners[i])), self.labels[int(kinds[i])], float(scores[i]), self.classes[int(kinds[i])]
            )
            for i in range(len(scores))
        ]

    def _input_size(self, image: np.ndarray) -> tuple[int, int]:
        """A dynamic model gets the smallest multiple of its stride that holds the image at the wanted side, one of
        fixed size no more of that than the image fills."""
        if self._fixed:
            whole = self._fixed[0], self._fixed[1]
            return fitting_size(image.shape, whole) if self._grids else whole
        height, width = image.shape[:2]
        scale = (self._side or 320) / max(height, width)
        return tuple(max(STRIDE, round(length * scale / STRIDE + 0.3) * STRIDE) for length in (height, width))

    def _request(self, height: int, width: int) -> Any:
        requests = self._local.__dict__.setdefault("requests", {})
        if (height, width) not in requests:
            with self._lock:
                if (height, width) not in self._compiled:
                    self._compiled[height, width] = self._compile(height, width)
            requests[height, width] = self._compiled[height, width].create_infer_request()
        return requests[height, width]

    def _compile(self, height: int, width: int) -> Any:
        """BGR bytes in, floats out: the conversion is part of the graph, where it costs least."""
        model = self._core.read_model(self._model_path)
        if self._dynamic:
            model.reshape([1, 3, height, width])
        elif (height, width) != self._fixed:
            trim(model, (height, width), self._grids)
        steps = self._openvino.preprocess.PrePostProcessor(model)
        colour, kind = self._openvino.preprocess.ColorFormat, self._openvino.Type
        tensor = steps.input().tensor()
        tensor.set_element_type(kind.u8).set_layout(self._openvino.Layout("NHWC")).set_color_format(colour.BGR)
        steps.input().model().set_layout(self._openvino.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(kind.f32).convert_color(colour.RGB).scale(255.0)
        options = {"INFERENCE_NUM_THREADS": self._threads, "NUM_STREAMS": "1", "PERFORMANCE_HINT": "LATENCY"}
        # each process would pin its one thread to the same first core, and workers beside each other share it
        options["ENABLE_CPU_PINNING"] = "NO"
        # processors that count in bfloat16 do so by themselves: boxes get coarse, and a clip is told otherwise there
        options["INFERENCE_PRECISION_HINT"] = "f32"
        return self._core.compile_model(steps.build(), "CPU", options)


def nothing_mapped(name: str, classes: Mapping[int, str]) -> str:
    return f"None of the classes of {name} is mapped: map some of {sorted(classes.values())[:8]}."


def runtime() -> ModuleType:
    """OpenVINO, made ready for threads.

    It builds the table of its element types when first asked for one, and two threads that ask at once wait for each
    other for ever (seen with 2026.4): the first inferences of two cameras did. So it is asked once, by one.
    """
    with _FIRST_USE:
        import openvino

        openvino.Type.u8.to_dtype()
    found: ModuleType = openvino
    return found


def model_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = sorted(path.glob("*.xml"))
    if len(found) != 1:
        raise WeightsUnusable(f"{path.name} should hold one .xml file and holds {len(found)}. Export the model again.")
    return found[0]


def names_of(model_path: Path, model: Any) -> dict[int, str]:
    """Class names from metadata.yaml beside the file, or from what ultralytics writes into an ONNX file."""
    beside = model_path.with_name("metadata.yaml")
    if model_path.suffix != ".onnx" and beside.is_file():
        names = (yaml.safe_load(beside.read_text()) or {}).get("names")
    else:
        names = _names_embedded(model)
    if not names:
        raise WeightsUnusable(
            f"{model_path.name} does not say what its classes are: put metadata.yaml with `names` beside it."
        )
    pairs = names.items() if isinstance(names, dict) else enumerate(names)
    return {int(number): str(name) for number, name in pairs}


def _names_embedded(model: Any) -> Any:
    for key in (["framework", "names"], ["model_info", "labels"]):
        if model.has_rt_info(key):
            return ast.literal_eval(str(model.get_rt_info(key).value))
    return None


def letterbox(image: np.ndarray, height: int, width: int) -> tuple[np.ndarray, float, int, int]:
    """The image scaled into height x width on grey, with the scale and the left and top margins."""
    scale = min(height / image.shape[0], width / image.shape[1])
    inner_w, inner_h = round(image.shape[1] * scale), round(image.shape[0] * scale)
    # AREA, seven times as dear, below a half only: there LINEAR leaves lines out, and thin goods break up
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    inner = image if scale == 1 else cv2.resize(image, (inner_w, inner_h), interpolation=how)
    left, top = (width - inner_w) // 2, (height - inner_h) // 2
    if (inner_h, inner_w) == (height, width):
        return np.ascontiguousarray(inner), scale, 0, 0
    padded = np.full((height, width, 3), PAD, np.uint8)
    padded[top : top + inner_h, left : left + inner_w] = inner
    return padded, scale, left, top


def boxes_read(
    output: np.ndarray, confidence: float, kinds: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners [n, 4] in input pixels, scores [n] and class numbers [n], of the wanted classes only.

    `output` is [4 + classes, anchors] with centre boxes, or [n, 6] rows of a model that ends with its own NMS.
    """
    if output.shape[1] == 6 and output.shape[0] > 6:
        kept = output[(output[:, 4] >= confidence) & np.isin(output[:, 5], kinds)]
        return kept[:, :4].astype(np.float32), kept[:, 4], kept[:, 5].astype(int)
    scores = output[4:]
    best = scores.max(axis=0)
    likely = np.flatnonzero(best >= confidence)
    classes = scores[:, likely].argmax(axis=0)
    wanted = np.isin(classes, kinds)
    likely, classes = likely[wanted], classes[wanted]
    cx, cy, w, h = output[:4, likely]
    corners = np.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], axis=1)
    keep = nms(corners + classes[:, None] * 10_000, best[likely], NMS_IOU)
    return corners[keep], best[likely][keep], classes[keep]


def nms(corners: np.ndarray, scores: np.ndarray, iou: float) -> np.ndarray:
    """Indices kept, best first. `corners` [n, 4], `scores` [n]."""
    if not len(corners):  # which OpenCV refuses
        return np.zeros(0, np.int64)
    boxes = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    return np.asarray(cv2.dnn.NMSBoxes(boxes, scores, 0.0, iou), np.int64)  # type: ignore[arg-type]  # arrays will do
