"""Export and measure weights that `train` left behind, for example those of a run that goes on:

python -m vision.training.export_only RUN/fit/weights/last.pt --pictures RUN/pictures --out vision/weights/lane
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from vision.training import environment  # noqa: F401  (before ultralytics)
from vision.training.card import write_card
from vision.training.export import export_int8, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--told", type=json.loads, default={}, help="JSON of what the card says about the run")
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = export_int8(options.weights, options.pictures / "data.yaml", options.out)
    told = {
        "seed": 0,
        "images": 0,
        "held_out": 0,
        "epochs": 0,
        "photos": 0,
        "train_s": 0,
        "stages": "unknown",
    }
    figures = {**measure(folder, options.pictures), **told, **options.told}
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    write_card(folder, figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
