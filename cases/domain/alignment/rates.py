"""What the judge takes for true of a lane: beliefs beforehand, moved by what its own streams have shown."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.cadence import Cadence, prior_shares
from cases.domain.alignment.params import Law, Params
from cases.domain.alignment.tally import ECHO_EDGES, GAP_EDGES, SURE_EDGES, Tally

Array = NDArray[np.float64]
MEAN_SD_S = 0.5
"""How far the mean delay of a slow entry may lie from the belief, before it is seen."""
UNPAID_TIMES = 0.5, 4.0
"""Between these times the belief the share of unpaid items is learnt."""
MOST_SPURIOUS, MOST_DOUBLES, MOST_ATTEMPTS = 0.1, 8.0, 3.0
"""What is innocent may be learnt so far and no further: else a lane where one item of four is never rung up would teach
that this is how its items behave."""
LABEL_WEIGHT = 4.0
"""What is believed of labels counts as so many passes."""
NAMELESS, NAMED = 2.5, 0.15
"""What eyes that tell goods apart give no name of its own is so much likelier nothing; what they name, so much less."""
GENERIC = frozenset({"", "item", "object", "product", "goods"})
LESS_SURE = 1.2
"""Of nothing the eyes are less sure than of goods, by so many spreads of their confidence."""
WORKING_S, PACE_WEIGHT = 20.0, 4.0
"""Gaps that long are pauses; the usual pace counts as so many gaps."""
ATTEMPTS = 0.9
"""Share of repeats by hand that are attempts before the one that counts."""
ANY_GAP = 0.02
"""Share of repeats that come at any distance."""
LEARNT_MEANS = frozenset({"keyed", "weighed", "department"})
"""The mean delay of a scan cannot be told from the clock's offset: it stays what it is believed to be."""


@dataclass(frozen=True, slots=True)
class Rates:
    """`after`, `before` [bins of ECHO_EDGES]: expected repeats of an item per second at that distance.
    `doubt` [bins of SURE_EDGES]: how much likelier such a confidence is where nothing crossed. `pace`: items/s.
    `apart`: the cadence of items with lines of their own. `fresh`: how new the lane's passes look on average."""

    laws: dict[str, Law]
    no_scan: float
    bypass: float
    spurious: float
    after: Array
    before: Array
    doubt: Array
    labels: Mapping[str, float]
    fresh: float
    deferred: float
    cadence: Cadence
    apart: Cadence
    pace: float

    @property
    def before_share(self) -> float:
        """Share of items that show a first time before they count."""
        return float((self.before * np.diff(ECHO_EDGES)).sum())

    def again(self, gap_s: Array) -> tuple[Array, Array]:
        """Density per second that the same item shows `gap_s` after, or before, it counts."""
        index = np.searchsorted(ECHO_EDGES, gap_s, side="right") - 1
        inside = (index >= 0) & (index < len(self.after))
        index = np.clip(index, 0, len(self.after) - 1)
        return np.where(inside, self.after[index], 0.0), np.where(inside, self.before[index], 0.0)


def rates_of(params: Params, tally: Tally, gaps: Array | None = None) -> Rates:
    """The posterior means: every rate its belief, worth so many items, and what was counted. `gaps` [k]: seconds
    between the passes at hand, for the pace of a lane of which little is known."""
    gaps_before = prior_shares(params) * params.weight_gaps
    items = tally.items + params.weight_echo
    after, before = prior_echoes(params)
    widths = np.diff(ECHO_EDGES)
    pace = _pace(params, tally, gaps)
    return Rates(
        laws={name: _law(name, law, tally, params) for name, law in params.laws.items()},
        no_scan=_unpaid(params.no_scan, params.weight_unpaid, tally.unpaid, tally.items),
        bypass=_unpaid(params.bypass, params.weight_unpaid, tally.bypass_unpaid, tally.items),
        spurious=min(MOST_SPURIOUS, _share(params.spurious, params.weight_spurious, tally.spurious, tally.items)),
        after=np.minimum((after * params.weight_echo + tally.after) / items, MOST_DOUBLES * after) / widths,
        before=np.minimum((before * params.weight_echo + tally.before) / items, MOST_ATTEMPTS * before) / widths,
        doubt=_doubt(params, tally),
        labels=_labels(params, tally),
        fresh=(tally.fresh + 20.0) / (tally.passes + 20.0),
        deferred=_share(params.deferred, params.weight_echo, tally.deferred, tally.items),
        cadence=_cadence(gaps_before + tally.gaps),
        apart=_cadence(gaps_before + tally.apart),
        pace=pace,
    )


def _cadence(counts: Array) -> Cadence:
    return Cadence(counts / counts.sum())


