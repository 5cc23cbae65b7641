"""When which version of which rule was in force at a lane, and what is said of one event by several."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from cases.domain.exceptions.types import Finding, Rule


@dataclass(frozen=True, slots=True)
class Term:
    """`name` of the version, like R03@2. `own`: of the lane's store, not of all. `until` is infinite while it lasts."""

    rule: Rule
    name: str
    since: float
    until: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, by which version, and which other rules hang on the same event."""

    finding: Finding
    name: str
    title: str
    also: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """Code of the rule, and event."""
        return self.finding.code, self.finding.anchor.key


def terms_in_force(terms: Iterable[Term]) -> list[Term]:
    """`terms` of one lane, those of all stores only where its store had none of its own by that code."""
    known = list(terms)
    kept: list[Term] = []
    for term in known:
        left = [term]
        if not term.own:
            for own in (other for other in known if other.own and other.rule.code == term.rule.code):
                left = [part for one in left for part in _without(one, own)]
        kept += left
    return sorted(kept, key=lambda term: (term.rule.code, term.since, term.name))


def _without(term: Term, other: Term) -> list[Term]:
    parts = [
        replace(term, until=min(term.until, other.since)),
        replace(term, since=max(term.since, other.until)),
    ]
    return [part for part in parts if part.since < part.until]


def contested(found: Iterable[Said]) -> list[Said]:
    """Those that share their event with another."""
    return [one for several in _by_event(found).values() if len(several) > 1 for one in several]


def said_once(found: Iterable[Said], decided: Collection[tuple[str, str]] = ()) -> list[Said]:
    """Of several rules that hang on one event the one that says most, with the names of the others. `decided`: code and
    event of what a person has decided: that goes on speaking, or the event would be decided twice."""
    best: list[Said] = []
    for several in _by_event(found).values():
        ranked = sorted(several, key=lambda one: (one.place not in decided, -one.finding.score, one.finding.code))
        best.append(replace(ranked[0], also=tuple(one.name for one in ranked[1:])))
    return sorted(best, key=lambda one: (one.finding.anchor.at, one.finding.anchor.key))


def _by_event(found: Iterable[Said]) -> dict[str, list[Said]]:
    by_event: dict[str, list[Said]] = {}
    for one in found:
        by_event.setdefault(one.finding.anchor.key, []).append(one)
    return by_event
