"""From what a detector says of one frame to what is believed: one box per thing, and no bag that is also an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vision.domain.types import Detection, Label

SAME_IOU = 0.55
PART = 0.75
"""A box that lies in a surer one by so much shows a part of the same thing."""

MUCH_FAINTER = 0.6


def sightings(found: Sequence[Detection], others_confidence: float) -> list[Detection]:
    """Surest first. Hands, people and bags need `others_confidence`; faint items pass, the tracker weighs them."""
    bags = [one for one in found if one.label is Label.BAG]
    kept: list[Detection] = []
    for one in sorted(found, key=lambda detection: -detection.confidence):
        if one.label is not Label.ITEM:
            if one.confidence >= others_confidence:
                kept.append(one)
        elif not any(other.label is Label.ITEM and _is_same(one, other) for other in kept):
            rival = max((bag.confidence for bag in bags if bag.box.iou(one.box) > SAME_IOU), default=0.0)
            kept.append(replace(one, rival=rival))
    return kept


def _is_same(faint: Detection, sure: Detection) -> bool:
    iou = faint.box.iou(sure.box)
    if iou > SAME_IOU or faint.box.covered_by(sure.box) > PART:
        return True
    # a much fainter box that overlaps, or lies around it, adds a shadow or the hand
    return faint.confidence < MUCH_FAINTER * sure.confidence and (iou > 0.35 or sure.box.covered_by(faint.box) > 0.9)
