"""Labelled pictures of random lanes, for training a detector: everything that may vary, varies.

`samples(seed, count)` yields `(picture, boxes)`; a box is `(label, x0, y0, x1, y1)` normalised. The
training script takes this module by name, so that the seeing side does not depend on the simulator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from shrink.simulator.acts import WITHOUT_ITEM, Act, ActKind, Look, Visit
from shrink.simulator.layout import Layout
from shrink.simulator.light import Weather
from shrink.simulator.mounting import Mounting, beyond, sensed
from shrink.simulator.scene import Scene, SceneObject
from shrink.simulator.sprites import look_for
from shrink.simulator.textures import Image

Box = tuple[str, float, float, float, float]

VISIBLE = {"item": 0.33, "hand": 0.3, "person": 0.3, "bag": 0.35}
"""Share that must be visible for a thing to be asked of the detector."""

PER_SCENE = 6
WEIGHTS = {
    ActKind.PASS: 8.0,
    ActKind.QUICK: 3.0,
    ActKind.SLIDE: 1.5,
    ActKind.STACK: 2.0,
    ActKind.SIDE_BY_SIDE: 2.0,
    ActKind.BYPASS: 5.0,
    ActKind.TROLLEY: 0.8,
    ActKind.RETURN: 1.0,
    ActKind.PUT_BACK: 0.8,
    ActKind.PRICE_INQUIRY: 0.8,
    ActKind.EMPTY_HAND: 5.0,
    ActKind.RECEIPT: 4.0,
    ActKind.PURSE: 3.5,
    ActKind.OWN_BAG: 2.5,
    ActKind.CHILD_ARM: 1.5,
}


def samples(
    seed: int, count: int, photos: Sequence[Image] = (), size: tuple[int, int] = (320, 180)
) -> Iterator[tuple[Image, list[Box]]]:
    """`count` labelled pictures of `size` (width, height); the same seed gives the same pictures."""
    rng = np.random.default_rng([seed, 77])
    made = 0
    while made < count:
        scene, times = _scene(rng, photos)
        for t_s in times[: count - made]:
            picture, objects = scene.render_with_objects(t_s)
            yield _as_camera(rng, picture, objects, size)
            made += 1


def _scene(rng: np.random.Generator, photos: Sequence[Image]) -> tuple[Scene, list[float]]:
    flips = rng.random(2) < 0.5
    layout = Layout(
        staffed=bool(rng.random() < 0.75),
        mirror_x=bool(flips[0]),
        mirror_y=bool(flips[1]),
        colour_seed=int(rng.integers(1 << 30)),
    )
    acts, t_s = [], 9.0
    for _ in range(int(rng.integers(2, 7))):
        acts.append(_act(rng, t_s, photos))
        t_s += float(rng.uniform(0.7, 3.2))
    weather = Weather(
        noise=float(rng.uniform(0.5, 7)),
        flicker=0.02,
        drift=0.12,
        step_every_s=4.0,
        step=float(rng.uniform(0, 0.25)),
        glare=float(rng.uniform(0, 1.2)),
    )
    visits: tuple[Visit, ...] = ()
    if rng.random() < 0.85:
        start = float(rng.uniform(-4, 5))
        stay = float(rng.uniform(8, 30))
        child = bool(rng.random() < 0.25)
        visits = (Visit(start, start + stay, int(rng.integers(1 << 20)), with_child=child),)
    scene = Scene(
        int(rng.integers(1 << 30)),
        layout,
        acts,
        visits,
        weather=weather,
        photos=photos,
        carrier=bool(rng.random() < 0.7),
    )
    busy = [act.start_s + act.duration_s * float(rng.uniform(0.05, 1.0)) for act in acts]
    spare = rng.uniform(5.0, t_s + 4.0, PER_SCENE).tolist()
    times = (busy + spare)[:PER_SCENE]
    return scene, times


def _act(rng: np.random.Generator, t_s: float, photos: Sequence[Image]) -> Act:
    kinds, weights = list(WEIGHTS), np.array(list(WEIGHTS.values()))
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    number = 0 if kind in WITHOUT_ITEM else 2 if kind in (ActKind.STACK, ActKind.SIDE_BY_SIDE) else 1
    looks = tuple(_look(rng, photos) for _ in range(number))
    duration = float(rng.uniform(0.6, 2.5))
    return Act(kind, t_s, duration, looks, float(rng.uniform(0.36, 0.64)), int(rng.integers(1 << 30)))


def _look(rng: np.random.Generator, photos: Sequence[Image]) -> Look:
    look = look_for(rng, scale=float(rng.uniform(0.75, 1.35)))
    if not photos or rng.random() < 0.6:
        return look
    photo = int(rng.integers(len(photos)))
    return Look(look.shape, look.length_n, look.width_n, look.seed, photo)


def _as_camera(
    rng: np.random.Generator, picture: Image, objects: list[SceneObject], size: tuple[int, int]
) -> tuple[Image, list[Box]]:
    """Another mounting, lens, light, focus and compression."""
    height, width = picture.shape[:2]
    mounting = Mounting.drawn(rng, width, height)
    boxes = [box for thing in objects if (box := _moved_box(thing, mounting, width, height))]
    seen = mounting.seen(picture, beyond(rng, picture))
    seen = sensed(rng, cv2.resize(seen, size, interpolation=cv2.INTER_AREA if rng.random() < 0.5 else cv2.INTER_LINEAR))
    return seen, boxes


def _moved_box(thing: SceneObject, mounting: Mounting, width: int, height: int) -> Box | None:
    if thing.visible < VISIBLE[thing.label]:
        return None
    x0, y0, x1, y1 = thing.box_n
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) * (width, height)
    centre = corners.mean(axis=0)
    # A turned box would grow at its corners; the outline is mostly round, so take its mid-sides too.
    sides = (corners + np.roll(corners, -1, axis=0)) / 2
    points = mounting.points(np.vstack([(corners + centre) / 2 * 0.5 + sides * 0.5, sides]))
    low, high = points.min(axis=0) / (width, height), points.max(axis=0) / (width, height)
    cut_low, cut_high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    whole, left = np.prod(high - low), np.prod(cut_high - cut_low)
    if left / max(whole, 1e-9) < 0.35 or (cut_high - cut_low).min() < 0.012:
        return None
    return thing.label, float(cut_low[0]), float(cut_low[1]), float(cut_high[0]), float(cut_high[1])
