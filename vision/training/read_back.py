"""From shipped weights (OpenVINO, INT8) back to a file that training can go on from:

    python -m vision.training.read_back vision/weights/lane --pictures RUN/pictures --out start.pt

Every convolution of the exported graph bears the name of the module it came from, its normalisation folded in. Its
weights are read with the scales of their quantisation; the normalisation that training needs again is set so that the
network answers as before: mean and spread of each channel are measured on the training pictures and undone by gain
and offset (S. Ioffe, C. Szegedy, Batch Normalization, 2015, with the fold reversed).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
import torch
from numpy.typing import NDArray

from vision.pipeline.openvino_detector import letterbox, model_file
from vision.training import environment  # noqa: F401  (before ultralytics)
from vision.training.card import HEIGHT, WIDTH
from vision.training.train import MODEL

MEASURED = 256
"""Pictures that means and spreads are measured on."""
Folded = dict[str, tuple[NDArray[np.float32], NDArray[np.float32] | None]]


def folded(weights: Path) -> Folded:
    """Module name -> kernel [out, in, h, w] and offset [out] of each convolution in the exported graph."""
    model = openvino.Core().read_model(model_file(weights))
    found: Folded = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() != "Convolution":
            continue
        name = node.get_friendly_name().split("/")[0].removeprefix("__module.").removesuffix(".conv")
        (user,) = node.output(0).get_target_inputs()
        added = user.get_node()
        offset = _value(added.input_value(1)).ravel() if added.get_type_name() == "Add" else None
        found[name] = _value(node.input_value(1)), offset
    return found


def _value(output: Any) -> NDArray[np.float32]:
    """Of a part of the graph that depends on no input: quantised weights times their scales."""
    part = openvino.Model([output], [])
    return np.asarray(openvino.Core().compile_model(part, "CPU")([])[0], np.float32)


def read_back(weights: Path, pictures: Path) -> Any:
    """The trainable network that answers as `weights` do."""
    from ultralytics import YOLO
    from ultralytics.nn.modules import Conv

    yolo = YOLO(str(MODEL), task="detect")
    network: Any = yolo.model
    network.eval()
    told = folded(weights)
    with torch.no_grad():
        for name, module in network.named_modules():
            if isinstance(module, Conv):
                _unfold(module, *told[name])
            elif isinstance(module, torch.nn.Conv2d) and name in told:
                _take(module, *told[name])
        _measure(network, Conv, pictures)
    return yolo


def _take(convolution: Any, kernel: NDArray[np.float32], offset: NDArray[np.float32] | None) -> None:
    convolution.weight.copy_(torch.from_numpy(kernel))
    if convolution.bias is not None and offset is not None:
        convolution.bias.copy_(torch.from_numpy(offset))


def _unfold(module: Any, kernel: NDArray[np.float32], offset: NDArray[np.float32] | None) -> None:
    """Until it is measured the normalisation does nothing but add the offset."""
    _take(module.conv, kernel, None)
    module.bn.running_mean.zero_()
    module.bn.running_var.fill_(1.0 - module.bn.eps)
    module.bn.weight.fill_(1.0)
    module.bn.bias.copy_(torch.from_numpy(offset if offset is not None else np.zeros(len(kernel), np.float32)))


def _measure(network: Any, kind: Any, pictures: Path) -> None:
    """Mean and spread of what goes into each normalisation, undone by its gain and offset."""
    modules = [module for module in network.modules() if isinstance(module, kind)]
    sums = {module: torch.zeros(3, module.bn.num_features, dtype=torch.float64) for module in modules}

    def note(module: Any, given: tuple[Any, ...]) -> None:
        values = given[0].double()
        per_channel = values.transpose(0, 1).flatten(1)
        count = torch.full((per_channel.shape[0],), per_channel.shape[1], dtype=torch.float64)
        sums[owners[module]] += torch.stack([per_channel.sum(1), (per_channel**2).sum(1), count])

    owners = {module.bn: module for module in modules}
    hooks = [module.bn.register_forward_pre_hook(note) for module in modules]
    for batch in _batches(pictures):
        network(batch)
    for hook in hooks:
        hook.remove()
    for module, (total, squares, count) in sums.items():
        mean, bn = total / count, module.bn
        spread = (squares / count - mean**2).clamp_min(1e-6)
        bn.running_mean.copy_(mean)
        bn.running_var.copy_(spread)
        bn.weight.copy_(torch.sqrt(spread + bn.eps))
        bn.bias.copy_(bn.bias + mean)


def _batches(pictures: Path, size: int = 16) -> Iterator[torch.Tensor]:
    paths = sorted((pictures / "images" / "train").iterdir())[:MEASURED]
    for start in range(0, len(paths), size):
        seen = [letterbox(_read(path), HEIGHT, WIDTH)[0] for path in paths[start : start + size]]
        rgb = np.stack(seen)[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 255
        yield torch.from_numpy(np.ascontiguousarray(rgb))


def _read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    yolo = read_back(options.weights, options.pictures)
    yolo.model.names = {0: "item", 1: "hand", 2: "person", 3: "bag"}
    yolo.save(str(options.out))


if __name__ == "__main__":
    main()
