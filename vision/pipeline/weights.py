"""Files of weights: what belongs together, what it is, and whether it can look."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vision.domain.types import Label
from vision.pipeline.detector import detector_open
from vision.pipeline.openvino_detector import WeightsUnusable, model_file

TOLD = "figures.json"
"""Written beside weights by vision/training: how they were made, and how well they do on pictures held out."""
BESIDE = ("metadata.yaml", TOLD, "belief.json", "README.md")


@dataclass(frozen=True)
class Weights:
    """One detector on disk. `classes`: the model's own words; `dropped`: those that mean nothing to us as mapped."""

    path: Path
    digest: str
    classes: Mapping[int, str]
    dropped: tuple[str, ...]
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def training_data(self) -> str:
        """SHA-256 of what it was trained on; empty where that was not told."""
        return str(self.told.get("training_data", ""))[:64]


def weights_read(path: Path, mapping: Mapping[str, str] | None = None) -> Weights:
    """Open `path` (an OpenVINO folder or .xml, an .onnx, a .pt) and say what it is.

    Raises WeightsUnusable: no such file, not a detector, or none of its classes means anything to us.
    """
    _labels_checked(mapping or {})
    files = files_of(path)
    detector = detector_open(str(path), mapping=mapping or None)
    classes = detector.classes
    missing = sorted({name.casefold() for name in mapping or {}} - {name.casefold() for name in classes.values()})
    if missing:
        words = ", ".join(list(classes.values())[:12])
        raise WeightsUnusable(f"It has no class {', '.join(missing)}. What it knows begins with {words}.")
    dropped = tuple(name for number, name in sorted(classes.items()) if number not in detector.labels)
    return Weights(path, digest_of(files), classes, dropped, told_beside(files[0]))


def _labels_checked(mapping: Mapping[str, str]) -> None:
    wrong = sorted({label for label in mapping.values() if label not in set(Label)})
    if wrong:
        words = ", ".join(Label)
        raise WeightsUnusable(f"There is no label {', '.join(wrong)}: map classes to {words}, or leave them out.")


def files_of(path: Path) -> list[Path]:
    """The weights themselves first, then what else of them there is."""
    first = model_file(path)
    if not first.is_file():
        raise WeightsUnusable(f"No weights at {path}.")
    twin = [first.with_suffix(".bin")] if first.suffix == ".xml" else []
    return [first, *(one for one in [*twin, *(first.with_name(name) for name in BESIDE)] if one.is_file())]


def digest_of(files: list[Path]) -> str:
    """Of the network and of the words it uses, not of what is said about it."""
    whole = hashlib.sha256()
    for file in files:
        if file.suffix in {".xml", ".bin", ".onnx", ".pt"} or file.name == "metadata.yaml":
            whole.update(file.read_bytes())
    return whole.hexdigest()


def told_beside(model: Path) -> dict[str, Any]:
    beside = model.with_name(TOLD)
    try:
        told = json.loads(beside.read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def weights_copy(path: Path, folder: Path) -> Path:
    """A copy of all that belongs to `path` in `folder`, whole or not at all; returns what `detector_open` takes."""
    files = files_of(path)
    arriving = folder.with_name(f".{folder.name}.arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(parents=True)
    for file in files:
        shutil.copyfile(file, arriving / file.name)
    shutil.rmtree(folder, ignore_errors=True)
    arriving.rename(folder)
    return folder if files[0].suffix == ".xml" else folder / files[0].name
