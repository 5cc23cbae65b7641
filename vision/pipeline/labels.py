"""What a model calls things, and what we call them."""

from __future__ import annotations

from collections.abc import Mapping

from vision.domain.types import Label

OWN = {label.value: label for label in Label}

_COCO_GOODS = (
    "bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,"
    "book,vase,teddy bear,sports ball,scissors,toothbrush,hair drier,potted plant,frisbee,remote,mouse,umbrella,clock"
)
_COCO_BAGS = "handbag,backpack,suitcase"

COCO = {
    "person": Label.PERSON,
    **dict.fromkeys(_COCO_BAGS.split(","), Label.BAG),
    **dict.fromkeys(_COCO_GOODS.split(","), Label.ITEM),
}

DEFAULT: Mapping[str, Label] = {**COCO, **OWN}


def labels_map(names: Mapping[int, str], mapping: Mapping[str, Label | str] | None = None) -> dict[int, Label]:
    """Class number -> our label. A name that the mapping does not know is left out, so its detections are dropped."""
    chosen = {name.casefold(): Label(label) for name, label in (DEFAULT if mapping is None else mapping).items()}
    return {number: chosen[name.casefold()] for number, name in names.items() if name.casefold() in chosen}
