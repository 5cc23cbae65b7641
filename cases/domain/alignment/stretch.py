"""Judging one stretch: align, share what is unmatched among its causes, and say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.causes import Causes, lone_causes, usual_confidence
from cases.domain.alignment.explain import clock_part, neighbours, unmatched_explanation
from cases.domain.alignment.lines import line_verdicts
from cases.domain.alignment.looks import SURE_MATCH, LookBook
from cases.domain.alignment.odds import ALIGNED, log_odds, residuals
from cases.domain.alignment.pairing import pair_posteriors
from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import Slot, slots_of
from cases.domain.alignment.swap import swap_score
from cases.domain.alignment.types import (
    Clock,
    Gap,
    ItemProfile,
    Kind,
    Match,
    PosLine,
    Quality,
    Ready,
    Sighting,
    Verdict,
)

Array = NDArray[np.float64]
GROUP_S = 2.5
SURE = 0.97
PAIRS_S = 15.0
EXPLAINED_LAWS = frozenset({"attempt", "soft", "void", "return"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """`around`: all that was seen, for what is usual and what comes shortly after."""

    sightings: Sequence[Sighting]
    lines: Sequence[PosLine]
    around: Sequence[Sighting]
    clock: Clock
    gaps: tuple[Gap, ...]
    ready: Ready
    book: LookBook
    params: Params
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class Aligned:
    """`posterior` [n, m]: P(pass i is slot j). `causes` [n]: what a lone pass may be."""

    passes: Sequence[Sighting]
    slots: Sequence[Slot]
    posterior: Array
    causes: Sequence[Causes]
    residual: Array

    def lone(self, i: int) -> float:
        return float(max(0.0, 1.0 - self.posterior[i].sum()))

    def unpaid(self, i: int) -> float:
        causes = self.causes[i]
        return self.lone(i) * causes.get("unpaid", 0.0) / sum(causes.values())


def stretch_judge(part: Stretch) -> tuple[list[Verdict], list[Match]]:
    aligned = _align(part)
    verdicts = _unmatched(part, aligned)
    matches = _matches(aligned)
    verdicts += _swaps(part, aligned, matches)
    verdicts += _training(part, aligned)
    verdicts += line_verdicts(
        part.sightings, part.around, aligned.slots, part.lines, aligned.posterior, part.clock, part.ready, part.params
    )
    return verdicts, matches


def _align(part: Stretch) -> Aligned:
    passes = [] if part.coarse else _one_camera([s for s in part.sightings if s.type in ALIGNED])
    slots = slots_of([line for line in part.lines if line.granularity == "line"], part.params)
    returns = _unbooked_returns(part)
    causes = lone_causes(passes, returns, usual_confidence(part.around, part.params), part.params)
    alone = np.array([sum(c.values()) for c in causes])
    posterior, _ = pair_posteriors(log_odds(passes, slots, part.clock, alone, part.params))
    kept = _no_more_than_billed(slots, posterior)
    if len(kept) < len(slots):
        slots = [slots[j] for j in kept]
        posterior, _ = pair_posteriors(log_odds(passes, slots, part.clock, alone, part.params))
    return Aligned(passes, slots, posterior, causes, residuals(passes, slots, part.clock))


def _no_more_than_billed(slots: Sequence[Slot], posterior: Array) -> list[int]:
    """A quantity line offers a soft slot before and after itself for each further unit; only as many as it bills may
    be filled: those that passes fit best stay."""
    extras: dict[str, list[int]] = {}
    for j, slot in enumerate(slots):
        if slot.law == "extra":
            extras.setdefault(slot.line.key, []).append(j)
    dropped: set[int] = set()
    for mine in extras.values():
        by_fit = sorted(mine, key=lambda j: (-round(float(posterior[:, j].sum()), 6), slots[j].unit, j))
        dropped.update(by_fit[len(mine) // 2 :])
    return [j for j in range(len(slots)) if j not in dropped]


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
            if part.ready.sighting(sighting.key) and score >= part.params.list_at:
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
        if score < params.list_at:
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
        explanation=unmatched_explanation(
            sighting, _weights(aligned, i), near, part.clock, members, part.params, silent
        )
        | {"pairs": _pairs(aligned, sighting.at)},
        alertable=part.clock.quality is not Quality.BAD,
    )


def _pairs(aligned: Aligned, at: float) -> list[list[object]]:
    """[pass, line, probability] of the pairs around an instant: what the till did pay for."""
    if not aligned.slots:
        return []
    found: list[list[object]] = []
    for i, sighting in enumerate(aligned.passes):
        j = int(np.argmax(aligned.posterior[i]))
        if abs(sighting.at - at) <= PAIRS_S and aligned.posterior[i, j] >= 0.5:
            found.append([sighting.key, aligned.slots[j].line.key, round(float(aligned.posterior[i, j]), 3)])
    return found


def _weights(aligned: Aligned, i: int) -> dict[str, float]:
    """Posterior over the causes of pass `i`."""
    lone, causes = aligned.lone(i), aligned.causes[i]
    total = sum(causes.values())
    weights = {cause: lone * density / total for cause, density in causes.items()}
    for j, slot in enumerate(aligned.slots):
        cause = "attempt" if slot.law in EXPLAINED_LAWS else "paid"
        weights[cause] = weights.get(cause, 0.0) + float(aligned.posterior[i, j])
    return weights


def _taken(aligned: Aligned, i: int) -> list[tuple[float, str]]:
    """For each slot the other pass that has it most probably."""
    found = []
    for j in range(len(aligned.slots)):
        column = aligned.posterior[:, j].copy()
        column[i] = 0.0
        k = int(np.argmax(column))
        found.append((float(column[k]), aligned.passes[k].key))
    return found


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
