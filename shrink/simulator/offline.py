"""A script without a wall clock: frames, POS events and truth as fast as they can be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from shrink.simulator.layout import Layout, Polygon
from shrink.simulator.light import Weather
from shrink.simulator.mounting import Mounting
from shrink.simulator.performance import Performance
from shrink.simulator.script import Ticket
from shrink.simulator.stream import Encoder
from shrink.simulator.textures import Image
from shrink.simulator.till import Till, in_order_of_sending
from shrink.simulator.truth import truth_of

AROUND = (96.0, 96.0, 96.0)
"""The floor around a lane whose camera hangs askew."""


@dataclass(frozen=True)
class Recording:
    """One lane's tickets as a camera and a till would have them, from `till.start_at` on."""

    seed: int
    lane: str
    tickets: Sequence[Ticket]
    till: Till
    layout: Layout = field(default_factory=Layout)
    weather: Weather | None = None
    fps: float = 12.0
    tail_s: float = 6.0
    mounting: Mounting | None = None
    crf: int | None = None
    """Of the encoder: higher loses more. None: as cameras usually have it."""

    @property
    def length_s(self) -> float:
        return (self.tickets[-1].end_s if self.tickets else 0.0) + self.tail_s

    def frames(self) -> Iterator[tuple[float, Image]]:
        """(seconds since the start, BGR picture), `fps` a second."""
        performance = Performance(self.seed, self.layout, self.tickets, weather=self.weather)
        for number in range(int(self.length_s * self.fps)):
            picture = performance.render(number / self.fps)
            yield number / self.fps, self.mounting.seen(picture, AROUND) if self.mounting else picture

    def zones(self) -> list[tuple[str, Polygon]]:
        """Kind and polygon of each zone as this camera sees it."""
        if self.mounting is None:
            return self.layout.zones()
        size = (self.layout.width_px, self.layout.height_px)
        return [
            (
                kind,
                tuple(
                    (float(x), float(y)) for x, y in (self.mounting.points(np.array(polygon) * size) / size).clip(0, 1)
                ),
            )
            for kind, polygon in self.layout.zones()
        ]

    def write(self, path: Path) -> None:
        """The whole recording as H.264 in the container that the file's suffix names."""
        with Encoder.to_file(path, self.layout.width_px, self.layout.height_px, self.fps, self.crf) as encoder:
            for t_s, picture in self.frames():
                encoder.add(picture, t_s)

    def pos_events(self, *, silent: tuple[float, float] | None = None) -> list[dict[str, Any]]:
        """Bodies in the order of sending; what happens in `silent` (seconds) is never sent."""
        lists = [self.till.events(ticket) for ticket in self.tickets]
        lists.append([self.till.sign_on(), *self.till.heartbeats(0.0, self.length_s)])
        return [
            event.body
            for event in in_order_of_sending(*lists)
            if silent is None or not silent[0] <= event.send_s < silent[1]
        ]

    def truth(self) -> list[dict[str, Any]]:
        start_at: datetime = self.till.start_at
        moves = [move for ticket in self.tickets for move in ticket.moves]
        return [truth_of(move, self.lane, self.till, start_at) for move in moves]
