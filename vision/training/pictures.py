"""Write rendered pictures as a YOLO data set, for several runs to learn from or be measured on:

python -m vision.training.pictures --seed 30 --images 7000 --held-out 500 --photos FOLDER --out RUN/pictures
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

NAMES = ("item", "hand", "person", "bag")
HELD_OUT = 1_000_003
"""Added to the seed for the pictures that measure: no scene of the training set occurs among them."""

PHOTO_PX = 160
SIZE = (384, 216)
"""Width and height: 640x360 as the detector sees it, in its own input."""


def photos_from(folder: Path | None) -> list[np.ndarray]:
    """The middle of every photograph below `folder`, square: real surfaces for drawn outlines."""
    if folder is None or not folder.is_dir():
        return []
    paths = sorted(folder.rglob("*.jpg"))
    random.Random(0).shuffle(paths)
    return [crop for path in paths if (crop := _middle(cv2.imread(str(path)))) is not None]


def _middle(picture: np.ndarray | None) -> np.ndarray | None:
    if picture is None:
        return None
    height, width = picture.shape[:2]
    side = int(min(height, width) * 0.5)
    y, x = (height - side) // 2, (width - side) // 2
    return cv2.resize(picture[y : y + side, x : x + side], (PHOTO_PX, PHOTO_PX), interpolation=cv2.INTER_AREA)


def write_dataset(
    out: Path, *, scenes: str, seed: int, images: int, held_out: int, photos: Sequence[np.ndarray]
) -> Path:
    """Render both splits below `out` and return the data file ultralytics reads."""
    samples = importlib.import_module(scenes).samples
    for split, split_seed, count in (("train", seed, images), ("val", seed + HELD_OUT, held_out)):
        _write_split(out, split, samples(split_seed, count, photos, SIZE))
    data = out / "data.yaml"
    content = {"path": str(out.resolve()), "train": "images/train", "val": "images/val"}
    data.write_text(yaml.safe_dump({**content, "names": dict(enumerate(NAMES))}))
    return data


def dataset_digest(folder: Path) -> str:
    """SHA-256 of every picture and label that is learnt from, by name: the same digest, the same training data."""
    whole = hashlib.sha256()
    for part in ("images", "labels"):
        for path in sorted((folder / part / "train").iterdir()):
            if path.suffix in {".png", ".txt"}:
                whole.update(path.name.encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()


def _write_split(out: Path, split: str, samples: Any) -> None:
    pictures, labels = out / "images" / split, out / "labels" / split
    pictures.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    for number, (picture, boxes) in enumerate(samples):
        cv2.imwrite(str(pictures / f"{number:05d}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        lines = [
            f"{NAMES.index(label)} {(x0 + x1) / 2:.5f} {(y0 + y1) / 2:.5f} {x1 - x0:.5f} {y1 - y0:.5f}"
            for label, x0, y0, x1, y1 in boxes
        ]
        (labels / f"{number:05d}.txt").write_text("\n".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--images", type=int, required=True)
    parser.add_argument("--held-out", type=int, default=400)
    parser.add_argument("--photos", type=Path, default=None)
    parser.add_argument("--scenes", default="shrink.simulator.dataset")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(
        write_dataset(
            options.out,
            scenes=options.scenes,
            seed=options.seed,
            images=options.images,
            held_out=options.held_out,
            photos=photos_from(options.photos),
        )
    )


if __name__ == "__main__":
    main()
