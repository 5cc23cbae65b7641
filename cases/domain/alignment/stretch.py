"""Judging one stretch: align, share what is unmatched among its causes, and say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cases.domain.alignment.aligned import Aligned, align
from cases.domain.alignment.explain import clock_part, neighbours, unmatched_explanation
from cases.domain.alignment.lines import line_verdicts
from cases.domain.alignment.looks import SURE_MATCH, LookBook
from cases.domain.alignment.odds import ALIGNED
from cases.domain.alignment.params import Params
from cases.domain.alignment.rates import Rates
from cases.domain.alignment.slots import Slot
from cases.domain.alignment.swap import swap_score
from cases.domain.alignment.types import (
    Clock,
    ItemProfile,
    Kind,
    Match,
    PosLine,
    Quality,
    Ready,
    Sighting,
    Verdict,
)

GROUP_S = 0.5
"""Two in one hand: which of them the line paid for cannot be told, so they are one question."""
SURE = 0.97
PAIRS_S = 15.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """`phases`: what the till told, some minutes back. `around`: all that was seen, for what is usual and what comes
    shortly after."""

    sightings: Sequence[Sighting]
    lines: Sequence[PosLine]
    phases: Sequence[PosLine]
    around: Sequence[Sighting]
    clock: Clock
    ready: Ready
    book: LookBook
    rates: Rates
    params: Params
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What one stretch came to. `aligned`: for what it teaches."""

    verdicts: list[Verdict]
    matches: list[Match]
    aligned: Aligned


def stretch_judge(part: Stretch) -> Judged:
    passes = [] if part.coarse else _one_camera([s for s in part.sightings if s.type in ALIGNED])
    lines = [line for line in part.lines if line.granularity == "line"]
    aligned = align(passes, lines, part.phases, _unbooked_returns(part), part.clock, part.rates, part.params)
    matches = _matches(aligned)
    verdicts = _unmatched(part, aligned)
    verdicts += _swaps(part, aligned, matches)
    verdicts += _training(part, aligned)
    verdicts += line_verdicts(
        part.sightings, part.around, aligned.slots, part.lines, aligned.posterior, part.clock, part.ready, part.params
    )
    return Judged(verdicts, matches, aligned)


def _unbooked_returns(part: Stretch) -> list[Sighting]:
    """Items that went back without the till knowing: only those may have been ones that were never rung up."""
    booked = [ln.at - part.clock.offset_s for ln in part.lines if ln.type in ("return", "refund", "void")]
    reach = part.params.return_reach_s
    return [s for s in part.around if s.type == "item_return" and not any(abs(at - s.at) <= reach for at in booked)]


def _one_camera(passes: list[Sighting]) -> list[Sighting]:
    """Two cameras over one lane see every item twice: the one that saw most passes is believed."""
    seen: dict[str, int] = {}
    for sighting in passes:
        seen[sighting.camera] = seen.get(sighting.camera, 0) + (sighting.type == "item_pass")
    if len(seen) < 2:
        return passes
    best = max(sorted(seen), key=lambda camera: seen[camera])
    return [s for s in passes if s.camera == best]


def _unmatched(part: Stretch, aligned: Aligned) -> list[Verdict]:
    verdicts = []
    for group in _groups(aligned):
        for i, score in _shares(aligned, group, part.params):
            sighting = aligned.passes[i]
            if part.ready.sighting(sighting.key) and score >= part.params.list_pass_at:
                verdicts.append(_unmatched_verdict(part, aligned, i, score, group))
    return verdicts


def _groups(aligned: Aligned) -> list[list[int]]:
    """Neighbouring passes that compete for the same lines; each bypass stands alone."""
    groups: list[list[int]] = []
    for i, sighting in enumerate(aligned.passes):
        if sighting.type == "item_presented" or aligned.lone(i) < 0.02:
            continue
        last = aligned.passes[groups[-1][-1]] if groups else None
        near = last is not None and sighting.type == last.type == "item_pass" and sighting.at - last.at <= GROUP_S
        groups[-1].append(i) if near else groups.append([i])
    return groups


def _shares(aligned: Aligned, group: Sequence[int], params: Params) -> list[tuple[int, float]]:
    """What a group holds in unpaid items, given to its most probable members: one question, not three halves."""
    left = sum(aligned.unpaid(i) for i in group)
    shares = []
    for i in sorted(group, key=lambda i: (-round(aligned.unpaid(i), 6), i)):
        score = min(SURE, left)
        if score < params.list_pass_at:
            break
        shares.append((i, score))
        left -= score
    return shares


def _unmatched_verdict(part: Stretch, aligned: Aligned, i: int, score: float, group: Sequence[int]) -> Verdict:
    sighting = aligned.passes[i]
    kind = Kind.BYPASS if sighting.type == "item_bypass" else Kind.NO_SCAN
    taken = _taken(aligned, i)
    near = neighbours(aligned.residual[i].tolist() if aligned.slots else [], taken, aligned.slots)
    silent = not any(abs(r) < 15.0 for r in (aligned.residual[i] if aligned.slots else ()))
    members = [aligned.passes[k].key for k in group if aligned.lone(k) >= 0.05]
    return Verdict(
        kind=kind,
        anchor=f"{kind.value}:{sighting.key}",
        at=sighting.at,
        score=round(score, 4),
        sighting=sighting.key,
        transaction=_transaction(part, sighting),
        amount_cents=_usual_amount(aligned.slots),
        explanation=unmatched_explanation(sighting, aligned.causes(i), near, part.clock, members, part.params, silent)
        | {"pairs": _pairs(aligned, sighting.at)},
        alertable=part.clock.quality is not Quality.BAD,
    )