def _pace(params: Params, tally: Tally, gaps: Array | None) -> float:
    """Items per second while the lane works."""
    middles = (GAP_EDGES[1:] + GAP_EDGES[:-1]) / 2
    working = middles < WORKING_S
    here = gaps[gaps < WORKING_S] if gaps is not None else np.zeros(0)
    count = PACE_WEIGHT + tally.gaps[working].sum() + len(here)
    total = PACE_WEIGHT * params.pace_s + (tally.gaps * middles)[working].sum() + here.sum()
    return float(count / total)


def _share(belief: float, weight: float, counted: float, of: float) -> float:
    return (belief * weight + counted) / (weight + of)


def _unpaid(belief: float, weight: float, counted: float, items: float) -> float:
    """The share of unpaid items. That a lane loses several times what stores lose is improbable, and what the eyes or
    the till do wrong may look like it: the belief is worth much, and bounds what is learnt."""
    return belief * float(np.clip((belief * weight + counted) / (belief * (weight + items)), *UNPAID_TIMES))


def prior_echoes(params: Params) -> tuple[Array, Array]:
    """[bins] share of items that show once more so long after, or a first time so long before."""
    edges = ECHO_EDGES
    decay = np.exp(-edges[:-1] / params.double_mean_s) - np.exp(-edges[1:] / params.double_mean_s)
    middles = (edges[1:] + edges[:-1]) / 2
    bell = np.exp(-0.5 * ((middles - params.repeat_mean_s) / params.repeat_sd_s) ** 2) * np.diff(edges)
    bell /= bell.sum()
    wide = np.diff(edges) / edges[-1]
    bell = (1 - ANY_GAP) * bell + ANY_GAP * wide
    return (
        np.asarray(params.double * 0.75 * decay + params.repeat * (1 - ATTEMPTS) * bell),
        np.asarray(params.double * 0.25 * decay + params.repeat * ATTEMPTS * bell),
    )


def _doubt(params: Params, tally: Tally) -> Array:
    """[bins] P(confidence | nothing crossed) / P(confidence | item)."""
    middles = (SURE_EDGES[1:] + SURE_EDGES[:-1]) / 2
    items = tally.sure_items + params.weight_sure / 10 / len(middles)
    total = float(items.sum())
    usual = float((items * middles).sum() / total)
    spread = float(np.sqrt((items * (middles - usual) ** 2).sum() / total)) + 0.02
    lower = items * np.exp(-LESS_SURE * (middles - usual) / spread)
    nothing = tally.sure_spurious + params.weight_sure * lower / lower.sum()
    ratio = (nothing / nothing.sum()) / (items / total)
    return np.asarray(np.clip(ratio, 0.05, 20.0))


def _labels(params: Params, tally: Tally) -> dict[str, float]:
    """Label -> P(label | nothing crossed) / P(label | goods). A belief weighs alike on either side of one: some
    hundred goods that are called a bag, and paid for, are enough to show that here bags are goods."""
    total = sum(float(counts.sum()) for counts in tally.labels.values())
    nothing = sum(float(counts[1]) for counts in tally.labels.values())
    seen = tally.labels.keys() - params.bags
    found = {}
    for name in sorted({*tally.labels, *params.bags}):
        own = tally.labels.get(name, np.zeros(2))
        expected = nothing * (own.sum() + 0.5) / (total + 1.0)
        lean = _believed(name, seen, params) ** 0.5
        found[name] = float((own[1] + LABEL_WEIGHT * lean) / (expected + LABEL_WEIGHT / lean))
    return found


def _believed(name: str, seen: Set[str], params: Params) -> float:
    """How much likelier nothing is called `name` than goods are, by eyes that use the labels `seen`."""
    if name in params.bags:
        return params.bag_doubt
    if seen - GENERIC:  # they tell goods apart
        return NAMELESS if name in GENERIC else NAMED
    return NAMELESS if not name and len(seen) > 1 else 1.0


def _law(name: str, law: Law, tally: Tally, params: Params) -> Law:
    counts = tally.laws.get(name)
    if counts is None:
        return law
    slots, seen, weight, first, second = (float(c) for c in counts)
    share = _share(law.seen, params.weight_law, seen, slots)
    mean, sd = law.mean_s, law.sd_s
    if name in LEARNT_MEANS and weight > 0:
        precision = 1 / MEAN_SD_S**2
        mean = (law.mean_s * precision + (weight * law.mean_s + first) / sd**2) / (precision + weight / sd**2)
    off = mean - law.mean_s
    spread = second - 2 * off * first + off**2 * weight
    sd = float(np.sqrt((params.weight_spread * law.sd_s**2 + max(spread, 0.0)) / (params.weight_spread + weight)))
    return replace(law, seen=min(share, 0.995), mean_s=mean, sd_s=max(sd, 0.1))
