"""The rules of exceptions that are in force at a lane, asked whenever its incidents are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cases.domain.alignment.explain import clock_part
from cases.domain.alignment.types import Clock, Kind, Verdict, Verdicts
from cases.domain.exceptions.matching import rule_findings
from cases.domain.exceptions.reading import FARTHEST_S
from cases.domain.exceptions.stream import PATIENCE_S, Stream
from cases.domain.exceptions.terms import Said as RuleSaid
from cases.domain.exceptions.terms import Term, said_once
from cases.domain.risk import REACH_S
from cases.models import Discrepancy
from cases.selectors.facts import Heard, lane_stream
from cases.selectors.gathering import Gathered, lines_around
from cases.selectors.rules import lane_terms
from cases.services.reconcile import PAD, RULE_ANCHOR, Said, verdicts_reconcile
from cases.services.weighing import cases_weigh_around
from lanes.models import Lane


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What the rules say of a stretch (`span`, common clock). `look_again_at`: server's clock, when what waits is
    decided at the latest; `waiting`: common clock, from where on to ask then."""

    verdicts: Verdicts
    span: tuple[float, float]
    look_again_at: float | None = None
    waiting: float | None = None


def exceptions_judge(lane: Lane, gathered: Gathered, clock: Clock, now: datetime) -> Exceptions | None:
    """What the rules in force find since as long before what was judged as they look ahead; None: nothing to ask, or
    not from this helping."""
    if gathered.incidents_from is None:
        return None
    until = gathered.until.timestamp()
    terms = [term for term in lane_terms(lane, gathered.incidents_from - FARTHEST_S) if term.since < until]
    if not terms:
        return None
    ahead = max(term.rule.ahead_s for term in terms)
    begin = gathered.incidents_from - ahead
    since = max(begin, min(term.since for term in terms))
    rules = [term.rule for term in terms]
    back = max(rule.back_s for rule in rules)
    heard = Heard(gathered.heard.pos_until, gathered.heard.vision_until, now.timestamp())
    stream = lane_stream(lane, rules, since - back, until + ahead, clock, heard)
    return _asked(terms, stream, clock, since, until)


def _asked(terms: Sequence[Term], stream: Stream, clock: Clock, since: float, until: float) -> Exceptions:
    said: list[RuleSaid] = []
    waiting: set[str] = set()
    decided: list[float] = []
    for term in terms:
        found = rule_findings(term.rule, stream, max(since, term.since), min(until, term.until))
        said += [RuleSaid(finding, term.name, term.rule.title) for finding in found.findings]
        waiting |= found.waiting
        decided += [found.decided_at] if found.decided_at is not None else []
    judged = frozenset(fact.key for fact in stream.facts if since <= fact.at < until)
    verdicts = tuple(_verdict(one, clock) for one in said_once(said))
    first = min(decided, default=None)
    return Exceptions(
        Verdicts(verdicts, (), judged, frozenset(waiting), clock),
        (since, until),
        first + PATIENCE_S if first is not None else None,
        first,
    )


def _verdict(said: RuleSaid, clock: Clock) -> Verdict:
    finding = said.finding
    anchor = finding.anchor
    return Verdict(
        kind=Kind.EXCEPTION,
        anchor=f"{RULE_ANCHOR}{finding.code}:{anchor.key}",
        at=anchor.at,
        score=finding.score,
        sighting=anchor.key if anchor.visual else "",
        pos_keys=tuple(fact.key for fact in finding.events if not fact.visual),
        transaction=anchor.ticket or next((fact.ticket for fact in finding.events if fact.ticket), ""),
        amount_cents=finding.amount_cents,
        explanation={
            "sentence": finding.sentence,
            "rule": {"code": finding.code, "title": said.title},
            **({"also": list(said.also)} if said.also else {}),
            **({"lacking": list(finding.unknown)} if finding.unknown else {}),
            "clock": clock_part(clock),
            "rule_version": said.name,
        },
    )


def exceptions_store(*, lane: Lane, found: Exceptions, gathered: Gathered, now: datetime) -> None:
    """Make the stored findings of the stretch say what the rules say, but for what a discrepancy says already. In the
    caller's transaction, after the other discrepancies were stored."""
    stated = _stated(lane, found.span)
    fresh = tuple(v for v in found.verdicts.verdicts if not _said_already(v, stated))
    answer = replace(found.verdicts, verdicts=fresh)
    said = Said(answer, frozenset({Kind.EXCEPTION}), by_rule=True, span=found.span)
    before = _standing(lane, found.span)
    verdicts_reconcile(
        lane=lane, said=[said], seen=gathered.seen, told=gathered.told, received=gathered.heard.received, now=now
    )
    for at in sorted({at for _, at, _ in before ^ _standing(lane, found.span)}):
        near = lines_around(lane, at.timestamp() + found.verdicts.clock.offset_s, 2 * REACH_S)
        cases_weigh_around(lane=lane, at=at.timestamp(), told=near)


def _standing(lane: Lane, span: tuple[float, float]) -> set[tuple[str, datetime, float]]:
    """What rules have found there: where it changes, what is around it has to be weighed again, however long ago."""
    low, high = _instants(span)
    rows = Discrepancy.objects.filter(lane=lane, withdrawn_at=None, anchor__startswith=RULE_ANCHOR)
    return set(rows.filter(occurred_at__range=(low, high)).values_list("anchor", "occurred_at", "score"))


def _instants(span: tuple[float, float]) -> tuple[datetime, datetime]:
    low, high = (datetime.fromtimestamp(max(at, 0.0), UTC) for at in span)
    return low - PAD, high + PAD


def _stated(lane: Lane, span: tuple[float, float]) -> list[Discrepancy]:
    stands = Discrepancy.objects.filter(lane=lane, withdrawn_at=None, occurred_at__range=_instants(span))
    return list(stands.exclude(anchor__startswith=RULE_ANCHOR).only("pos_events", "visual_event", "alerted", "score"))


def _said_already(verdict: Verdict, stated: Iterable[Discrepancy]) -> bool:
    """Whether a discrepancy that rests on the same event asks for as much attention or more."""
    event = verdict.anchor.partition(":")[2].partition("/")[2]
    return any(
        (row.alerted or row.score >= verdict.score) and (event in row.pos_events or event == row.visual_event)
        for row in stated
    )
