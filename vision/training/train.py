"""Train the lane detector from a seed: render, fit, export, measure, describe.

    python -m vision.training.train --seed 0 --images 4000 --epochs 30 --out /tmp/lane

`--scenes` names the module that renders (`samples(seed, count, photos)`), `--photos` an optional folder of
photographs used as surfaces. What comes out, besides ultralytics' own run folder: `--out`/lane, ready to be
copied to `vision/weights/lane`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from ultralytics import YOLO, settings

from vision.training import environment  # noqa: F401  (before ultralytics)
from vision.training.card import WIDTH, write_card
from vision.training.export import export_int8, measure
from vision.training.halves import HalfTrainer
from vision.training.pictures import dataset_digest, photos_from, write_dataset

MODEL = Path(__file__).with_name("lane.yaml")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--held-out", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument(
        "--threads", type=int, default=1, help="one: two that wait for each other are slower on a busy machine"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=Path, default=None)
    parser.add_argument("--scenes", default="shrink.simulator.dataset")
    parser.add_argument("--start", type=Path, default=None, help="weights (.pt) to go on from")
    parser.add_argument(
        "--pictures", type=Path, default=None, help="pictures that an earlier run rendered, to use again"
    )
    parser.add_argument("--lr", type=float, default=0.002)
    parser.add_argument("--halves", action="store_true", help="compute in bfloat16, for processors that have it")
    return parser.parse_args()


def fit(data: Path, options: argparse.Namespace) -> Path:
    """Train and return the last weights (.pt), averaged over the last steps by ultralytics."""
    model: Any = YOLO(str(MODEL), task="detect")
    if options.start:
        model = model.load(str(options.start))
    model.train(
        trainer=HalfTrainer if options.halves else None,
        data=str(data),
        imgsz=WIDTH,
        epochs=options.epochs,
        batch=options.batch,
        nbs=options.batch,  # a step for every batch: a short training needs its steps
        seed=options.seed,
        deterministic=True,
        device="cpu",
        workers=0,
        amp=False,
        plots=False,
        cache="ram",
        rect=True,
        pretrained=str(options.start) if options.start else False,
        optimizer="AdamW",
        lr0=options.lr,
        lrf=0.02,
        cos_lr=True,
        warmup_epochs=0.5,
        warmup_bias_lr=0.0,
        weight_decay=0.0005,
        mosaic=0.0,
        close_mosaic=0,
        translate=0.05,
        scale=0.15,
        fliplr=0.5,
        flipud=0.5,
        hsv_h=0.02,
        hsv_s=0.4,
        hsv_v=0.3,
        erasing=0.0,
        val=False,
        project=str(options.out.resolve()),
        name="fit",
        exist_ok=True,
        verbose=False,
    )
    return options.out / "fit" / "weights" / "last.pt"


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    settings.update({"sync": False})
    options.out.mkdir(parents=True, exist_ok=True)
    photos = photos_from(options.photos)
    data = (
        options.pictures / "data.yaml"
        if options.pictures
        else write_dataset(
            options.out / "pictures",
            scenes=options.scenes,
            seed=options.seed,
            images=options.images,
            held_out=options.held_out,
            photos=photos,
        )
    )
    begun = time.monotonic()
    trained = fit(data, options)
    took_s = time.monotonic() - begun
    folder = export_int8(trained, data, options.out / "lane")
    figures: dict[str, Any] = measure(folder, data.parent)
    figures |= {
        "seed": options.seed,
        "images": options.images,
        "held_out": options.held_out,
        "epochs": options.epochs,
        "photos": len(photos),
        "train_s": round(took_s),
        "training_data": dataset_digest(data.parent),
        "stages": f"`--seed {options.seed} --images {options.images} --epochs {options.epochs}`",
    }
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    write_card(folder, figures)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
