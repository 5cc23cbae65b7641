"""Both witnesses side by side, in order, with the questions that every kind of incident asks of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Clock, Match, PosLine, Ready, Sighting

BACK_S, AHEAD_S = 900.0, 900.0
"""No verdict listens further than this before and after its anchor, so that it does not depend on what else is given:
long enough for a ticket and for whoever pays for it."""
APPROVAL_S = 60.0
"""An approval is keyed within a minute of what it allows."""
OPENS = ("ticket_open", "ticket_resume")
CHANGES = ("void", "quantity_change", "price_override", "discount", "subtotal")
ENDS = ("tender", "tender_void", "ticket_suspend", "ticket_close", "ticket_cancel", "ticket_void")
ITEM_RANK = 1
RANKS = dict.fromkeys(OPENS, 0) | dict.fromkeys(CHANGES, 2) | {type_: 3 + n for n, type_ in enumerate(ENDS)}


@dataclass(frozen=True, slots=True)
class Crossed:
    """A pass that belongs to a line, with the probability that it does."""

    sighting: Sighting
    probability: float


@dataclass(frozen=True, slots=True)
class Scene:
    """`told` and `seen` in order of time; `crossed`: passes by line key. Training and whole-ticket tills are left out:
    the one sells nothing, the others tell no moments."""

    seen: tuple[Sighting, ...]
    told: tuple[PosLine, ...]
    crossed: Mapping[str, tuple[Crossed, ...]]
    clock: Clock
    ready: Ready
    params: Params
    seen_at: tuple[float, ...]
    told_at: tuple[float, ...]

    @staticmethod
    def of(
        seen: Sequence[Sighting],
        told: Sequence[PosLine],
        matches: Sequence[Match],
        clock: Clock,
        ready: Ready,
        params: Params,
    ) -> Scene:
        sightings = sorted({s.key: s for s in seen}.values(), key=lambda s: (s.at, s.key))
        spoken = {line.key: line for line in told if line.granularity == "line" and not line.training}
        lines = sorted(spoken.values(), key=till_order)
        return Scene(
            tuple(sightings),
            tuple(lines),
            _crossed(matches, {s.key: s for s in sightings}),
            clock,
            ready,
            params,
            tuple(s.at for s in sightings),
            tuple(line.at for line in lines),
        )

    @property
    def doubt_s(self) -> float:
        """How far a till event may really be from where it is put in the picture."""
        return 2 * self.clock.sd_s

    def common(self, line: PosLine) -> float:
        return line.at - self.clock.offset_s

    def said(
        self, line: PosLine, before_s: float, after_s: float, types: Collection[str] | None = None
    ) -> list[PosLine]:
        """What else the same terminal said around `line`."""
        low, high = bisect_left(self.told_at, line.at - before_s), bisect_right(self.told_at, line.at + after_s)
        return [
            other
            for other in self.told[low:high]
            if other.key != line.key
            and (types is None or other.type in types)
            and terminal_of(other) == terminal_of(line)
        ]

    def shown(self, start: float, end: float, types: Collection[str]) -> list[Sighting]:
        """What was seen from `start` to `end` (common clock)."""
        low, high = bisect_left(self.seen_at, start), bisect_right(self.seen_at, end)
        return [s for s in self.seen[low:high] if s.type in types]

    def ticket(self, line: PosLine) -> list[PosLine]:
        """The events of `line`'s ticket, itself among them. A till that names no tickets has one endless one."""
        around = [other for other in self.said(line, BACK_S, AHEAD_S) if other.transaction == line.transaction]
        return sorted([*around, line], key=till_order)

    def passes(self, line: PosLine) -> tuple[Crossed, ...]:
        return self.crossed.get(line.key, ())

    def approved(self, line: PosLine) -> bool:
        """Whether somebody else allowed it, as far as the till tells."""
        overrides = self.said(line, APPROVAL_S, APPROVAL_S, {"override"})
        return bool(line.approver) or any(other.transaction in ("", line.transaction) for other in overrides)

    def attended(self, line: PosLine) -> bool:
        """Whether an attendant of the self-checkout was at it."""
        return bool(self.said(line, APPROVAL_S, APPROVAL_S / 2, {"sco_intervention"}))

    def may_say(self, lines: Sequence[PosLine]) -> bool:
        return all(self.ready.line(line.key) for line in lines)


def _crossed(matches: Sequence[Match], sightings: Mapping[str, Sighting]) -> dict[str, tuple[Crossed, ...]]:
    found: dict[str, tuple[Crossed, ...]] = {}
    for match in sorted(matches, key=lambda m: (m.line, m.sighting)):
        if match.sighting in sightings:
            one = Crossed(sightings[match.sighting], match.probability)
            found[match.line] = (*found.get(match.line, ()), one)
    return found


def till_order(line: PosLine) -> tuple[float, int, str]:
    """At one instant of a till that tells whole seconds a ticket opens, has lines, has them changed, then is paid."""
    return line.at, RANKS.get(line.type, ITEM_RANK), line.key


def terminal_of(line: PosLine) -> str:
    """Keys are `terminal/id`."""
    terminal, slash, _ = line.key.partition("/")
    return terminal if slash else ""
