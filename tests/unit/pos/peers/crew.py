"""Small crews at the tills, for the tests of peer scores."""

from collections.abc import Sequence

import numpy as np

from pos.domain.peers.score import PeerReport, Score
from pos.domain.peers.seen import Exposure, Kind, Seen, Stratum

DAY = Stratum("staffed", "09-13", "medium")
NIGHT = Stratum("self_checkout", "21-24", "small")
REFUND = Kind("refund", "refund", "refunds", Exposure.TICKETS)
VOID = Kind("void", "voided line", "voided lines", Exposure.LINES)


def worked(subject: str, refunds: int, at: Stratum = DAY, tickets: float = 1000.0, voids: int = 0) -> Seen:
    exposure = {Exposure.TICKETS: tickets, Exposure.LINES: 10 * tickets}
    return Seen(subject, at, exposure, {"refund": refunds, "void": voids})


def crew(counts: Sequence[int], at: Stratum = DAY, tickets: float = 1000.0, first: str = "c") -> list[Seen]:
    return [worked(f"{first}-{k:03d}", count, at, tickets) for k, count in enumerate(counts)]


def drawn(seed: int, people: int, spread: float, mean: float) -> tuple[list[Seen], list[float]]:
    """People whose true ratios are gamma-distributed about 1, and those ratios."""
    rng = np.random.default_rng(seed)
    ratios = rng.gamma(spread**-2, spread**2, people)
    return crew(rng.poisson(mean * ratios).tolist()), ratios.tolist()


def score_of(report: PeerReport, subject: str, kind: str = "refund") -> Score:
    (score,) = [s for s in report.scores if s.subject == subject and s.kind.name == kind]
    return score
