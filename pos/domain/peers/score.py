"""Everyone's scores of every kind, each against the others alone, and which of them are worth a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from pos.domain.peers import words
from pos.domain.peers.counting import at_least
from pos.domain.peers.discovery import q_values
from pos.domain.peers.ratio import ratio_of
from pos.domain.peers.seen import KINDS, Exposure, Kind, Seen, Table, table_of
from pos.domain.peers.special import Array
from pos.domain.peers.spread import SPREADS, peers_of, shapes_of

VERSION = "peers-1"
LEAST_EXPOSURE: Mapping[Exposure, float] = MappingProxyType(
    {Exposure.TICKETS: 300.0, Exposure.LINES: 2_000.0, Exposure.HOURS: 24.0}
)
"""About three shifts. It is a least exposure and not a least expectation, or nothing could be said of what is rare."""


@dataclass(frozen=True, slots=True)
class Params:
    """least_exposure: below it nothing is said. least_peers: so many must have worked, and so many in equal parts must
    be behind an expectation. least_support: share of the expectation from the same kind of lane at the same hours.
    false_share: how much of what is pointed out may be chance. coverage: of the intervals."""

    least_exposure: Mapping[Exposure, float] = field(default_factory=lambda: LEAST_EXPOSURE)
    least_peers: int = 5
    least_equal_peers: float = 3.0
    least_support: float = 0.5
    false_share: float = 0.05
    coverage: float = 0.95


class Standing(StrEnum):
    USUAL = "usual"
    UNUSUAL = "unusual"


class Silence(StrEnum):
    """Why nothing is said."""

    TOO_LITTLE_SEEN = "too_little_seen"
    TOO_FEW_PEERS = "too_few_peers"
    NOBODY_COMPARABLE = "nobody_comparable"


REASONS = {
    Silence.TOO_LITTLE_SEEN: "Too little seen to say anything.",
    Silence.TOO_FEW_PEERS: "Too few peers to compare with.",
    Silence.NOBODY_COMPARABLE: "Hardly anybody else worked at the same kind of lane at the same hours.",
}


@dataclass(frozen=True, slots=True)
class Score:
    """How often `kind` happened to `subject`, compared.

    ratio, low, high: the shrunk ratio to `expected` and its credible interval. chance: how probably an ordinary peer
    would have as many or more. q_value: the least false-discovery rate at which this is pointed out, among all scores
    of the report. peers: how many others worked; equal_peers: how many equal ones the expectation is worth. doubt:
    squared coefficient of variation of the expectation. sort: what was allowed for beside lanes, hours and baskets.
    """

    subject: str
    kind: Kind
    observed: int
    exposure: float
    expected: float
    doubt: float
    sort: str
    ratio: float
    low: float
    high: float
    chance: float
    peers: int
    equal_peers: float
    coverage: float
    false_share: float
    q_value: float = 1.0
    version: str = VERSION

    @property
    def standing(self) -> Standing:
        return Standing.UNUSUAL if self.q_value <= self.false_share else Standing.USUAL

    @property
    def sentence(self) -> str:
        """In plain words what was compared and what follows from it."""
        ratio = (self.ratio, self.low, self.high)
        said = words.compared(self.observed, self.expected, ratio, self.coverage, self.kind, self.sort)
        if self.standing is Standing.USUAL:
            return f"{said} {words.within(self.peers)}"
        return f"{said} {words.standing_out(self.chance, self.peers, self.false_share)}"


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Nothing is said of `kind` about `subject`, not even the count."""

    subject: str
    kind: Kind
    why: Silence

    @property
    def sentence(self) -> str:
        return REASONS[self.why]


@dataclass(frozen=True, slots=True)
class Group:
    """All peers of one kind together, for charts. beliefs: over the spreads of pos.domain.peers.spread; spread: how
    much ordinary peers differ, standard deviation of their true ratios."""

    kind: Kind
    peers: int
    spread: float
    beliefs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PeerReport:
    """Scores in order of kind and subject; whom nothing is said about is in `unsaid`."""

    scores: tuple[Score, ...]
    unsaid: tuple[Unsaid, ...]
    groups: tuple[Group, ...]

    @property
    def unusual(self) -> tuple[Score, ...]:
        """What is worth a question, the least probable by chance first."""
        found = [score for score in self.scores if score.standing is Standing.UNUSUAL]
        return tuple(sorted(found, key=lambda score: (score.q_value, score.chance, score.subject)))


