"""The rules of exceptions that are in force at a lane, asked whenever its incidents are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cases.domain.alignment.explain import clock_part
from cases.domain.alignment.types import Clock, Kind, Verdict, Verdicts
from cases.domain.exceptions.backtest import NEAR_S
from cases.domain.exceptions.matching import rule_findings
from cases.domain.exceptions.reading import FARTHEST_S
from cases.domain.exceptions.stream import PATIENCE_S, Stream
from cases.domain.exceptions.terms import Said as RuleSaid
from cases.domain.exceptions.terms import Term, contested, said_once
from cases.domain.lifecycle import DECIDED
from cases.domain.risk import REACH_S
from cases.models import Case, Discrepancy
from cases.selectors.facts import Heard, lane_stream
from cases.selectors.gathering import Gathered, lines_around
from cases.selectors.rules import lane_terms
from cases.services.reconcile import PAD, RULE_ANCHOR, Said, verdicts_reconcile
from cases.services.weighing import cases_weigh_around
from lanes.models import Lane


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What the rules say of a stretch (`span`, common clock). `look_again_at`: server's clock, when what waits is
    decided at the latest; `waiting`: common clock, from where on to ask then; `codes` of the rules that were asked."""

    verdicts: Verdicts
    span: tuple[float, float]
    look_again_at: float | None = None
    waiting: float | None = None
    codes: frozenset[str] = frozenset()


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
    return _asked(lane, terms, stream, clock, since, until)


def _asked(lane: Lane, terms: Sequence[Term], stream: Stream, clock: Clock, since: float, until: float) -> Exceptions:
    said: list[RuleSaid] = []
    silenced: dict[str, str] = {}
    waiting: set[str] = set()
    decided: list[float] = []
    for term in terms:
        found = rule_findings(term.rule, stream, max(since, term.since), min(until, term.until))
        said += [RuleSaid(finding, term.name, term.rule.title) for finding in found.findings]
        silenced |= {_anchor(term.rule.code, key): why for key, why in found.silenced}
        waiting |= found.waiting
        decided += [found.decided_at] if found.decided_at is not None else []
    judged = frozenset(fact.key for fact in stream.facts if since <= fact.at < until and not fact.elsewhere)
    best = said_once(said, _decided(lane, contested(said)))
    silenced |= _outdone(said, best)
    verdicts = tuple(_verdict(one, clock) for one in best)
    first = min(decided, default=None)
    return Exceptions(
        Verdicts(verdicts, (), judged, frozenset(waiting), clock, _suppressed(silenced)),
        (since, until),
        first + PATIENCE_S if first is not None else None,
        first,
        frozenset(term.rule.code for term in terms),
    )


def _decided(lane: Lane, said: Sequence[RuleSaid]) -> set[tuple[str, str]]:
    """Of `said` what people have decided."""
    places = {_anchor(*one.place): one.place for one in said}
    if not places:
        return set()
    cases = Case.objects.filter(lane=lane, discrepancy__anchor__in=places, status__in=DECIDED)
    return {places[anchor] for anchor in cases.values_list("discrepancy__anchor", flat=True)}


def _outdone(said: Sequence[RuleSaid], best: Sequence[RuleSaid]) -> dict[str, str]:
    """Why those of `said` that are not among the `best` do not speak, by anchor."""
    speaks = {one.finding.anchor.key: one for one in best}
    kept = {one.place for one in best}
    others = [one for one in said if one.place not in kept]
    return {
        _anchor(*one.place): f"{speaks[one.finding.anchor.key].name} speaks of the same event, and names this rule."
        for one in others
    }


def _anchor(code: str, key: str) -> str:
    return f"{RULE_ANCHOR}{code}:{key}"


def _suppressed(silenced: Mapping[str, str]) -> tuple[Mapping[str, object], ...]:
    """Why of these anchors nothing is said, as reconciling reads it."""
    return tuple({"reason": why, "anchors": [anchor]} for anchor, why in silenced.items())


def _verdict(said: RuleSaid, clock: Clock) -> Verdict:
    finding = said.finding
    anchor = finding.anchor
    return Verdict(
        kind=Kind.EXCEPTION,
        anchor=_anchor(finding.code, anchor.key),
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
    known = {v.anchor: kind for v in found.verdicts.verdicts if (kind := _said_already(v, stated))}
    fresh = tuple(v for v in found.verdicts.verdicts if v.anchor not in known)
    why = _suppressed({anchor: f"It is said already: {kind.replace('_', ' ')}." for anchor, kind in known.items()})
    before = _standing(lane, found.span)
    out = _suppressed(_out_of_force({anchor for anchor, _, _ in before}, found.codes))
    answer = replace(found.verdicts, verdicts=fresh, suppressed=(*found.verdicts.suppressed, *why, *out))
    said = Said(answer, frozenset({Kind.EXCEPTION}), by_rule=True, span=found.span)
    verdicts_reconcile(
        lane=lane, said=[said], seen=gathered.seen, told=gathered.told, received=gathered.heard.received, now=now
    )
    for at in sorted({at for _, at, _ in before ^ _standing(lane, found.span)}):
        near = lines_around(lane, at.timestamp() + found.verdicts.clock.offset_s, 2 * REACH_S)
        cases_weigh_around(lane=lane, at=at.timestamp(), told=near)


def _out_of_force(anchors: Iterable[str], codes: Collection[str]) -> dict[str, str]:
    """Why those of `anchors` that are of other rules than `codes` go, where they do."""
    rules = {anchor: anchor.removeprefix(RULE_ANCHOR).partition(":")[0] for anchor in anchors}
    return {anchor: f"{code} is not in force at this store any more." for anchor, code in rules.items()
            if code not in codes}  # fmt: skip


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
    return list(stands.exclude(anchor__startswith=RULE_ANCHOR).select_related("camera"))


def _said_already(verdict: Verdict, stated: Iterable[Discrepancy]) -> str:
    """The kind of the discrepancy that rests on the same event and asks for as much attention or more; else empty."""
    rows = (row for row in stated if row.alerted or row.score >= verdict.score)
    return next((row.kind for row in rows if _rests_on(row, verdict)), "")


def _rests_on(row: Discrepancy, verdict: Verdict) -> bool:
    """Whether it does on the verdict's event. Ids are one terminal's or camera's own, and a row names only the one that
    it hangs on itself: of others it must be of that time and ticket."""
    key = verdict.anchor.partition(":")[2]
    source, _, event = key.partition("/")
    if verdict.sighting:
        return event == row.visual_event and row.camera is not None and row.camera.code == source
    if row.anchor.endswith(f":{key}"):
        return True
    near = abs(row.occurred_at.timestamp() - verdict.at) <= NEAR_S
    same_ticket = not row.transaction or not verdict.transaction or row.transaction == verdict.transaction
    hangs_on = row.anchor.partition(":")[2]
    of_ticket = bool(row.visual_event) or hangs_on.startswith("ticket:")
    same_till = of_ticket or hangs_on.partition("/")[0] == source
    return event in row.pos_events and near and same_ticket and same_till
