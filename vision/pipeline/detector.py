"""Detectors behind one small protocol. Ultralytics is mentioned here alone, and imported only when it is asked for."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vision.domain.belief import Belief
from vision.domain.types import Box, Detection, Label
from vision.pipeline.labels import labels_map
from vision.pipeline.openvino_detector import OpenVinoDetector, WeightsUnusable, nothing_mapped

__all__ = ["Detector", "MotionDetector", "UltralyticsDetector", "WeightsUnusable", "detector_open"]


class Detector(Protocol):
    """`generic_item`: the model has a class for goods of any kind.

    Where it has not, the run adds what moves and is explained by nothing else (vision/pipeline/motion.py), because a
    model that knows an apple and not a cauliflower would let the cauliflower through unseen.

    `belief`: how far its sightings of a crossing are to be believed, where that has been measured. `classes`: what the
    model calls things, by its numbers; `labels`: what we call them, without those that mean nothing to us.
    """

    generic_item: bool
    belief: Belief | None
    classes: Mapping[int, str]
    labels: Mapping[int, Label]

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        """`images`: BGR uint8 [height, width, 3]. Boxes come back in 0..1 of each image."""
        ...


class MotionDetector:
    """Needs no weights: it names nothing itself, so all it has is what moves. That memory lives in LaneVision."""

    generic_item = False
    belief: Belief | None = None
    classes: Mapping[int, str] = {}
    labels: Mapping[int, Label] = {}

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        return [[] for _ in images]


class UltralyticsDetector:
    """Any weights that ultralytics can load, at the price of importing torch."""

    def __init__(
        self, weights: Path, *, mapping: Mapping[str, Label | str] | None = None, confidence: float = 0.1, side: int = 0
    ) -> None:
        self._model = ultralytics_open(weights)
        names = {int(number): str(name) for number, name in self._model.names.items()}
        self.classes: Mapping[int, str] = names
        self.labels: Mapping[int, Label] = labels_map(names, mapping)
        if not self.labels:
            raise WeightsUnusable(nothing_mapped(weights.name, names))
        self._options: dict[str, Any] = {"conf": confidence, "iou": 0.6, "verbose": False, "device": "cpu"}
        if side:
            self._options["imgsz"] = side
        self.generic_item = Label.ITEM.value in names.values()
        self.belief: Belief | None = None

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        # one by one: an exported model has its batch size burnt in
        return [self._read(self._model.predict(image, **self._options)[0].boxes) for image in images]

    def _read(self, boxes: Any) -> list[Detection]:
        rows = zip(boxes.xyxyn.tolist(), boxes.conf.tolist(), boxes.cls.tolist(), strict=True)
        return [
            Detection(Box(*corners), self.labels[int(kind)], confidence, self.classes[int(kind)])
            for corners, confidence, kind in rows
            if int(kind) in self.labels
        ]


def detector_open(
    spec: str,
    *,
    mapping: Mapping[str, Label | str] | None = None,
    confidence: float = 0.1,
    threads: int = 1,
    side: int = 0,
) -> Detector:
    """`motion`; an OpenVINO folder, .xml or .onnx (run without torch); anything else is left to ultralytics.

    `side` asks for a smaller input where the model allows it. Raises WeightsUnusable with what to do.
    """
    if spec == "motion":
        return MotionDetector()
    path = Path(spec)
    if not path.exists():
        raise WeightsUnusable(f"No weights at {spec}. Give `motion`, an OpenVINO folder, an .onnx or a .pt file.")
    if path.is_dir() or path.suffix in {".xml", ".onnx"}:
        return OpenVinoDetector(path, mapping=mapping, confidence=confidence, threads=threads, side=side)
    return UltralyticsDetector(path, mapping=mapping, confidence=confidence, side=side)


def ultralytics_open(weights: Path, *, fetch: bool = False) -> Any:
    """Load with no write to the home directory and one thread. `fetch`: a name such as yolo11n.pt that is no file here
    may be fetched from where ultralytics keeps it; otherwise nothing is."""
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    if not fetch:
        os.environ.setdefault("YOLO_OFFLINE", "true")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(Path(tempfile.gettempdir()) / "ultralytics"))
    Path(os.environ["YOLO_CONFIG_DIR"]).mkdir(parents=True, exist_ok=True)
    import torch

    torch.set_num_threads(1)
    _nms_declare(torch)
    from ultralytics import YOLO

    try:
        return YOLO(str(weights), task="detect")
    except Exception as error:
        raise WeightsUnusable(
            f"ultralytics cannot load {weights.name}: {error}. Re-export or pick another file."
        ) from error


def _nms_declare(torch: Any) -> None:
    """A CUDA torchvision beside a CPU torch lacks its operators and fails on import; give it what it asks for."""
    if _LIBRARIES:
        return
    try:
        import torchvision
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]  # half imported
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.impl("nms", _nms_plain, "CPU")
        _LIBRARIES.append(library)
        import torchvision.extension

        torchvision.extension._has_ops = lambda: True


_LIBRARIES: list[Any] = []  # an operator lives as long as the library that declared it


def _nms_plain(dets: Any, scores: Any, iou_threshold: float) -> Any:
    import torch

    from vision.pipeline.openvino_detector import nms

    keep = nms(dets.detach().cpu().numpy(), scores.detach().cpu().numpy(), iou_threshold)
    return torch.as_tensor(keep, dtype=torch.int64, device=dets.device)
