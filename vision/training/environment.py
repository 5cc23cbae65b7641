"""Prepare the process for ultralytics: quiet, offline, and with a torchvision that matches nothing.

Import this module before ultralytics. The registry's torchvision is built for CUDA; beside a CPU build of
torch its import fails with "operator torchvision::nms does not exist". Declaring the operator first, with a
kernel in plain torch, cures it; with a matching build nothing happens.
"""

from __future__ import annotations

import os
import sys
import tempfile

os.environ.setdefault("YOLO_AUTOINSTALL", "false")
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp(prefix="yolo-config-"))
os.environ.setdefault("YOLO_VERBOSE", "true")

import torch


def _suppressed(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Greedy non-maximum suppression: indices to keep, best first."""
    order = scores.argsort(descending=True)
    areas = (boxes[:, 2] - boxes[:, 0]).clamp(0) * (boxes[:, 3] - boxes[:, 1]).clamp(0)
    keep: list[torch.Tensor] = []
    while order.numel():
        best, rest = order[0], order[1:]
        keep.append(best)
        low = torch.maximum(boxes[best, :2], boxes[rest, :2])
        high = torch.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = (high - low).clamp(0).prod(dim=1)
        order = rest[overlap / (areas[best] + areas[rest] - overlap + 1e-9) <= iou_threshold]
    return torch.stack(keep) if keep else order


def _missing_operators_declared() -> None:
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", _suppressed, "CPU")
    _KEPT.append(library)


def prepare() -> None:
    """Declare the missing operators; nothing is done where torchvision brings its own."""
    try:
        import torchvision
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        _missing_operators_declared()
        import torchvision.extension

        torchvision.extension._has_ops = lambda: True


_KEPT: list[torch.library.Library] = []
"""An operator lives as long as the library that declared it."""

prepare()
