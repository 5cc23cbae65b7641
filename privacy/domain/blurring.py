"""Making people unrecognisable before anything is written.

Three rules, in this order (GDPR Art. 25; EDPB 3/2019 para 103 and 129; P07, P08):

1. Only the work surface stays clear: belt, scanner, bagging, counter, drawer and
   shelf. Everything else becomes a mosaic, whoever stands there.
2. Heads that reach into the work surface become a mosaic as well.
3. A frame that could not be judged becomes a mosaic as a whole: the blurrer
   fails closed.

The mosaic averages blocks and forgets the rest, so it cannot be undone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
BoxN = tuple[float, float, float, float]
PolygonN = Sequence[tuple[float, float]]

CLEAR_ZONES = frozenset({"belt", "scanner", "bagging", "counter", "drawer", "shelf"})
# A face 5 blocks wide cannot be recognised; heads at a till fill 8 to 15 % of the width.
BLOCKS_ACROSS = 40
# The map of a lane must still be drawable, so a snapshot keeps more of the furniture.
SNAPSHOT_BLOCKS_ACROSS = 128
HEAD_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class Head:
    """A head and shoulders, ``(x1, y1, x2, y2)`` in 0..1 of the image."""

    box: BoxN

    def grown(self, margin: float = HEAD_MARGIN) -> BoxN:
        """The box with ``margin`` of its own size added on each side, cut to the image."""
        x1, y1, x2, y2 = self.box
        dx, dy = (x2 - x1) * margin, (y2 - y1) * margin
        return max(0.0, x1 - dx), max(0.0, y1 - dy), min(1.0, x2 + dx), min(1.0, y2 + dy)


def clear_mask(size: tuple[int, int], zones: Iterable[tuple[str, PolygonN]]) -> Mask:
    """255 where the picture may stay clear, for an image of ``size`` (height, width).

    ``zones`` are (kind, polygon in 0..1). An ``ignore`` zone, and every zone where
    people stand, wins over a work zone it overlaps.
    """
    height, width = size
    mask = np.zeros((height, width), np.uint8)
    ordered = sorted(zones, key=lambda zone: zone[0] not in CLEAR_ZONES)
    for kind, polygon in ordered:
        corners = np.round(np.asarray(polygon, float) * (width, height)).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255 if kind in CLEAR_ZONES else 0)
    return mask


def mosaic(image: Image, blocks_across: int = BLOCKS_ACROSS) -> Image:
    """The image (HxWx3) as ``blocks_across`` averaged squares a row, same shape."""
    height, width = image.shape[:2]
    across = max(1, min(blocks_across, width))
    down = max(1, round(across * height / width))
    small = cv2.resize(image, (across, down), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def frame_blur(image: Image, *, clear: Mask, heads: Sequence[Head] | None) -> Image:
    """A copy fit to be written: clear inside ``clear`` except for heads, mosaic elsewhere.

    ``heads`` is None where nobody could say whether there are any: then the
    whole frame becomes a mosaic.
    """
    blocks = mosaic(image)
    if heads is None:
        return blocks
    return np.where((_without_heads(clear, heads) > 0)[:, :, None], image, blocks)


def snapshot_blur(image: Image, *, heads: Sequence[Head] | None) -> Image:
    """A still for drawing zones on: coarse everywhere, a full mosaic over heads."""
    if heads is None:
        return mosaic(image)
    clear = np.full(image.shape[:2], 255, np.uint8)
    coarse = mosaic(image, SNAPSHOT_BLOCKS_ACROSS)
    return np.where((_without_heads(clear, heads) > 0)[:, :, None], coarse, mosaic(image))


def heads_over_time(heads: Sequence[Sequence[Head] | None], reach: int = 2) -> list[list[Head] | None]:
    """Each frame's heads with those of ``reach`` frames before and after it.

    A detector that blinks for one frame must not show one frame of a face. A
    frame that nobody judged stays None.
    """
    spread: list[list[Head] | None] = []
    for index, own in enumerate(heads):
        near = heads[max(0, index - reach) : index + reach + 1]
        spread.append(None if own is None else [head for some in near if some for head in some])
    return spread


def _without_heads(clear: Mask, heads: Sequence[Head]) -> Mask:
    height, width = clear.shape
    mask = clear.copy()
    for head in heads:
        x1, y1, x2, y2 = head.grown()
        mask[int(y1 * height) : int(np.ceil(y2 * height)), int(x1 * width) : int(np.ceil(x2 * width))] = 0
    return mask
