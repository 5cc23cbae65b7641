"""A lane's endless script on its scene: only the shoppers around the instant asked for are kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from shrink.simulator.choreography import picked_from_belt
from shrink.simulator.layout import Layout
from shrink.simulator.light import Weather
from shrink.simulator.scene import Scene
from shrink.simulator.script import Ticket
from shrink.simulator.textures import Image

AHEAD_S = 20.0
"""So much before a shopper arrives their goods may already lie on the belt."""

BEHIND_S = 10.0
"""So long after a shopper's end their last item may still be in the picture."""


class Performance:
    """Renders `tickets` in order of time; `t_s` must not run backwards by more than `BEHIND_S`."""

    def __init__(self, seed: int, layout: Layout, tickets: Iterable[Ticket], *, weather: Weather | None = None) -> None:
        self._coming: Iterator[Ticket] = iter(tickets)
        self._next: Ticket | None = next(self._coming, None)
        self._on: deque[Ticket] = deque()
        self._picked_before = 0
        self.scene = Scene(seed, layout, (), weather=weather)

    def render(self, t_s: float) -> Image:
        self._cast(t_s)
        return self.scene.render(t_s)

    def _cast(self, t_s: float) -> None:
        changed = False
        while self._on and self._on[0].end_s + BEHIND_S < t_s:
            gone = self._on.popleft()
            self._picked_before += sum(picked_from_belt(act) for act in gone.acts)
            changed = True
        while self._next is not None and self._next.start_s - AHEAD_S <= t_s:
            self._on.append(self._next)
            self._next = next(self._coming, None)
            changed = True
        if changed:
            acts = [act for ticket in self._on for act in ticket.acts]
            self.scene.cast(acts, [ticket.visit for ticket in self._on], self._picked_before)
