"""Where heads are, for the blurrer.

Two witnesses are added up, because missing a head costs more than blurring a
box of cereal: `person` of our own lane model (head and shoulders from above),
and, where the owner supplies its weights, the YuNet face detector.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from vision.domain.types import Box, Label
from vision.pipeline.detector import Detector, detector_open

# Low on purpose: a false head hides some groceries, a missed one shows a person.
HEAD_CONFIDENCE = 0.15
FACE_CONFIDENCE = 0.5


class HeadFinder:
    """`lane_model` is the path of weights that know `person`; `face_model` a YuNet ONNX file or empty."""

    def __init__(self, lane_model: str, face_model: str = "") -> None:
        self._lane: Detector = detector_open(lane_model, confidence=HEAD_CONFIDENCE)
        self._faces = _faces_open(face_model)
        self.version = "+".join(Path(name).name for name in (lane_model, face_model) if name)

    def find(self, image: np.ndarray) -> list[Box]:
        """`image`: BGR uint8 [height, width, 3]. Boxes in 0..1 of the image."""
        heads = [d.box for d in self._lane.detect([image])[0] if d.label is Label.PERSON]
        return heads + self._faces_in(image)

    def _faces_in(self, image: np.ndarray) -> list[Box]:
        if self._faces is None:
            return []
        height, width = image.shape[:2]
        self._faces.setInputSize((width, height))
        found = self._faces.detect(image)[1]
        rows = np.zeros((0, 4)) if found is None else np.asarray(found)
        return [
            Box(float(x) / width, float(y) / height, float(x + w) / width, float(y + h) / height)
            for x, y, w, h in (row[:4] for row in rows)
        ]


def _faces_open(face_model: str) -> cv2.FaceDetectorYN | None:
    if not face_model:
        return None
    return cv2.FaceDetectorYN.create(face_model, "", (320, 320), FACE_CONFIDENCE)
