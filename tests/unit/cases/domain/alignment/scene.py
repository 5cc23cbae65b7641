"""Short words for the tables of the judge's tests: passes on the camera's clock, lines on the till's."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from cases.domain.alignment.judge import judge
from cases.domain.alignment.types import PosLine, Sighting, Verdicts

WAY = ("belt", "scanner", "bagging")


def seen(name: str, at: float, type: str = "item_pass", **more: object) -> Sighting:
    given = {"confidence": 0.93, "track": name, "path": WAY, "camera": "top", "label": "item"} | more
    return Sighting(key=name, at=1000.0 + at, type=type, **given)  # type: ignore[arg-type]


def told(name: str, at: float, type: str = "scan", **more: object) -> PosLine:
    given = {"transaction": "t1", "entry_method": "scanned" if type == "scan" else "", "amount_cents": 199} | more
    return PosLine(key=name, at=1000.0 + at, type=type, **given)  # type: ignore[arg-type]


def alerts(verdicts: Verdicts) -> list[tuple[str, str]]:
    """(kind, event) of what would become a case."""
    return sorted(
        (v.kind.value, v.sighting or v.pos_keys[0]) for v in verdicts.verdicts if v.alertable and v.score >= 0.5
    )


@dataclass
class Day:
    """A seeded stretch of ordinary trade with some unpaid items."""

    passes: list[Sighting] = field(default_factory=list)
    lines: list[PosLine] = field(default_factory=list)
    unpaid: set[str] = field(default_factory=set)


def trade(
    seed: int,
    tickets: int,
    *,
    offset_s: float = 0.0,
    unpaid: float = 0.03,
    missed: float = 0.0,
    whole_seconds: bool = False,
    jitter_s: float = 0.3,
    pace_s: float = 2.8,
    skew_ppm: float = 0.0,
) -> Day:
    rng, day, at = random.Random(seed), Day(), 0.0
    for ticket in range(tickets):
        at += 35.0
        for _ in range(rng.randint(2, 14)):
            at += rng.gammavariate(4, pace_s / 4)
            item = f"p{len(day.passes) + len(day.lines)}"
            if rng.random() >= missed:
                day.passes.append(seen(item, at))
            if rng.random() < unpaid:
                day.unpaid.add(item)
                continue
            rung = at + offset_s + at * skew_ppm * 1e-6 + rng.gauss(0.25, jitter_s)
            rung = float(math.floor(rung)) if whole_seconds else rung
            day.lines.append(told(f"l{item}", rung, transaction=f"t{ticket}", gtin=f"{rng.randint(1, 40):08d}"))
    day.unpaid &= {s.key for s in day.passes}
    return day


def judged(day: Day) -> Verdicts:
    return judge(day.passes, day.lines)
