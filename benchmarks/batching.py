"""What looking at several pictures at once would save: CPU time a picture of the lane model, by pictures a call.

    python -m benchmarks.batching [--weights vision/weights/lane] [--rounds 5]

One thread, pictures of noise (the model's time does not depend on what it sees), rounds interleaved, the least counts.
Pictures of several cameras would first have to wait for each other; this says what for.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from vision.pipeline.openvino_detector import model_file, runtime

SIZES = 1, 2, 4, 8
PICTURES = 120


def requests(weights: Path) -> dict[int, Any]:
    """By pictures a call: an infer request and its input."""
    openvino = runtime()
    core, made = openvino.Core(), {}
    for size in SIZES:
        model = core.read_model(model_file(weights))
        shape = [size, *(int(length) for length in model.input(0).shape[1:])]
        model.reshape(shape)
        compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": "1"})
        request = compiled.create_infer_request()
        request.set_input_tensor(openvino.Tensor(np.random.default_rng(1).random(shape, np.float32)))
        made[size] = request
    return made


def spent_ms(request: Any, size: int) -> float:
    """CPU milliseconds a picture."""
    began = time.process_time()
    for _ in range(PICTURES // size):
        request.infer()
    return 1000 * (time.process_time() - began) / PICTURES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path("vision/weights/lane"))
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    made = requests(asked.weights)
    for request in made.values():
        request.infer()  # what is made at the first use
    spent = [{size: spent_ms(request, size) for size, request in made.items()} for _ in range(asked.rounds)]
    least = {size: min(each[size] for each in spent) for size in SIZES}
    for size, ms in least.items():
        print(f"{size} a call: {ms:.2f} ms a picture, {ms / least[1]:.2f} of one a call")


if __name__ == "__main__":
    main()
