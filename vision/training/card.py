"""The model card beside the weights: what it is for, how it was made, what it reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

HEIGHT, WIDTH = 224, 384

CARD = """# Lane detector

Finds `item`, `hand` (with forearm), `person` (head and shoulders, arms excluded) and `bag` (a shopper's own
bag, purse or carrier) in the picture of an overhead checkout camera. OpenVINO INT8, input {height}x{width}.

Trained from random weights on rendered lanes (`vision/training/train.py`); photographs of groceries and of
products held in a hand served as surfaces of drawn items, nothing else of the real world went in. It has
**not** been measured on footage of real checkouts, and rendered pictures are easier than a store: treat the
figures as a check of the machinery, not as an accuracy in stores.

| | |
|---|---|
| command | `python -m vision.training.train` with {stages} |
| pictures | {images} to train the last stage, {held_out} held out (other seeds), {photos} photographs as surfaces |
| training | {train_s} s on shared CPU cores, the last stage |
| size | {size_kb} kB |
| time | {ms_per_image} ms a picture, one thread, INT8 |

On the held-out pictures, INT8 as shipped, through the product's own detector (mAP50 {map50}; recall and
precision at confidence {confidence}):

| label | AP50 | recall | precision |
|---|---|---|---|
{rows}

`belief.json` says what sightings by these very weights have been worth, with its reliability on lanes left out:
`python -m vision.training.calibrate` (vision/domain/belief.py). Other weights in this folder need their own.

Photographs: GroceryStoreDataset (marcusklasson, MIT) and hand-held products (CC-BY-4.0).
Licence: AGPL-3.0-or-later, as the project and as ultralytics, with which it was trained.
"""


def write_card(folder: Path, figures: dict[str, Any]) -> None:
    tables = [figures[f"per_label_{name}"] for name in ("map50", "recall", "precision")]
    rows = "\n".join(
        f"| {label} | " + " | ".join(f"{table[label]:.3f}" for table in tables) + " |" for label in tables[0]
    )
    plain = {key: value for key, value in figures.items() if not isinstance(value, dict)}
    (folder / "README.md").write_text(CARD.format(height=HEIGHT, width=WIDTH, rows=rows, **plain))
