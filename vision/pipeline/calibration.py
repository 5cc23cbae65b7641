"""The calibration that lies beside weights: belief.json, as vision/training/calibrate.py writes it."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from vision.domain.belief import Belief

NAME = "belief.json"
log = logging.getLogger(__name__)


def weights_digest(model: Path) -> str:
    """Names the weights of an exported model: of the .bin beside an .xml, else of the file itself."""
    data = model.with_suffix(".bin") if model.suffix == ".xml" else model
    return hashlib.sha256(data.read_bytes()).hexdigest()[:16]


def belief_beside(model: Path) -> Belief | None:
    """The calibration of these very weights, or None: one fitted with others would be worse than none."""
    path = model.with_name(NAME)
    if not path.exists():
        return None
    told = json.loads(path.read_text())
    if told["digest"] != weights_digest(model):
        log.warning("%s was fitted with other weights and is not used. Run vision.training.calibrate again.", path)
        return None
    return Belief(float(told["bias"]), {name: float(value) for name, value in told["weights"].items()})
