"""A shelf drawn by code: goods that stand, hands that carry them, shoppers who stand in front, light that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from tests.unit.vision.lane import rectangle
from vision.domain.belief import Belief
from vision.domain.types import Box, Detection, Frame, Label, VisualEventDraft, ZoneShape
from vision.pipeline.detector import Detector, MotionDetector
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

START = 1_790_000_000.0
WIDTH, HEIGHT = 320, 180
FPS = 10.0
LEFT, RIGHT = rectangle("shelf", 0.08, 0.3, 0.42, 0.85), rectangle("shelf", 0.56, 0.3, 0.9, 0.85)
EVERYWHERE = rectangle("customer", 0.0, 0.0, 1.0, 1.0)
WHAT = ("good", "hand", "shopper")
RED, BLUE, GREEN = (40, 50, 190), (170, 90, 40), (60, 150, 60)
SKIN, COAT = (130, 160, 215), (60, 40, 45)
Way = tuple[tuple[float, float, float], ...]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Drawn:
    """Goes through `way`, (second, x, y) each, in straight lines; there from the first to the last instant.

    (x, y) is the middle of the foot of goods or a patch of sun, the tip of a hand, which comes from above, and the
    middle of a shopper.
    """

    way: Way
    colour: Colour
    size: tuple[float, float] = (0.08, 0.3)
    what: str = "good"

    def place(self, t: float) -> tuple[float, float] | None:
        if not self.way[0][0] <= t <= self.way[-1][0]:
            return None
        for (t0, x0, y0), (t1, x1, y1) in zip(self.way, self.way[1:], strict=False):
            if t0 <= t <= t1:
                share = (t - t0) / (t1 - t0) if t1 > t0 else 1.0
                return x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        return None

    def box(self, t: float) -> Box | None:
        place = self.place(t)
        if place is None:
            return None
        (x, y), (w, h) = place, self.size
        top = {"good": y - h, "hand": -0.1, "shopper": y - h / 2, "sun": y - h}[self.what]
        return Box(x - w / 2, top, x + w / 2, y if self.what != "shopper" else y + h / 2)

    def draw(self, image: np.ndarray, t: float) -> None:
        box = self.box(t)
        if box is None:
            return
        if self.what == "sun":
            image[_span(box)] *= 1.35
            return
        image[_span(box)] = self.colour
        if self.what == "good":  # a label and a lid
            image[_span(Box(box.x1, box.y1 + 0.4 * box.height, box.x2, box.y1 + 0.6 * box.height))] = (225, 225, 225)
            image[_span(Box(box.x1, box.y1, box.x2, box.y1 + 0.1 * box.height))] = (30, 30, 30)


def good(x: float, colour: Colour = RED, way: Way = ()) -> Drawn:
    return Drawn(way or ((0.0, x, 0.75), (99.0, x, 0.75)), colour)


def hand(*way: tuple[float, float, float]) -> Drawn:
    return Drawn(way, SKIN, (0.05, 0.0), "hand")


def shopper(*way: tuple[float, float, float]) -> Drawn:
    return Drawn(way, COAT, (0.22, 1.3), "shopper")


def taken(x: float, at: float, colour: Colour = RED) -> list[Drawn]:
    """A hand comes half a second before `at`, takes the good upwards then, and is out of sight half a second later."""
    lifted = good(x, colour, ((0.0, x, 0.75), (at, x, 0.75), (at + 0.5, x, -0.05)))
    return [lifted, hand((at - 0.5, x, -0.1), (at - 0.2, x, 0.5), (at, x, 0.5), (at + 0.5, x, -0.3))]


def put(x: float, at: float, colour: Colour = RED) -> list[Drawn]:
    """The same backwards: it stands from `at` on."""
    lowered = good(x, colour, ((at - 0.5, x, -0.05), (at, x, 0.75), (99.0, x, 0.75)))
    return [lowered, hand((at - 0.5, x, -0.3), (at, x, 0.5), (at + 0.3, x, 0.5), (at + 0.6, x, -0.1))]


@dataclass(frozen=True)
class Scene:
    things: Sequence[Drawn]
    seconds: float = 9.0
    light: Callable[[float], float] = lambda t: 1.0
    noise: float = 2.0
    fps: float = FPS
    shade: Drawn | None = field(default=None)
    """A soft shadow."""

    def picture(self, t: float) -> np.ndarray:
        image = _board().copy()
        for thing in self.things:
            thing.draw(image, t)
        lit = image * self.light(t)
        if self.shade is not None and self.shade.box(t) is not None:
            lit *= _shadow(self.shade.place(t) or (0.0, 0.0))
        field_ = _noise()[int(t * 1000) % len(_noise())]
        return (lit + self.noise * field_).clip(0, 255).astype(np.uint8)

    def frames(self) -> list[Frame]:
        times = [n / self.fps for n in range(int(self.seconds * self.fps))]
        return [Frame(START + t, self.picture(t)) for t in times]


@cache
def _board() -> np.ndarray:
    """A wall, a board that goods stand on, and what is printed on its edge."""
    image = np.full((HEIGHT, WIDTH, 3), (150, 165, 170), np.float32)
    image[: int(0.25 * HEIGHT)] = (120, 120, 125)
    image[int(0.72 * HEIGHT) :] = (95, 130, 165)
    image[int(0.88 * HEIGHT) :, ::16] = (40, 40, 40)
    return cv2.GaussianBlur(image, (3, 3), 0)


@cache
def _noise() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(7)
    return tuple(rng.normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32) for _ in range(7))


def _shadow(place: tuple[float, float]) -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    away = ((x / WIDTH - place[0]) / 0.16) ** 2 + ((y / HEIGHT - place[1]) / 0.25) ** 2
    return (1 - 0.35 * np.exp(-away))[..., None].astype(np.float32)


def _span(box: Box) -> tuple[slice, slice]:
    x1, y1 = max(0, round(box.x1 * WIDTH)), max(0, round(box.y1 * HEIGHT))
    return slice(y1, max(0, round(box.y2 * HEIGHT))), slice(x1, max(0, round(box.x2 * WIDTH)))


class Knowing:
    """A detector that finds goods, but none that is mostly covered, and hands. It must be shown whole pictures."""

    generic_item = True
    belief: Belief | None = None
    classes: Mapping[int, str] = {}
    labels: Mapping[int, Label] = {}

    def __init__(self, scene: Scene, film: Sequence[Frame]) -> None:
        self._scene, self._times = scene, {id(frame.image): frame.at - START for frame in film}

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        return [self._at(self._times[id(image.base)]) for image in images]

    def _at(self, t: float) -> list[Detection]:
        boxes = {what: [box for one in self._scene.things if one.what == what and (box := one.box(t))] for what in WHAT}
        covers = boxes["hand"] + boxes["shopper"]
        goods = [box for box in boxes["good"] if box.y2 > 0.1 and all(box.covered_by(one) < 0.6 for one in covers)]
        items = [Detection(box, Label.ITEM, 0.8, "bottle") for box in goods]
        return items + [Detection(box, Label.HAND, 0.7, "hand") for box in boxes["hand"] if box.y2 > 0]


def events_of(
    scene: Scene, zones: Sequence[ZoneShape] = (LEFT, RIGHT), *, knowing: bool = False, cuts: Sequence[int] = ()
) -> list[VisualEventDraft]:
    """Each part of the film, cut before the pictures of these numbers, from the bytes that the one before left."""
    film = scene.frames()
    detector: Detector = Knowing(scene, film) if knowing else MotionDetector()
    data, events = None, list[VisualEventDraft]()
    for a, b in zip([0, *cuts], [*cuts, len(film)], strict=True):
        state = LaneVision.from_bytes(data) if data else None
        state, found, _ = analyse(film[a:b], detector, (*zones, EVERYWHERE), PipelineConfig(), state)
        data = state.to_bytes()
        events += found
    return events
