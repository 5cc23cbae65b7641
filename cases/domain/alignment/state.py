"""What the judge carries from one stretch of a lane to the next: small, serialisable, and all that it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.domain.alignment.tally import Tally
from cases.domain.alignment.track import Track
from cases.domain.alignment.types import Match

VERSION = 1
MOST_SPENT = 600
"""More than a till books in an hour: that is how far its clock may be set back."""
RECENT_S = 2160.0
"""Matches are remembered for so long: a void asks what became of goods up to a quarter of an hour before it, and is
itself asked about for a quarter of an hour and until the stretch ends."""


@dataclass(frozen=True, slots=True)
class LaneState:
    """All that was said before camera time `until` is judged; what is said of `free_from` and later changes nothing of
    it. `track`: None while the clock is not known. `cuts`: the till cuts its instants to seconds."""

    until: float = float("-inf")
    free_from: float = float("-inf")
    track: Track | None = None
    tally: Tally = field(default_factory=Tally)
    cuts: bool = False
    recent: tuple[tuple[Match, float], ...] = ()
    spent: tuple[str, ...] = ()
    """Lines that belong to passes, the latest last: they say nothing of the clock of others."""

    def dump(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "until": self.until,
            "free_from": self.free_from,
            "track": self.track.dump() if self.track else None,
            "tally": self.tally.dump(),
            "cuts": self.cuts,
            "recent": [[m.sighting, m.line, m.gtin, m.probability, m.delta_s, at] for m, at in self.recent],
            "spent": list(self.spent),
        }

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> LaneState | None:
        """None where another version wrote it: then the lane is judged anew from what is stored."""
        if plain.get("version") != VERSION:
            return None
        return cls(
            until=float(plain["until"]),
            free_from=float(plain["free_from"]),
            track=Track.load(plain["track"]) if plain["track"] else None,
            tally=Tally.load(plain["tally"]),
            cuts=bool(plain["cuts"]),
            recent=tuple((Match(*entry[:5]), float(entry[5])) for entry in plain["recent"]),
            spent=tuple(plain["spent"]),
        )
