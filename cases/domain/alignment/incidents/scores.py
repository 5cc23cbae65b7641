"""From parts to a score, and to a verdict that says them. A part is what it adds to the log-odds of the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

from cases.domain.alignment.explain import clock_part
from cases.domain.alignment.incidents.scene import Scene
from cases.domain.alignment.types import Kind, PosLine, Quality, Verdict

CLOCK_UNKNOWN = "how far the clocks are apart is not known well enough"
HELD_AT = 0.45
"""The most that is scored where a witness is missing or the parts do not agree: listed, never alerted."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An innocent explanation. `weight`: its share of what the score leaves, before it is brought to a sum of one."""

    name: str
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What one kind of incident has found. `lacking`: what would have had to be heard or seen before it may alert.

    From `since_s` before the anchor to `until_s` after it silence was listened to: a gap of either witness in it takes
    the ground away.
    """

    kind: Kind
    anchor: PosLine
    lines: Sequence[PosLine]
    sentence: str
    parts: Mapping[str, float]
    causes: Sequence[Cause]
    lacking: Sequence[str] = ()
    amount_cents: int | None = None
    since_s: float = 0.0
    until_s: float = 0.0
    more: Mapping[str, object] = field(default_factory=dict)


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds))


def verdict_of(scene: Scene, found: Finding) -> Verdict | None:
    """The verdict on `found`, or None where it may not be said yet or is not worth a line."""
    lacking = [*found.lacking, *([CLOCK_UNKNOWN] if scene.clock.quality is Quality.BAD else [])]
    alertable = not lacking
    parts = {name: part for name, part in found.parts.items() if part}
    score = probability(sum(parts.values()))
    if not alertable and score > HELD_AT:
        parts["held_back"] = log(HELD_AT / (1 - HELD_AT)) - sum(parts.values())
        score = HELD_AT
    if score < scene.params.list_at or not scene.may_say([found.anchor, *found.lines]):
        return None
    at = scene.common(found.anchor)
    return Verdict(
        kind=found.kind,
        anchor=f"{found.kind.value}:{found.anchor.key}",
        at=at,
        score=round(score, 4),
        pos_keys=tuple(dict.fromkeys(line.key for line in found.lines)),
        transaction=found.anchor.transaction,
        amount_cents=found.amount_cents,
        alertable=alertable,
        explanation={
            "sentence": found.sentence,
            "considered": _considered(found.causes, 1 - score),
            **({"lacking": lacking} if lacking else {}),
            "parts": {name: round(part, 3) for name, part in parts.items()},
            "listened": [round(at - found.since_s, 3), round(at + found.until_s, 3)],
            **found.more,
            "clock": clock_part(scene.clock),
            "rule_version": scene.params.version,
        },
    )


def _considered(causes: Sequence[Cause], left: float) -> list[dict[str, object]]:
    """What the score leaves, shared among the innocent explanations, most probable first."""
    total = sum(cause.weight for cause in causes)
    ranked = sorted((cause for cause in causes if cause.weight > 0), key=lambda cause: (-cause.weight, cause.name))
    return [
        {"cause": cause.name, "words": cause.words, "probability": round(left * cause.weight / total, 4)}
        for cause in ranked
    ]


def cents_of(lines: Sequence[PosLine]) -> int | None:
    """What `lines` are worth together, or None where the till told no amount."""
    known = [abs(line.amount_cents) for line in lines if line.amount_cents is not None]
    return sum(known) if known else None
