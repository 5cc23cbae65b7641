"""Export trained weights to OpenVINO INT8 and measure what was exported."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import yaml
from ultralytics import YOLO

from vision.pipeline.openvino_detector import OpenVinoDetector
from vision.pipeline.score import CONFIDENCE, score
from vision.training.card import HEIGHT, WIDTH

KEPT = ("author", "version", "license", "stride", "task", "head", "batch", "imgsz", "names", "channels", "end2end")
"""Of ultralytics' metadata: what a loader reads. The rest names folders of the machine that trained."""

CALIBRATION_SHARE = 1.0
ROUNDS = 200


def export_int8(weights: Path, data: Path, folder: Path) -> Path:
    """OpenVINO INT8 folder (model.xml, model.bin, metadata.yaml) calibrated on the held-out pictures."""
    made = YOLO(str(weights)).export(
        format="openvino",
        int8=True,
        imgsz=[HEIGHT, WIDTH],
        data=str(data),
        device="cpu",
        batch=1,
        fraction=CALIBRATION_SHARE,
    )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = Path(made)
    for kind in (".xml", ".bin"):
        shutil.copyfile(next(source.glob(f"*{kind}")), folder / f"lane{kind}")
    told = yaml.safe_load((source / "metadata.yaml").read_text())
    kept = {key: told[key] for key in KEPT if key in told}
    (folder / "metadata.yaml").write_text(yaml.safe_dump({"description": "Lane detector, see README.md", **kept}))
    return folder


def milliseconds(folder: Path) -> float:
    """One picture on one thread, best of many, in ms."""
    core = openvino.Core()
    options = {"INFERENCE_NUM_THREADS": "1", "NUM_STREAMS": "1", "PERFORMANCE_HINT": "LATENCY"}
    model = core.compile_model(next(folder.glob("*.xml")), "CPU", options)
    request = model.create_infer_request()
    picture = np.random.default_rng(0).random((1, 3, HEIGHT, WIDTH), dtype=np.float32)
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        request.infer({0: picture})
        times.append(time.perf_counter() - begun)
    return round(min(times) * 1000, 2)


def measure(folder: Path, dataset: Path) -> dict[str, Any]:
    """Figures of the exported model on the held-out pictures, run the way the product runs it."""
    return {
        **score(OpenVinoDetector(folder, confidence=CONFIDENCE), dataset),
        "ms_per_image": milliseconds(folder),
        "size_kb": round(sum(path.stat().st_size for path in folder.iterdir()) / 1024),
    }
