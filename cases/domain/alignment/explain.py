"""Why, in plain words and as parts. A case is a question about an item; nobody is accused and no operator named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import Slot
from cases.domain.alignment.types import Clock, Sighting

INNOCENT = {
    "paid": "a line of the till paid for it",
    "repeat": "the same item went over the scanner twice",
    "double": "one item was seen as two",
    "spurious": "what was seen was no item",
    "taken_back": "the item was taken back",
    "set_aside": "it was looked at and left at the till",
    "deferred": "a line out of turn paid for it: bagged first, rung up later",
    "attempt": "it was only shown to the scanner: price inquiry or refused item",
    "missed": "the item was there and the camera missed it",
}


def clock_part(clock: Clock) -> dict[str, object]:
    return {"offset_s": round(clock.offset_s, 2), "sd_s": round(clock.sd_s, 2), "quality": clock.quality.value}


def neighbours(
    residual: Sequence[float], taken: Sequence[tuple[float, str]], slots: Sequence[Slot], limit: int = 3
) -> list[dict[str, object]]:
    """The lines nearest to a pass: how far from its delay law each is, and which pass it belongs to more probably.

    `taken`: for each slot, (probability, key) of the other pass that has it most probably.
    """
    order = sorted(range(len(slots)), key=lambda j: abs(residual[j]))[:limit]
    return [
        {
            "line": slots[j].line.key,
            "type": slots[j].line.type,
            "entry": slots[j].law,
            "from_expected_s": round(float(residual[j]), 2),
            "belongs_to": taken[j][1] if taken[j][0] >= 0.5 else "",
            "belongs_probability": round(taken[j][0], 3),
        }
        for j in order
    ]


def unmatched_sentence(
    sighting: Sighting, near: Sequence[Mapping[str, object]], clock: Clock, group: int, silent: bool
) -> str:
    """What was compared with what, in one or two sentences."""
    what = {"item_bypass": "An item went around the scanner"}.get(sighting.type, "An item crossed the scanner")
    end = f"; clocks known to ±{clock.sd_s:.1f} s."
    if silent or not near:
        return f"{what} and the till says nothing around it{end}"
    if group > 1:
        return f"{group} items crossed close together and the till has a line for fewer{end}"
    first = near[0]
    seconds = float(str(first["from_expected_s"]))
    where = f"{abs(seconds):.1f} s {'later' if seconds > 0 else 'earlier'} than it should be"
    owner = " and belongs to another item" if first["belongs_to"] else ""
    return f"{what} and no line fits its delay law: the nearest ({first['type']}) is {where}{owner}{end}"


def considered(weights: Mapping[str, float]) -> list[dict[str, object]]:
    """The innocent explanations, most probable first, each with the probability that is left to it."""
    ranked = sorted(weights.items(), key=lambda entry: -entry[1])
    return [
        {"cause": cause, "words": INNOCENT[cause], "probability": round(weight, 4)}
        for cause, weight in ranked
        if cause in INNOCENT
    ]


def unmatched_explanation(
    sighting: Sighting,
    weights: Mapping[str, float],
    near: Sequence[Mapping[str, object]],
    clock: Clock,
    group: Sequence[str],
    params: Params,
    silent: bool,
) -> dict[str, object]:
    return {
        "sentence": unmatched_sentence(sighting, near, clock, max(1, len(group)), silent),
        "seen": {"type": sighting.type, "confidence": round(sighting.confidence, 3), "label": sighting.label},
        "lines": list(near),
        "clock": clock_part(clock),
        "considered": considered(weights),
        "together_with": [key for key in group if key != sighting.key],
        "rule_version": params.version,
    }
