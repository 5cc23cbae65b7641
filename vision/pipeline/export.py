"""From weights that ultralytics can load to a file that runs without torch."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from vision.pipeline.detector import ultralytics_open
from vision.pipeline.openvino_detector import WeightsUnusable


def export(weights: str, out: Path, kind: str, size: tuple[int, int], int8: Path | None) -> Path:
    """Write `out` (a folder for `openvino`, a file for `onnx`) and return it. `size`: height and width of its input.

    `weights`: a .pt, or a name that ultralytics fetches where there is internet, such as yolo11n.pt. `int8`: the
    data.yaml of a data set to quantise with. Raises WeightsUnusable.
    """
    if find_spec("ultralytics") is None or find_spec("torch") is None:
        raise WeightsUnusable(
            "Exporting needs torch and ultralytics (see docs/operations.md); running what is exported does not."
        )
    if out.exists():
        raise WeightsUnusable(f"{out} is there already. Choose another place, or remove it.")
    needs = "onnx" if kind == "onnx" else "nncf" if int8 else ""
    if needs and find_spec(needs) is None:
        raise WeightsUnusable(f"This export needs {needs}: install it beside torch, `pip install {needs}`.")
    if int8 is not None and not int8.is_file():
        raise WeightsUnusable(f"There is no data set at {int8}: name its data.yaml.")
    model = ultralytics_open(Path(weights), fetch=not Path(weights).exists())
    options = {"int8": True, "data": str(int8)} if int8 else {}
    try:
        made = Path(model.export(format=kind, imgsz=list(size), device="cpu", batch=1, dynamic=False, **options))
    except Exception as error:
        raise WeightsUnusable(f"ultralytics cannot export {weights}: {error}") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, out)
    return out
