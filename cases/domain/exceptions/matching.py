"""Finding what a rule describes in one lane's stream.

From each event of the anchor's step outwards: the nearest event of each step that fits the one beside it, and nothing
of what must be absent in between. A finding depends on no more than the rule's `back_s` before its anchor and `ahead_s`
after it (and a quarter of an hour of people), so on the set of facts alone, however they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from cases.domain.exceptions.conditions import fulfils, may_be, related, tells
from cases.domain.exceptions.stream import Hearing, Stream
from cases.domain.exceptions.types import Fact, Finding, Found, Rule, Same, Step, Unknown
from cases.domain.exceptions.video import Answer, Told, answers_of
from cases.domain.exceptions.words import sentence_of

NAMES = {"pos": "till", "vision": "camera"}
TRIED = 50
"""So many of the nearest events are tried for a step: work stays bounded whatever a till sends."""


@dataclass(frozen=True, slots=True)
class _Silence:
    """Between two instants nothing of a step must have happened, which can be known only by who listened."""

    start: float
    end: float
    visual: bool


@dataclass(frozen=True, slots=True)
class _Chain:
    """`places` of the events in the stream, one for each present step."""

    places: tuple[int, ...]
    more: tuple[int, ...] = ()
    silences: tuple[_Silence, ...] = ()


def rule_findings(rule: Rule, stream: Stream, since: float, until: float) -> Found:
    """What `rule` finds with an anchor from `since` on and before `until`."""
    if rule.unavailable:
        return Found(())
    findings: list[Finding] = []
    waiting: dict[str, float] = {}
    unanswered, spoken = 0, dict[str, float]()
    silenced: list[tuple[str, str]] = []
    for anchor, chain in _matches(rule, stream, since - rule.ticket_s, until):
        told = answers_of(rule, stream, anchor)
        if any(one.answer is Answer.NO for one in told):
            continue
        why = _silenced(stream, chain)
        if why is not None:
            silenced.append((anchor.key, why))
            continue
        decided_at = _waits_until(stream, chain, told)
        unknown = tuple(one.words for one in told if one.answer is Answer.UNKNOWN)
        if decided_at is not None:
            waiting |= {anchor.key: decided_at} if anchor.at >= since else {}
        elif unknown and rule.when_unknown is Unknown.SILENT:
            unanswered += anchor.at >= since
            silenced.append((anchor.key, f"It is not known {' nor '.join(unknown)}."))
        else:
            again = rule.ticket_s and anchor.at - spoken.get(anchor.ticket, float("-inf")) <= rule.ticket_s
            spoken |= {anchor.ticket: anchor.at} if anchor.ticket else {}
            if anchor.at >= since and not again:
                findings.append(_finding(rule, stream, anchor, chain, told, unknown))
                unanswered += bool(unknown)
    decided_at = min(waiting.values(), default=None)
    return Found(tuple(findings), frozenset(waiting), decided_at, unanswered, tuple(silenced))


def _matches(rule: Rule, stream: Stream, since: float, until: float) -> Iterator[tuple[Fact, _Chain]]:
    for place in stream.between(rule.steps[rule.anchor].events, since, until):
        anchor = stream.facts[place]
        counts = anchor.at < until and not anchor.elsewhere and (rule.training or not anchor.training)
        chain = _chain(rule, stream, place) if counts else None
        if chain is not None:
            yield anchor, chain


def _finding(
    rule: Rule, stream: Stream, anchor: Fact, chain: _Chain, told: Sequence[Told], unknown: tuple[str, ...]
) -> Finding:
    events = tuple(stream.facts[place] for place in sorted({*chain.places, *chain.more}))
    steps = tuple(stream.facts[place] for place in chain.places)
    seen = [one.words for one in told if one.answer is Answer.YES]
    return Finding(rule.code, anchor, events, rule.score, sentence_of(rule, steps, seen, unknown), unknown)


def _waits_until(stream: Stream, chain: _Chain, told: Sequence[Told]) -> float | None:
    """When it can be decided (common clock), where a witness has not been heard so far; None: now."""
    ends = [one.end for one in chain.silences if _listened(stream, one) is Hearing.NOT_YET]
    ends += [one.end for one in told if one.answer is Answer.NOT_YET]
    return max(ends, default=None)


def _silenced(stream: Stream, chain: _Chain) -> str | None:
    """Why nothing may be said: the till's word is not to be believed, or a witness was away while it should have kept
    silent, or has not been heard, so that its silence means nothing. None: it may."""
    facts = [stream.facts[place] for place in (*chain.places, *chain.more)]
    doubted = next((gap for fact in facts if not fact.visual and (gap := stream.listening.doubted(fact.at))), None)
    if doubted is not None:
        return doubted.reason
    away = next((one for one in chain.silences if _listened(stream, one) is Hearing.GAP), None)
    if away is None:
        return None
    witness = "vision" if away.visual else "pos"
    gap = stream.listening.gap(witness, away.start, away.end)
    return gap.reason if gap is not None and gap.reason else f"The {NAMES[witness]} could not be heard meanwhile."


def _listened(stream: Stream, silence: _Silence) -> Hearing:
    listening = stream.listening
    return (listening.vision if silence.visual else listening.pos)(silence.start, silence.end)


def _chain(rule: Rule, stream: Stream, place: int) -> _Chain | None:
    """The events around the anchor at `place`, the nearest first; None where they did not happen."""
    split = rule.present.index(rule.anchor)
    for back in _backwards(rule, stream, split, place):
        for whole in _forwards(rule, stream, back, split):
            chain = _complete(rule, stream, whole)
            if chain is not None:
                return chain
    return None


def _backwards(rule: Rule, stream: Stream, split: int, place: int) -> Iterator[tuple[int, ...]]:
    """Places for the steps up to the `split`-th present one, which is at `place`."""
    step = rule.steps[rule.present[split]]
    if split == 0:
        if fulfils(step, stream.facts[place], None):
            yield (place,)
        return
    earlier = rule.steps[rule.present[split - 1]]
    fact = stream.facts[place]
    if fact.type not in step.events:
        return
    for other in islice(stream.before(earlier.events, place, fact.at - (step.within_s or 0.0)), TRIED):
        if _follows(rule, step, stream.facts[other], fact):
            for chain in _backwards(rule, stream, split - 1, other):
                yield (*chain, place)


def _forwards(rule: Rule, stream: Stream, chain: tuple[int, ...], split: int) -> Iterator[tuple[int, ...]]:
    """`chain` gone on with from its last step, the `split`-th present one."""
    if split + 1 == len(rule.present):
        yield chain
        return
    step, fact = rule.steps[rule.present[split + 1]], stream.facts[chain[-1]]
    for other in islice(stream.after(step.events, chain[-1], fact.at + (step.within_s or 0.0)), TRIED):
        if _follows(rule, step, fact, stream.facts[other]):
            yield from _forwards(rule, stream, (*chain, other), split + 1)


def _follows(rule: Rule, step: Step, before: Fact, fact: Fact) -> bool:
    if before.elsewhere or fact.elsewhere or ((before.training or fact.training) and not rule.training):
        return False
    if fact.at - before.at < step.after_s:
        return False
    return related(step.same, before, fact) and fulfils(step, fact, before)


def _complete(rule: Rule, stream: Stream, places: tuple[int, ...]) -> _Chain | None:
    """`places` with the repetitions that the steps ask for, where nothing happened that must not."""
    more: list[int] = []
    for n, place in zip(rule.present, places, strict=True):
        again = _repeated(rule, rule.steps[n], stream, place)
        if again is None:
            return None
        more += again
    silences: list[_Silence] = []
    for n, step in enumerate(rule.steps):
        if step.absent:
            silence = _absence(rule, n, stream, places)
            if silence is None:
                return None
            silences.append(silence)
    return _Chain(places, tuple(more), tuple(silences))


def _repeated(rule: Rule, step: Step, stream: Stream, place: int) -> Sequence[int] | None:
    """The latest of the earlier events that make it `times` of them; None where there were fewer."""
    if step.times == 1:
        return ()
    fact = stream.facts[place]
    earlier = [
        other
        for other in stream.before(step.events, place, fact.at - step.in_s)
        if _follows(rule, _alone(step), stream.facts[other], fact) and fulfils(step, stream.facts[other], None)
    ]
    return earlier[: step.times - 1] if len(earlier) >= step.times - 1 else None


def _alone(step: Step) -> Step:
    """What repetitions have in common is what the step asks for, or else the till."""
    return Step(step.events, same=step.same or frozenset({Same.TERMINAL}))


def _absence(rule: Rule, n: int, stream: Stream, places: tuple[int, ...]) -> _Silence | None:
    """Where the absent step `n` must not have happened; None where it has, or where that cannot be known."""
    step = rule.steps[n]
    earlier = [place for k, place in zip(rule.present, places, strict=True) if k < n]
    later = [place for k, place in zip(rule.present, places, strict=True) if k > n]
    beside = stream.facts[earlier[-1] if earlier else later[0]]
    if not earlier:
        start, end = beside.at - (step.before_s or 0.0), beside.at
        found = stream.before(step.events, later[0], start)
    else:
        start, end = beside.at, beside.at + step.within_s if step.within_s is not None else float("inf")
        end = min(end, stream.facts[later[0]].at) if later else end
        found = stream.after(step.events, earlier[-1], end)
        found = iter([place for place in found if not later or place < later[0]])
    happened = any(place not in places and may_be(step, stream.facts[place], beside) for place in found)
    if happened or not tells(step.same, beside):
        return None
    return _Silence(start, end, step.visual)
