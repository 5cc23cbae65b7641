"""The overhead picture of one lane at any instant, and what is in it.

`Scene(seed, layout, acts)` is a pure function of its arguments: `render(t_s)` gives the same picture for
the same seed and instant on every call, in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from shrink.simulator.acts import Act, ActKind, Visit
from shrink.simulator.canvas import OTHER, BoxPx, Canvas, SpriteCache, Turned
from shrink.simulator.choreography import (
    BAG_AT,
    REACH_S,
    Crossing,
    HandPart,
    ItemPart,
    choreograph,
    crossings,
    stance,
)
from shrink.simulator.figures import (
    FORE_N,
    UPPER_N,
    Arm,
    Person,
    bag_sprite,
    elbow_of,
    paint_hand,
    paint_sleeve,
    person,
    phone_sprite,
    receipt_sprite,
)
from shrink.simulator.layout import BAGGING, BELT, SCANNER, Layout, Point
from shrink.simulator.light import Light, Weather
from shrink.simulator.sprites import item_sprite
from shrink.simulator.textures import Image, belt, colour, counter, scanner

NOBODY = Visit(0.0, 0.0, 0)
HELD = {"receipt": receipt_sprite, "phone": phone_sprite}
LEAN = 0.45
STEP_S, BEHIND_N = 0.6, 0.26
"""Seconds to step behind a trolley and back; how far behind it the shopper walks."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A labelled thing in the picture. `box_n` is its whole outline cut at the picture's edge
    (x0, y0, x1, y1 normalised); `visible` the share of it that nothing hides."""

    label: str
    box_n: tuple[float, float, float, float]
    visible: float
    act: int = -1
    item: int = -1


@dataclass(slots=True)
class _Mark:
    label: str
    box: BoxPx
    area: int
    act: int = -1
    item: int = -1


class Scene:
    def __init__(
        self,
        seed: int,
        layout: Layout,
        acts: Sequence[Act],
        visits: Sequence[Visit] = (),
        *,
        weather: Weather | None = None,
        photos: Sequence[Image] = (),
        carrier: bool = True,
    ) -> None:
        self.seed, self.layout = seed, layout
        self.cast(acts, visits)
        self._photos = photos
        self._height, self._width = layout.height_px, layout.width_px
        self._light = Light(seed, self._height, self._width, weather or Weather())
        self._carrier = carrier
        self._cache = SpriteCache()
        rng = np.random.default_rng([layout.colour_seed & 0xFFFFFFFF, 5])
        self._ground = _ground(rng, self._height, self._width)
        self._belt = belt(rng, *self._size_of(BELT))
        self._item = lru_cache(512)(lambda look: item_sprite(look, self._height, self._photos))
        self._person = lru_cache(64)(lambda key, size: person(seed * 7919 + key, self._height, size=size))
        self._bag = lru_cache(32)(lambda key, kind: bag_sprite(key, self._height, kind))
        self._held = lru_cache(32)(lambda what, key: HELD[what](key, self._height))

    def cast(self, acts: Sequence[Act], visits: Sequence[Visit] = (), picked_before: int = 0) -> None:
        """Replace who does what; place, light and looks stay. `picked_before`: picks left out, see `Belt`."""
        self.acts, self.visits = tuple(acts), tuple(visits)
        self.parts = choreograph(self.acts, staffed=self.layout.staffed, picked_before=picked_before)

    # -- what is asked of a scene ------------------------------------------------------------------

    def render(self, t_s: float) -> Image:
        """BGR picture (height, width, 3) uint8 at `t_s` seconds."""
        return self._finish(self._paint(t_s, marked=False)[0], t_s)

    def objects(self, t_s: float) -> list[SceneObject]:
        """Everything labelled in the picture at `t_s`."""
        return self._list(*self._paint(t_s, marked=True))

    def render_with_objects(self, t_s: float) -> tuple[Image, list[SceneObject]]:
        canvas, marks = self._paint(t_s, marked=True)
        found = self._list(canvas, marks)
        return self._finish(canvas, t_s), found

    def crossings(self) -> list[Crossing]:
        return crossings(self.acts, self.parts)

    # -- composing -----------------------------------------------------------------------------------

    def _size_of(self, box: tuple[float, float, float, float]) -> tuple[int, int]:
        return round((box[3] - box[1]) * self._height), round((box[2] - box[0]) * self._width)

    def _finish(self, canvas: Canvas, t_s: float) -> Image:
        picture = self._light.apply(canvas.picture, t_s)
        flips = (self.layout.mirror_x, self.layout.mirror_y)
        if any(flips):
            picture = cv2.flip(picture, -1 if all(flips) else (1 if flips[0] else 0))
        return picture

    def _paint(self, t_s: float, *, marked: bool) -> tuple[Canvas, dict[int, _Mark]]:
        canvas = Canvas(self._ground.copy(), self._cache, marked=marked)
        marks: dict[int, _Mark] = {}
        self._paint_belt(canvas, t_s)
        if self._carrier:
            self._paint_bag(canvas, marks, "carrier", self.seed, *canvas.px(*BAG_AT), 0.0)
        present = [part for part in self.parts.items if part.alive(t_s)]
        present.sort(key=lambda part: (part.gripped(t_s), part.level))
        hands = [hand for hand in self.parts.hands if hand.start_s <= t_s <= hand.end_s]
        for part in present:
            if not part.gripped(t_s):
                self._paint_item(canvas, marks, part, t_s)
        arms = self._arms(canvas, hands, t_s)
        for arm, who, hand in arms:
            if hand is not None and hand.under:
                self._paint_arm(canvas, marks, arm, who, hand)
        for part in present:
            if part.gripped(t_s):
                self._paint_item(canvas, marks, part, t_s)
        for arm, who, hand in arms:
            if hand is None or not hand.under:
                self._paint_arm(canvas, marks, arm, who, hand)
        self._paint_people(canvas, marks, t_s)
        return canvas, marks

    def _paint_belt(self, canvas: Canvas, t_s: float) -> None:
        if not self.layout.staffed:
            return
        height, width = self._belt.shape[:2]
        shift = int(self.parts.belt.travel(t_s) * self._width) % width
        y, x = round(BELT[1] * self._height), round(BELT[0] * self._width)
        surface = canvas.picture[y : y + height, x : x + width]
        surface[:, shift:] = self._belt[:, : width - shift]
        surface[:, :shift] = self._belt[:, width - shift :]

    def _register(self, canvas: Canvas, marks: dict[int, _Mark], number: int, mark: _Mark) -> None:
        if canvas.marks is not None:
            marks[number] = mark

    def _paint_turned(
        self,
        canvas: Canvas,
        marks: dict[int, _Mark],
        label: str,
        turned: Turned,
        x: float,
        y: float,
        *,
        high: float = 1.0,
        act: int = -1,
        item: int = -1,
    ) -> None:
        dx, dy = self._light.shadow_px
        canvas.shadow(turned, x + dx * high, y + dy * high, self._light.shadow_dark)
        number = len(marks) + 1 if label else OTHER
        box = canvas.sprite(turned, x, y, number)
        if label:
            self._register(canvas, marks, number, _Mark(label, box, turned.area, act, item))

    def _paint_item(self, canvas: Canvas, marks: dict[int, _Mark], part: ItemPart, t_s: float) -> None:
        x, y = canvas.px(*part.at(t_s))
        lifted = part.gripped(t_s)
        turned = self._cache.turned(part.look, self._item(part.look), part.angle_at(t_s), 1.08 if lifted else 1.0)
        self._paint_turned(
            canvas, marks, "item", turned, x, y, high=2.2 if lifted else 0.7, act=part.act, item=part.item
        )
        if self.acts[part.act].kind is ActKind.TROLLEY:
            self._paint_trolley(canvas, x, y)

    def _paint_trolley(self, canvas: Canvas, x: float, y: float) -> None:
        """The wire basket above a bottle that rides below it."""
        long, wide, wire = 0.19 * self._height, 0.085 * self._height, (150.0, 152.0, 155.0)
        x -= 0.1 * self._height
        for k in range(9):
            at = x - long + 2 * long * k / 8
            canvas.limb((at, y - wide), (at, y + wide), 2.0, wire, OTHER)
        for k in range(4):
            at = y - wide + 2 * wide * k / 3
            canvas.limb((x - long, at), (x + long, at), 2.0, wire, OTHER)
        canvas.limb((x - long, y - wide), (x - long, y + wide), 7.0, (60.0, 60.0, 190.0), OTHER)

    def _paint_bag(
        self,
        canvas: Canvas,
        marks: dict[int, _Mark],
        kind: str,
        seed: int,
        x: float,
        y: float,
        angle: float,
        act: int = -1,
    ) -> None:
        turned = self._cache.turned((kind, seed), self._bag(seed, kind), angle, 1.0)
        self._paint_turned(canvas, marks, "bag", turned, x, y, act=act)

    # -- people --------------------------------------------------------------------------------------

    def _visit(self, t_s: float) -> Visit | None:
        return next((v for v in self.visits if v.start_s <= t_s < v.end_s), None)

    def _cashier_at(self, t_s: float) -> Point:
        return 0.5 + 0.02 * float(np.sin(t_s * 0.7 + self.seed % 5)), 0.095

    def _lean(self, who: str, place: Point, t_s: float) -> Point:
        """People step and lean towards what their hands reach for."""
        pull = weight = 0.0
        for hand in self.parts.hands:
            if hand.who == who and hand.start_s <= t_s <= hand.end_s:
                share = min(1.0, (t_s - hand.start_s) / REACH_S, (hand.end_s - t_s) / REACH_S)
                pull += share * (hand.at(t_s, place)[0] - place[0])
                weight += share
        return place[0] + LEAN * pull / max(1.0, weight), place[1]

    def _behind_trolley(self, place: Point, t_s: float) -> Point:
        """Who pushes a trolley walks behind it, and comes back to pay."""
        for part in self.parts.items:
            if self.acts[part.act].kind is ActKind.TROLLEY and part.alive(t_s):
                leg = part.legs[0]
                share = min(1.0, (t_s - leg.start_s) / STEP_S, (leg.end_s - t_s) / STEP_S)
                behind = part.at(t_s)[0] - BEHIND_N
                return place[0] + max(0.0, share) * (behind - place[0]), place[1]
        return place

    def _body(self, who: str, t_s: float) -> tuple[Person, Point, float]:
        """Person, place and which way is forward (+1 looks up the picture)."""
        if who == "cashier":
            return self._person(-1, 1.0), self._lean(who, self._cashier_at(t_s), t_s), -1.0
        visit = self._visit(t_s)
        place = stance(visit, t_s, staffed=self.layout.staffed) if visit else (0.55, 1.12)
        if who == "customer":
            place = self._behind_trolley(self._lean(who, place, t_s), t_s)
        visit = visit or NOBODY
        if who == "child":
            return self._person(visit.seed + 500_000, 0.68), (place[0] - 0.13, 1.0), 1.0
        return self._person(visit.seed, 1.0), place, 1.0

    def _arms(self, canvas: Canvas, hands: list[HandPart], t_s: float) -> list[tuple[Arm, Person, HandPart | None]]:
        """Every arm in the picture: those at work, and the idle one of whoever is present."""
        arms: list[tuple[Arm, Person, HandPart | None]] = []
        present = ["cashier"] if self.layout.staffed else []
        present += ["customer"] if self._visit(t_s) else []
        for who in ("cashier", "customer", "child"):
            working = [hand for hand in hands if hand.who == who]
            idle = 2 - len(working) if who in present else 0
            jobs: list[HandPart | None] = [*working, *([None] * max(0, idle))]
            jobs.sort(key=lambda job: -1.0 if job is None else job.at(job.busy[0], (0.5, 0.5))[0])
            for k, job in enumerate(jobs):
                arms.append(self._pose(canvas, who, job, t_s, -1.0 if k == 0 and len(jobs) > 1 else 1.0))
        return arms

    def _pose(
        self, canvas: Canvas, who: str, job: HandPart | None, t_s: float, side: float
    ) -> tuple[Arm, Person, HandPart | None]:
        body, (x, y), forward = self._body(who, t_s)
        size = self._height * body.size
        cx, cy = canvas.px(x, y)
        shoulder = (cx + side * 0.15 * size, cy)
        sway = 0.01 * np.sin(t_s * 1.3 + side * 2)
        home = (x + side * 0.085 * body.size, y - forward * (0.16 + sway) * body.size)
        target = canvas.px(*(job.at(t_s, home) if job else home))
        upper, fore = UPPER_N * size, FORE_N * size
        elbow = elbow_of(shoulder, target, upper, fore, side * forward)
        arm = Arm(shoulder, elbow, target, 0.5 if job is None else 0.5 + 0.5 * (job.seed % 100) / 100)
        if job is not None:
            arm = self._at_the_rim(arm, job, t_s)
        return arm, body, job

    def _at_the_rim(self, arm: Arm, job: HandPart, t_s: float) -> Arm:
        """Move the palm from the item's centre to where it is gripped, nearer to the arm."""
        size = self._item_size(job)
        back = size * job.grip + (0.036 * self._height if size else 0.0)
        x = arm.hand[0] - back * np.cos(arm.heading)
        y = arm.hand[1] - back * np.sin(arm.heading)
        busy_from, busy_to = job.busy
        carrying = size > 0 and busy_from <= t_s <= busy_to
        return Arm(arm.shoulder, arm.elbow, (float(x), float(y)), 0.25 if carrying else arm.open_hand)

    def _item_size(self, job: HandPart) -> float:
        if job.holds:
            return 0.07 * self._height
        looks = self.acts[job.act].looks
        return looks[0].width_n * self._height if looks else 0.0

    def _paint_arm(self, canvas: Canvas, marks: dict[int, _Mark], arm: Arm, who: Person, job: HandPart | None) -> None:
        paint_sleeve(canvas, arm, who, OTHER)
        if job is not None and job.holds:
            self._paint_held(canvas, marks, arm, job)
        number = len(marks) + 1
        box = paint_hand(canvas, arm, who, number)
        self._register(
            canvas,
            marks,
            number,
            _Mark("hand", box, canvas.visible_px(number, box), -1 if job is None else job.act),
        )

    def _paint_held(self, canvas: Canvas, marks: dict[int, _Mark], arm: Arm, job: HandPart) -> None:
        ahead = 0.07 * self._height
        x = arm.hand[0] + ahead * np.cos(arm.heading)
        y = arm.hand[1] + ahead * np.sin(arm.heading)
        angle = float(-np.degrees(arm.heading))
        if job.holds in ("receipt", "phone"):
            sprite = self._held(job.holds, job.seed)
            turned = self._cache.turned((job.holds, job.seed), sprite, angle, 1.0)
            self._paint_turned(canvas, marks, "", turned, x, y, high=1.5)
        else:
            self._paint_bag(canvas, marks, job.holds, job.seed, x, y, angle, job.act)

    def _paint_people(self, canvas: Canvas, marks: dict[int, _Mark], t_s: float) -> None:
        present = ["cashier"] if self.layout.staffed else []
        visit = self._visit(t_s)
        if visit is not None:
            present += ["customer", "child"] if visit.with_child else ["customer"]
        for who in present:
            body, place, forward = self._body(who, t_s)
            turn = 14 * np.sin(t_s * 0.5 + body.seed % 9) + (0 if forward > 0 else 180)
            turned = self._cache.turned(("person", body.seed, body.size), body.sprite, float(turn), 1.0)
            self._paint_turned(canvas, marks, "person", turned, *canvas.px(*place), high=1.5)

    # -- truth ---------------------------------------------------------------------------------------

    def _list(self, canvas: Canvas, marks: dict[int, _Mark]) -> list[SceneObject]:
        return [found for number, mark in marks.items() if (found := self._object(canvas, number, mark))]

    def _object(self, canvas: Canvas, number: int, mark: _Mark) -> SceneObject | None:
        x0, y0 = max(mark.box[0], 0), max(mark.box[1], 0)
        x1, y1 = min(mark.box[2], self._width), min(mark.box[3], self._height)
        if x1 <= x0 or y1 <= y0 or mark.area == 0:
            return None
        a = self.layout.point(x0 / self._width, y0 / self._height)
        b = self.layout.point(x1 / self._width, y1 / self._height)
        box = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        visible = min(1.0, canvas.visible_px(number, mark.box) / mark.area)
        return SceneObject(mark.label, box, visible, mark.act, mark.item)


def _ground(rng: np.random.Generator, height: int, width: int) -> Image:
    """Counter with belt frame, scanner plate and bagging shelf: everything that never moves."""
    picture = counter(rng, height, width)
    for box, painted in ((BELT, None), (BAGGING, "shelf"), (SCANNER, "scanner")):
        x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (width, height) * 2, strict=True))
        if painted == "scanner":
            picture[y0:y1, x0:x1] = scanner(rng, y1 - y0, x1 - x0)
        elif painted == "shelf":
            tone = np.array(colour(rng, dark=60, bright=200), float) * 0.3 + float(rng.uniform(60, 150))
            picture[y0:y1, x0:x1] = np.clip(tone + rng.normal(0, 3, (y1 - y0, x1 - x0, 1)), 0, 255)
        cv2.rectangle(picture, (x0 - 2, y0 - 2), (x1 + 1, y1 + 1), (70, 70, 72), 2)
    return picture
