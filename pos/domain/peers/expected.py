"""How often something was to be expected of each, had the peers been there: indirect standardisation.

For each subject, the peers' rate in every stratum times its own exposure there, summed (Breslow and Day, 1987,
Statistical Methods in Cancer Research II, chapter 2). A stratum in which the peers were little leans on the broader
one around it, as a gamma prior that is worth LEANING events (Clayton and Kaldor, 1987, Biometrics 43, 671-681).

Where sorts of subjects are told (who is new makes more mistakes), the figure is multiplied by how often the others of
the same sort did it against their own figures: strata for each sort would be too thin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pos.domain.peers.seen import Level, Table
from pos.domain.peers.special import Array

LEANING = 4.0
"""How many events the belief is worth that a stratum is like the broader one: rates differ by about half."""
NEVER_SEEN = 0.5
"""Added to all the peers' events: that nobody ever did it does not make it impossible (Jeffreys' prior)."""
SORT_SPREAD = 0.4
"""So much people of one sort are thought to differ, standard deviation, before it is seen."""
FINE = 2
"""At this level a stratum is told by lane and hours, so comparable."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """All [subjects], each from the others alone.

    expected: events. doubt: squared coefficient of variation of that figure by the chance in the peers' counts, and by
    how well the sort is known. peers: how many equally contributing peers it comes from. support: share of it where
    the others together worked as much, in the same kind of lane at the same hours.
    """

    expected: Array
    doubt: Array
    peers: Array
    support: Array


@dataclass(frozen=True, slots=True)
class _Rates:
    """At one level [subjects, groups]: the peers' exposure and counts without the subject, their rate there, and the
    share of that rate that is their own experience rather than the broader level's."""

    exposure: Array
    counted: Array
    rate: Array
    own: Array


def expectations(table: Table, weights: Array) -> Expectation:
    """What was to be expected of each subject by the others, who count by `weights` [subjects], 0 to 1.

    Nobody's own counts enter their own figure. With no peers at all the expectation is 0.
    """
    rates = _rates(table, weights)
    leaf = table.levels[-1].exposure * rates[-1].rate
    expected = leaf.sum(axis=1)
    shares = leaf / np.maximum(expected, 1e-300)[:, None]
    counted = np.square(shares) / (rates[-1].counted + LEANING)
    doubt = counted.sum(axis=1) + 1.0 / (rates[0].counted[:, 0] + NEVER_SEEN)
    credit = _credit(table, rates, weights, shares)
    squares = np.square(credit).sum(axis=1)
    peers = np.where(squares > 0, np.square(credit.sum(axis=1)) / np.maximum(squares, 1e-300), 0.0)
    factor, unsure = _sort_factor(table, expected, weights)
    return Expectation(expected * factor, doubt + unsure, peers, _support(table, rates, shares))


def _sort_factor(table: Table, expected: Array, weights: Array) -> tuple[Array, Array]:
    """How many times as often others of one's sort do it, and its squared coefficient of variation, all [subjects].

    Shrunk towards 1 as if 1 had been seen LEANING times; a few people of a sort are worth few events, however many
    they counted, because people differ.
    """
    if len(set(table.sorts)) < 2:
        return np.ones_like(expected), np.zeros_like(expected)
    names = np.array(table.sorts)
    others = (names[:, None] == names[None, :]) * weights
    np.fill_diagonal(others, 0.0)
    counted, foreseen = others @ table.observed, others @ expected
    alone = foreseen <= 0
    foreseen = np.where(alone, 1.0, foreseen)
    equal = np.square(foreseen) / np.maximum(np.square(others) @ np.square(expected), 1e-300)
    worth = 1.0 / (1.0 / (counted + NEVER_SEEN) + SORT_SPREAD**2 / np.maximum(equal, 1e-9))
    worth = np.where(alone, 0.0, worth)
    return (worth * counted / foreseen + LEANING) / (worth + LEANING), 1.0 / (worth + LEANING)


def _rates(table: Table, weights: Array) -> list[_Rates]:
    found: list[_Rates] = []
    for level in table.levels:
        exposure, counted = _without_oneself(level.exposure, weights), _without_oneself(level.observed, weights)
        if not found:
            counted_up = counted + NEVER_SEEN
            rate = np.where(exposure > 0, counted_up / np.maximum(exposure, 1e-300), 0.0)
            found.append(_Rates(exposure, counted, rate, np.where(exposure > 0, 1.0, 0.0)))
            continue
        broader = found[-1].rate[:, level.above]
        leant = LEANING / np.maximum(broader, 1e-300)
        rate = np.where(broader > 0, (counted + LEANING) / (exposure + leant), 0.0)
        found.append(_Rates(exposure, counted, rate, exposure / (exposure + leant)))
    return found


def _without_oneself(numbers: Array, weights: Array) -> Array:
    """The weighted sum over all others [subjects, groups]."""
    weighted = weights[:, None] * numbers
    # What is left of nothing may be a rounding error below zero.
    return np.asarray(np.maximum(weighted.sum(axis=0) - weighted, 0.0))


def _credit(table: Table, rates: list[_Rates], weights: Array, shares: Array) -> Array:
    """How much of each subject's expectation comes from each peer [subjects, subjects].

    From fine to coarse: of each share so much is the level's own experience, by the peers' exposure there; the rest
    is passed on to the level above.
    """
    credit = np.zeros((len(table.subjects), len(table.subjects)))
    left = shares
    for depth in range(len(table.levels) - 1, -1, -1):
        level, at = table.levels[depth], rates[depth]
        own = left * at.own
        # An exposure that is but a rounding error is nobody's experience.
        spread = np.where(at.exposure > 1e-9, own / np.maximum(at.exposure, 1e-300), 0.0)
        credit += spread @ (weights[:, None] * level.exposure).T
        left = _passed_up(left - own, level, table.levels[depth - 1]) if depth else left
    np.fill_diagonal(credit, 0.0)
    return credit


def _support(table: Table, rates: list[_Rates], shares: Array) -> Array:
    """By who was there, not by what happened: of what never happens much is known too."""
    for depth in range(len(table.levels) - 1, FINE, -1):
        shares = _passed_up(shares, table.levels[depth], table.levels[depth - 1])
    own = table.levels[FINE].exposure
    there = np.minimum(rates[FINE].exposure / np.where(own > 0, own, 1.0), 1.0)
    return np.asarray((shares * there).sum(axis=1))


def _passed_up(left: Array, level: Level, broader: Level) -> Array:
    passed = np.zeros((left.shape[0], broader.exposure.shape[1]))
    np.add.at(passed.T, level.above, left.T)
    return passed
