"""How much ordinary people differ from each other, learnt from the peers and robust against the few who stand out.

A peer's true ratio is gamma-distributed about 1 with standard deviation τ; τ is not fixed at its best estimate but
kept as beliefs over a grid (Deely and Lindley, 1981, J. Am. Stat. Assoc. 76, 833-841), so that few peers mean wide
limits. A small share of peers may stand out, as in DuMouchel's two gammas (1999, The American Statistician 53,
177-190): their counts neither widen what counts as ordinary nor raise what is expected of others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pos.domain.peers.counting import log_chance
from pos.domain.peers.expected import Expectation, expectations
from pos.domain.peers.seen import Table
from pos.domain.peers.special import Array

SPREADS: Array = np.geomspace(0.1, 1.5, 12)
"""τ, from people who hardly differ to any. Not below 0.1: however much was seen, a tenth more or less is ordinary."""
BELIEVED_SPREAD = 0.5
"""Before anything is seen τ is half-normal with this scale."""
STANDING_OUT = 0.01
STANDING_OUT_TIMES, STANDING_OUT_SHAPE = 4.0, 2.0
"""So many stand out, by a gamma-distributed factor of this mean and shape."""
ROUNDS = 2
"""First everybody counts as a peer, then each as far as ordinary."""


@dataclass(frozen=True, slots=True)
class Peers:
    """What the peers say. beliefs [spreads]: how probable each of SPREADS is; expectation: of everyone."""

    beliefs: Array
    expectation: Expectation

    @property
    def spread(self) -> float:
        """The mean of τ."""
        return float(self.beliefs @ SPREADS)


def peers_of(table: Table, judged: int | None) -> Peers:
    """The peers of the subject at index `judged`, who takes no part at all; of all, where it is None.

    Nothing that `judged` did enters: neither its own expectation, nor the peers', nor how much they differ.
    """
    weights = np.ones(len(table.subjects))
    for last in range(ROUNDS - 1, -1, -1):
        if judged is not None:
            weights[judged] = 0.0
        expectation = expectations(table, weights)
        counted = expectation.expected > 0
        if judged is not None:
            counted[judged] = False
        beliefs, ordinary = _beliefs(table.observed, expectation, counted)
        if last:
            weights = ordinary
    return Peers(beliefs, expectation)


def shapes_of(doubt: Array, peers: Array) -> Array:
    """The shape of the law of an ordinary count under each of SPREADS [..., spreads].

    Its squared coefficient of variation is the subject's own τ², that of the mean of so many `peers`, and the
    `doubt` in what they counted.
    """
    own = np.square(SPREADS) * (1.0 + 1.0 / np.maximum(peers, 1.0))[..., None]
    return np.asarray(1.0 / (own + doubt[..., None]))


def _beliefs(observed: Array, expectation: Expectation, counted: NDArray[np.bool_]) -> tuple[Array, Array]:
    """How probable each of SPREADS is by the counted subjects, and how probably each subject is an ordinary one."""
    expected = np.maximum(expectation.expected, 1e-12)
    shapes = shapes_of(expectation.doubt, expectation.peers)
    usual = np.log1p(-STANDING_OUT) + log_chance(observed[:, None], expected[:, None], shapes)
    high = np.full_like(expected, STANDING_OUT_SHAPE)
    unusual = np.log(STANDING_OUT) + log_chance(observed, STANDING_OUT_TIMES * expected, high)
    either = np.logaddexp(usual, unusual[:, None])
    before = np.log(SPREADS) - 0.5 * np.square(SPREADS / BELIEVED_SPREAD)  # the grid is even in ln τ
    total = before + either[counted].sum(axis=0)
    beliefs = np.exp(total - total.max())
    beliefs /= beliefs.sum()
    return beliefs, np.exp(usual - either) @ beliefs
