"""How soon a camera's faults are told, and how often one that is well is said to have one.

    python -m benchmarks.camera_faults [--lanes 4] [--clean-minutes 60] [--first-seed 98001]

Simulated lanes that nothing was tuned on, through H.264 in segments of two seconds, looked at as seldom as by an eye at
rest. Every fault is put before the encoder at second 20 and taken away at second 35. Seconds are to the end of the
segment in which it was told, which is when a live system hears of it, its own lag apart. The clean film is of many
lanes, one after the other, each known to the watch for as long as it plays.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from math import ceil, inf
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from shrink.simulator.lanes import recording
from shrink.simulator.stream import Encoder
from vision.domain.camera_faults import FaultChange
from vision.pipeline.decode import frames
from vision.pipeline.gate import Attention
from vision.pipeline.picture import PictureState, PictureWatch

Image = np.ndarray
Spoil = Callable[[Image, int], Image]
BEGINS_S, ENDS_S, FILM_S, SEGMENT_S = 20.0, 35.0, 46.0, 2.0
FPS, SIDE = 10.0, 640


def shifted(share: float) -> Spoil:
    def spoil(picture: Image, number: int) -> Image:
        height, width = picture.shape[:2]
        by = np.array([[1, 0, share * width], [0, 1, share * width / 3]], np.float32)
        return cv2.warpAffine(picture, by, (width, height), borderMode=cv2.BORDER_REFLECT)

    return spoil


def turned(picture: Image, number: int) -> Image:
    height, width = picture.shape[:2]
    by = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 1)
    return cv2.warpAffine(picture, by, (width, height), borderMode=cv2.BORDER_REFLECT)


def glare(picture: Image, number: int) -> Image:
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    lamp = 230 * np.exp(-(((x - width / 2) / (0.3 * width)) ** 2) - ((y - height / 2) / (0.33 * height)) ** 2)
    return np.clip(picture + lamp[:, :, None], 0, 255).astype(np.uint8)


def half(picture: Image, number: int) -> Image:
    picture = picture.copy()
    picture[:, picture.shape[1] // 2 :] = 50
    return picture


def blurred(sigma: float) -> Spoil:
    return lambda picture, number: cv2.GaussianBlur(picture, (0, 0), sigma)


FAULTS: dict[str, tuple[str, Spoil | None]] = {
    "black": ("black", lambda picture, number: (picture * 0.02).astype(np.uint8)),
    "frozen": ("frozen", None),
    "blurred a little": ("blurred", blurred(2.0)),
    "blurred": ("blurred", blurred(5.0)),
    "covered": ("covered", lambda picture, number: np.full_like(picture, 60)),
    "half covered": ("covered", half),
    "glare": ("glare", glare),
    "moved by 4 %": ("moved", shifted(0.04)),
    "moved by 10 %": ("moved", shifted(0.10)),
    "turned by 12°": ("moved", turned),
}
"""What is done -> the fault that it should be told as; None: the last picture is given again and again."""


def filmed(seed: int, spoil: Spoil | None, path: Path, *, frozen: bool) -> None:
    lane = recording(seed, 2.0, fps=FPS)
    held: Image | None = None
    with Encoder.to_file(path, lane.layout.width_px, lane.layout.height_px, FPS) as encoder:
        for number, (at, picture) in enumerate(lane.frames()):
            if at >= FILM_S:
                break
            if BEGINS_S <= at < ENDS_S:
                held = picture if held is None else held
                picture = held if frozen else spoil(picture, number) if spoil else picture
            encoder.add(picture, at)


def told(path: Path) -> Iterator[tuple[float, FaultChange]]:
    """Each change, and when the segment ended that it was told in."""
    watch = PictureWatch(PictureState())
    for _ in watch.over(frames(path, 1000.0, FPS, SIDE, Attention(rests=True))):
        pass
    for change in watch.changes:
        yield SEGMENT_S * ceil((change.at - 1000.0 + 1e-6) / SEGMENT_S), change


def one_fault(name: str, seeds: range, folder: Path) -> None:
    kind, spoil = FAULTS[name]
    waits, clears, others = [], [], 0
    for seed in seeds:
        path = folder / "film.mp4"
        filmed(seed, spoil, path, frozen=kind == "frozen")
        changes = list(told(path))
        mine = [(at, change.begins) for at, change in changes if change.fault.value == kind]
        others += sum(change.begins for _, change in changes if change.fault.value != kind)
        waits.append(next((at - BEGINS_S for at, begins in mine if begins), inf))
        clears.append(next((at - ENDS_S for at, begins in mine if not begins), inf))
    found = sum(wait < inf for wait in waits)
    print(
        f"{name:18} told {found} of {len(waits)}, after {median(waits):4.1f} s (worst {max(waits):4.1f}); "
        f"over after {median(clears):4.1f} s (worst {max(clears):4.1f}); {others} other faults told",
        flush=True,
    )


def clean(minutes: float, first_seed: int, folder: Path) -> None:
    seconds, invented, spent, looked, seed = 0.0, list[str](), 0.0, 0, first_seed
    while seconds < 60 * minutes:
        path = folder / "clean.mp4"
        lane = recording(seed, 3.0, fps=FPS)
        lane.write(path)
        watch = PictureWatch(PictureState())
        looked += sum(1 for _ in watch.over(frames(path, 1000.0, FPS, SIDE, Attention(rests=True))))
        spent += watch.spent_ms
        seconds += lane.length_s
        invented += [f"{seed}: {change.fault}" for change in watch.changes if change.begins]
        seed += 1
    print(
        f"clean: {seconds / 60:.0f} minutes of {seed - first_seed} lanes, {len(invented)} faults told {invented}; "
        f"{spent / looked:.2f} ms a picture"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--clean-minutes", type=float, default=60.0)
    parser.add_argument("--first-seed", type=int, default=98_001)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        for name in FAULTS:
            one_fault(name, range(asked.first_seed, asked.first_seed + asked.lanes), Path(folder))
        clean(asked.clean_minutes, asked.first_seed + 100, Path(folder))


if __name__ == "__main__":
    main()
