"""What a rule would have found on past days, next to what people said of the same events then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cases.domain.exceptions.types import Fact, Finding

CONFIRMED, DISMISSED = "confirmed", "dismissed"
NEVER = "never raised"
UNDECIDED = "undecided"
OUTCOMES = (CONFIRMED, DISMISSED, UNDECIDED, NEVER)
NEAR_S = 900.0
"""A case of the same ticket so near is about the same."""
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case that was raised then. `events`: external ids; `at`: common clock."""

    id: str
    at: float
    status: str
    transaction: str
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """A finding, and the case that was about the same events, if any."""

    finding: Finding
    case: PastCase | None

    @property
    def outcome(self) -> str:
        if self.case is None:
            return NEVER
        return self.case.status if self.case.status in (CONFIRMED, DISMISSED) else UNDECIDED


def compared(findings: Iterable[Finding], cases: Sequence[PastCase]) -> list[Compared]:
    return [Compared(finding, _case_of(finding, cases)) for finding in findings]


def _case_of(finding: Finding, cases: Sequence[PastCase]) -> PastCase | None:
    """Of several the nearest; one that rests on the same event before one of the same ticket only."""
    near = [case for case in cases if abs(case.at - finding.anchor.at) <= NEAR_S]
    same = [case for case in near if any(_rests_on(case, fact) for fact in finding.events)]
    same = same or [case for case in near if case.transaction and case.transaction == finding.anchor.ticket]
    return min(same, key=lambda case: (abs(case.at - finding.anchor.at), case.id), default=None)


def _rests_on(case: PastCase, fact: Fact) -> bool:
    """Another till of the lane may use the same id: then its ticket is another."""
    if fact.key.partition("/")[2] not in case.events:
        return False
    return fact.visual or not fact.ticket or case.transaction in ("", fact.ticket)


def day_row(day: str, lane: str, found: Sequence[Compared], unanswered: int) -> dict[str, object]:
    """One lane's day as numbers. `unanswered`: matched but for what the video could not say."""
    counts = {outcome: sum(one.outcome == outcome for one in found) for outcome in OUTCOMES}
    return {"day": day, "lane": lane, "findings": len(found), "unanswered": unanswered, **counts}


def example_of(lane: str, one: Compared) -> dict[str, object]:
    return {
        "at": round(one.finding.anchor.at, 3),
        "lane": lane,
        "ticket": one.finding.anchor.ticket,
        "sentence": one.finding.sentence,
        "outcome": one.outcome,
        "case": one.case.id if one.case else "",
    }


def result_add(
    result: Mapping[str, object], rows: Sequence[Mapping[str, object]], examples: Sequence[Mapping[str, object]],
    against: Mapping[str, int],
) -> dict[str, object]:  # fmt: skip
    """`result` with one more day. `against`: the live version's findings, as `both`, `only_this`, `only_live`."""
    days, shown, known = result.get("days"), result.get("examples"), result.get("against")
    days, shown = days if isinstance(days, list) else [], shown if isinstance(shown, list) else []
    known = known if isinstance(known, dict) else {}
    return {
        **result,
        "days": [*days, *rows],
        "examples": [*shown, *examples][:EXAMPLES],
        "against": {name: known.get(name, 0) + count for name, count in against.items()} or known,
    }


def against(found: Iterable[Finding], live: Iterable[Finding]) -> dict[str, int]:
    mine, theirs = {one.anchor.key for one in found}, {one.anchor.key for one in live}
    return {"both": len(mine & theirs), "only_this": len(mine - theirs), "only_live": len(theirs - mine)}


def totals_of(rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """Over all days and lanes."""
    names = ("findings", "unanswered", *OUTCOMES)
    told = list(rows)
    return {name: sum(int(str(row.get(name, 0))) for row in told) for name in names}