def _pairs(aligned: Aligned, at: float) -> list[list[object]]:
    """[pass, line, probability] of the pairs around an instant: what the till did pay for."""
    if not aligned.slots:
        return []
    found: list[list[object]] = []
    for i, sighting in enumerate(aligned.passes):
        if abs(sighting.at - at) > PAIRS_S:
            continue
        j = int(aligned.posterior[i].argmax())
        if aligned.posterior[i, j] >= 0.5:
            found.append([sighting.key, aligned.slots[j].line.key, round(float(aligned.posterior[i, j]), 3)])
    return found


def _taken(aligned: Aligned, i: int) -> list[tuple[float, str]]:
    """For each slot the other pass that has it most probably."""
    others = aligned.posterior.copy()
    others[i] = 0.0
    best = others.argmax(axis=0).tolist()
    return [(p, aligned.passes[k].key) for k, p in zip(best, others.max(axis=0).tolist(), strict=True)]


def _transaction(part: Stretch, sighting: Sighting) -> str:
    """The ticket of the line nearest in time, if one is near."""
    near = [
        (abs(line.at - part.clock.offset_s - sighting.at), line.transaction) for line in part.lines if line.transaction
    ]
    distance, transaction = min(near, default=(float("inf"), ""))
    return transaction if distance <= 60.0 else ""


def _usual_amount(slots: Sequence[Slot]) -> int | None:
    """What an item cost around here: the middle price. The item itself is not known."""
    amounts = sorted(
        slot.line.amount_cents for slot in slots if slot.pays and slot.unit == 0 and slot.line.amount_cents
    )
    return amounts[len(amounts) // 2] if amounts else None


def _matches(aligned: Aligned) -> list[Match]:
    matches = []
    for i, sighting in enumerate(aligned.passes):
        if not aligned.slots:
            break
        j = int(np.argmax(aligned.posterior[i]))
        slot, p = aligned.slots[j], float(aligned.posterior[i, j])
        if p >= 0.5 and slot.pays:
            residual = float(aligned.residual[i, j])
            matches.append(Match(sighting.key, slot.line.key, slot.line.gtin, round(p, 4), round(residual, 3)))
    return matches


def _swaps(part: Stretch, aligned: Aligned, matches: Sequence[Match]) -> list[Verdict]:
    verdicts = []
    passes = {sighting.key: sighting for sighting in aligned.passes}
    lines = {line.key: line for line in part.lines}
    for match in matches:
        sighting, line = passes[match.sighting], lines[match.line]
        if sighting.type != "item_pass" or not match.gtin:
            continue
        profile = part.book.profile(match.gtin, sighting.at)
        score, says = 0.0, list[str]()
        if profile and match.probability >= 0.9:
            others = part.book.others(match.gtin, sighting.at)
            score, says = swap_score(sighting, profile, others, part.params)
        score *= match.probability
        if score < part.params.alert_at and match.probability >= SURE_MATCH:
            part.book.add(match.gtin, sighting)
        ready = part.ready.sighting(sighting.key) and part.ready.line(line.key)
        if profile and ready and score >= part.params.list_at:
            verdicts.append(_swap_verdict(part, sighting, line, score, says, match, profile))
    return verdicts


def _swap_verdict(
    part: Stretch,
    sighting: Sighting,
    line: PosLine,
    score: float,
    says: Sequence[str],
    match: Match,
    profile: ItemProfile,
) -> Verdict:
    name = line.description or line.gtin
    return Verdict(
        kind=Kind.ITEM_SWAP,
        anchor=f"item_swap:{sighting.key}",
        at=sighting.at,
        score=round(score, 4),
        sighting=sighting.key,
        pos_keys=(line.key,),
        transaction=line.transaction,
        amount_cents=line.amount_cents,
        explanation={
            "sentence": f"The till rang up {name}, but what crossed is unlike it: {'; '.join(says)}.",
            "match_probability": match.probability,
            "from_expected_s": match.delta_s,
            "history": profile.n,
            "profile_version": profile.version,
            "clock": clock_part(part.clock),
            "rule_version": part.params.version,
        },
        alertable=part.clock.quality is not Quality.BAD,
    )


def _training(part: Stretch, aligned: Aligned) -> list[Verdict]:
    """Lines of the training mode sell nothing: the pass they explain is listed, low, as an exception."""
    verdicts = []
    for i, sighting in enumerate(aligned.passes):
        if not aligned.slots or sighting.type != "item_pass" or not part.ready.sighting(sighting.key):
            continue
        j = int(np.argmax(aligned.posterior[i]))
        line = aligned.slots[j].line
        if line.training and aligned.posterior[i, j] >= 0.5:
            verdicts.append(
                Verdict(
                    kind=Kind.EXCEPTION,
                    anchor=f"exception:{sighting.key}",
                    at=sighting.at,
                    score=0.2,
                    sighting=sighting.key,
                    pos_keys=(line.key,),
                    transaction=line.transaction,
                    amount_cents=line.amount_cents,
                    alertable=False,
                    explanation={
                        "sentence": "An item crossed and was rung up in training mode, which sells nothing.",
                        "clock": clock_part(part.clock),
                        "rule_version": part.params.version,
                    },
                )
            )
    return verdicts