def peer_scores(
    seen: Iterable[Seen],
    kinds: Sequence[Kind] = KINDS,
    params: Params | None = None,
    sorts: Mapping[str, str] | None = None,
) -> PeerReport:
    """Every subject's score of every kind. `seen`: one peer group, such as a store's operators over four weeks.

    `sorts`: what sort of subject each is where that is an honest reason to differ, as {"c-17": "new"}. The order of
    `seen` makes no difference. Takes about n² x strata steps a kind. Raises BadTally.
    """
    params = params or Params()
    rows = list(seen)
    scores: list[Score] = []
    unsaid: list[Unsaid] = []
    groups: list[Group] = []
    for kind in kinds:
        table = table_of(rows, kind, sorts)
        compared = [_compared(table, index, kind, params) for index in range(len(table.subjects))]
        scores += _scores(table, kind, [found for found in compared if not isinstance(found, Unsaid)], params)
        unsaid += [found for found in compared if isinstance(found, Unsaid)]
        if len(table.subjects) > params.least_peers:
            whole = peers_of(table, None)
            groups.append(Group(kind, len(table.subjects), whole.spread, tuple(whole.beliefs.tolist())))
    found_q = q_values([score.chance for score in scores])
    ranked = tuple(replace(score, q_value=float(q)) for score, q in zip(scores, found_q, strict=True))
    return PeerReport(ranked, tuple(unsaid), tuple(groups))


@dataclass(frozen=True, slots=True)
class _Compared:
    """One subject beside its peers; `index` in the table, the rest as in Score, `beliefs` [spreads]."""

    index: int
    observed: float
    expected: float
    doubt: float
    equal_peers: float
    beliefs: Array


def _compared(table: Table, index: int, kind: Kind, params: Params) -> _Compared | Unsaid:
    subject, exposure = table.subjects[index], float(table.exposure[index])
    if exposure < params.least_exposure.get(kind.per, 0.0):
        return Unsaid(subject, kind, Silence.TOO_LITTLE_SEEN)
    if len(table.subjects) <= params.least_peers:
        return Unsaid(subject, kind, Silence.TOO_FEW_PEERS)
    peers = peers_of(table, index)
    its = peers.expectation
    if its.support[index] < params.least_support:
        return Unsaid(subject, kind, Silence.NOBODY_COMPARABLE)
    if its.peers[index] < params.least_equal_peers:
        return Unsaid(subject, kind, Silence.TOO_FEW_PEERS)
    observed, expected, doubt, equal = (
        float(numbers[index]) for numbers in (table.observed, its.expected, its.doubt, its.peers)
    )
    return _Compared(index, observed, expected, doubt, equal, peers.beliefs)


def _scores(table: Table, kind: Kind, compared: Sequence[_Compared], params: Params) -> list[Score]:
    if not compared:
        return []
    observed, expected, doubt, equal = (
        np.array([getattr(found, name) for found in compared])
        for name in ("observed", "expected", "doubt", "equal_peers")
    )
    beliefs = np.stack([found.beliefs for found in compared])
    reached = at_least(observed[:, None], expected[:, None], shapes_of(doubt, equal))
    chances = np.minimum((reached * beliefs).sum(axis=1), 1.0)
    doubt = doubt + beliefs @ np.square(SPREADS) / equal  # the peers' mean is but a mean of so many
    scores = []
    for k, found in enumerate(compared):
        ratio = ratio_of(found.observed, found.expected, float(doubt[k]), found.beliefs, params.coverage)
        scores.append(
            Score(
                subject=table.subjects[found.index],
                kind=kind,
                observed=int(found.observed),
                exposure=float(table.exposure[found.index]),
                expected=found.expected,
                doubt=float(doubt[k]),
                sort=table.sorts[found.index],
                ratio=ratio.mean,
                low=ratio.low,
                high=ratio.high,
                chance=float(chances[k]),
                peers=len(table.subjects) - 1,
                equal_peers=found.equal_peers,
                coverage=params.coverage,
                false_share=params.false_share,
            )
        )
    return scores
