"""Whom fair peer scores point out in simulated months at the tills, against the two customary rules on the same data.

    python -m benchmarks.peers [--months 24] [--honest 8] [--first-seed 7001]

Each month has 48 cashiers, slow, new, busy, at the self-checkout, at the service desk or in the evening, and three
schemes of five kinds, from hardly to be seen to reckless (shrink/simulator/month.py). A finding is a cashier and a kind
of exception. The rules: a rate above the mean of all rates by one standard deviation, and a rate above 1.5 times the
median of the peers; each also on observed over expected, to tell what comparing like with like is worth alone. "True
rates known" is what the counts hold: it knows every rate and how much cashiers differ. All are
spared the same cashiers of whom too little was seen. Intervals: bootstrap over months. Average precision is that of the
order by score, whatever the threshold. Nothing that judges is told a scheme.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from pos.domain.peers.counting import at_least
from pos.domain.peers.discovery import q_values
from pos.domain.peers.score import Params, PeerReport, peer_scores
from pos.domain.peers.seen import KINDS, Exposure, Seen, Stratum
from shrink.simulator.month import HABITS, SCHEMES, Month, month

FIRST_SEED = 7_001
HONEST_SEEDS = 50_000
UNTOLD_MONTHS = 6
RESAMPLES = 2_000
OURS = "fair peer scores"
LAXER = 0.2, 0.5
BOLD_EDGES = 1.0, 2.3
BOLD = "0.5-1", "1-2.3", "2.3-5"
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a method says of one month: how far each cell stands out, and which are pointed out."""

    marks: Mapping[Cell, float]
    found: frozenset[Cell]


def ours(report: PeerReport, false_share: float) -> Verdicts:
    marks = {(s.subject, s.kind.name): -log(max(s.chance, 1e-300)) for s in report.scores}
    return Verdicts(marks, frozenset((s.subject, s.kind.name) for s in report.scores if s.q_value <= false_share))


def all_knowing(month: Month, report: PeerReport, false_share: float) -> Verdicts:
    """What could be found from counts if the true rates, and how much cashiers differ, were known."""
    cells = [(s.subject, s.kind.name) for s in report.scores]
    chances = at_least(
        np.array([float(s.observed) for s in report.scores]),
        np.array([month.means[cell][0] for cell in cells]),
        np.array([HABITS[kind] ** -2 for _, kind in cells]),
    ).tolist()
    found = frozenset(cell for cell, q in zip(cells, q_values(chances), strict=True) if q <= false_share)
    return Verdicts({cell: -log(max(p, 1e-300)) for cell, p in zip(cells, chances, strict=True)}, found)


def by_mean(rates: np.ndarray) -> np.ndarray:
    """Standard deviations above the mean; beyond 1 it is pointed out."""
    return (rates - rates.mean()) / max(float(rates.std()), 1e-12)


def by_median(rates: np.ndarray) -> np.ndarray:
    """Times the median of the others, over 1.5; beyond 1 it is pointed out."""
    others = np.array([np.median(np.delete(rates, k)) for k in range(len(rates))])
    return rates / np.maximum(others, 1e-9) / 1.5


def customary(rates: Mapping[Cell, float], rule: Callable[[np.ndarray], np.ndarray]) -> Verdicts:
    marks: dict[Cell, float] = {}
    for kind in KINDS:
        cells = sorted(cell for cell in rates if cell[1] == kind.name)
        if len(cells) > 1:
            marks |= dict(zip(cells, rule(np.array([rates[cell] for cell in cells])).tolist(), strict=True))
    return Verdicts(marks, frozenset(cell for cell, mark in marks.items() if mark > 1.0))


def judged(report: PeerReport) -> dict[str, Verdicts]:
    """Every method's verdicts on what the tills told."""
    raw = {(s.subject, s.kind.name): s.observed / s.exposure for s in report.scores}
    fair = {(s.subject, s.kind.name): s.observed / s.expected for s in report.scores}
    return {
        OURS: ours(report, Params().false_share),
        **{f"fair, up to {share:.0%} wrong": ours(report, share) for share in LAXER},
        "mean + 1 sd": customary(raw, by_mean),
        "1.5 x median": customary(raw, by_median),
        "mean + 1 sd of o/e": customary(fair, by_mean),
        "1.5 x median of o/e": customary(fair, by_median),
    }


@dataclass(frozen=True, slots=True)
class Played:
    month: Month
    report: PeerReport
    verdicts: Mapping[str, Verdicts]


def seen_of(month: Month) -> list[Seen]:
    """What the tills told, and nothing else of the month."""
    return [
        Seen(
            row.operator,
            Stratum(row.lane, row.hours, row.basket),
            {Exposure(name): amount for name, amount in row.exposure.items()},
            row.counts,
        )
        for row in month.rows
    ]


def played(months: Sequence[Month], newness_told: bool = True) -> list[Played]:
    runs = []
    for each in months:
        report = peer_scores(seen_of(each), sorts=each.sorts if newness_told else None)
        known = {"true rates known": all_knowing(each, report, Params().false_share)}
        runs.append(Played(each, report, judged(report) | known))
    return runs


def between(tops: np.ndarray, bottoms: np.ndarray, seed: int = 1) -> tuple[float, float, float]:
    """The ratio of two sums over months, and its 95 % bootstrap interval."""
    if not bottoms.sum():
        return 0.0, 0.0, 0.0
    drawn = np.random.default_rng(seed).integers(len(tops), size=(RESAMPLES, len(tops)))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = tops[drawn].sum(axis=1) / bottoms[drawn].sum(axis=1)
    low, high = np.nanquantile(ratios, [0.025, 0.975])
    return float(tops.sum() / bottoms.sum()), float(low), float(high)


def average_precision(runs: Sequence[Played], name: str) -> float:
    """Of all cells of all months in one order; what is not judged counts as never found."""
    marks = [(mark, cell in run.month.truth) for run in runs for cell, mark in run.verdicts[name].marks.items()]
    right = np.array([hit for _, hit in sorted(marks, key=lambda pair: -pair[0])], dtype=float)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float((precision * right).sum() / sum(len(run.month.truth) for run in runs))


def main_table(runs: Sequence[Played]) -> None:
    planted = np.array([len(run.month.truth) for run in runs])
    print(f"{'':22}{'precision':>20}{'recall':>20}{'pointed out':>13}{'wrong':>7}{'wrong share':>13}{'AP':>7}")
    for name in runs[0].verdicts:
        found = np.array([len(run.verdicts[name].found) for run in runs])
        right = np.array([len(run.verdicts[name].found & run.month.truth) for run in runs])
        precision, recall = between(right, found), between(right, planted)
        wrong = float(((found - right) / np.maximum(found, 1)).mean())
        cells = "".join(f"{f'{v:.2f} ({low:.2f}-{high:.2f})':>20}" for v, low, high in (precision, recall))
        print(
            f"{name:22}{cells}{found.mean():11.1f}/m{(found - right).mean():7.2f}{wrong:13.3f}"
            f"{average_precision(runs, name):7.2f}"
        )


def fairness_table(runs: Sequence[Played]) -> None:
    """How often honest cashiers are pointed out, by what sort they are."""
    seen: dict[str, int] = defaultdict(int)
    hit: dict[tuple[str, str], int] = defaultdict(int)
    for run in runs:
        schemers = {subject for subject, _ in run.month.truth}
        for cashier in run.month.cashiers:
            if cashier.pseudonym in schemers:
                continue
            seen[cashier.sort] += 1
            for name, verdicts in run.verdicts.items():
                hit[name, cashier.sort] += any(subject == cashier.pseudonym for subject, _ in verdicts.found)
    sorts = sorted(seen)
    print(f"\nHonest cashiers pointed out for anything, %\n{'':22}" + "".join(f"{sort:>15}" for sort in sorts))
    print(f"{'cashier-months':22}" + "".join(f"{seen[sort]:15}" for sort in sorts))
    for name in runs[0].verdicts:
        print(f"{name:22}" + "".join(f"{100 * hit[name, sort] / seen[sort]:15.1f}" for sort in sorts))


def scheme_table(runs: Sequence[Played]) -> None:
    """What is found by scheme and by how bold it is."""
    tally: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for run in runs:
        for cashier in run.month.cashiers:
            if not cashier.scheme:
                continue
            cell = (cashier.pseudonym, SCHEMES[cashier.scheme][0])
            bold = BOLD[int(np.searchsorted(BOLD_EDGES, cashier.boldness))]
            for key in ((cashier.scheme, bold), (cashier.scheme, "all"), ("all", bold)):
                tally[key][0] += cell in run.verdicts[OURS].found
                tally[key][1] += 1
    columns = (*BOLD, "all")
    print(f"\nSchemes found by {OURS}, by acts a shift\n{'':26}" + "".join(f"{column:>12}" for column in columns))
    for scheme in (*SCHEMES, "all"):
        cells = [tally[scheme, column] for column in columns if (scheme, column) != ("all", "all")]
        print(f"{scheme:26}" + "".join(f"{f'{a} of {b}' if b else '-':>12}" for a, b in cells))


def coverage(runs: Sequence[Played]) -> tuple[int, int]:
    """How many honest true ratios lie in their intervals. A true ratio is how far the cashier's own mean is from an
    ordinary one, against all peers together, so that it is only nearly the one that was compared."""
    inside = total = 0
    for run in runs:
        for kind in KINDS:
            scores = [s for s in run.report.scores if s.kind == kind]
            usual = sum(run.month.means[s.subject, kind.name][0] for s in scores)
            done = sum(run.month.means[s.subject, kind.name][1] for s in scores)
            for s in scores:
                if (s.subject, kind.name) in run.month.truth:
                    continue
                ordinary, own = run.month.means[s.subject, kind.name]
                true = own / ordinary / ((done - own) / (usual - ordinary))
                inside += s.low <= true <= s.high
                total += 1
    return inside, total


def newness_untold(runs: Sequence[Played]) -> None:
    """What it is worth to say who is new."""
    print(f"\nOf the first {len(runs)} months, findings that are right, wrong, and wrong about somebody new")
    for words, told in (("told who is new", runs), ("not told", played([run.month for run in runs], False))):
        found = [(cell in run.month.truth, cell[0] in run.month.sorts) for run in told for cell in found_in(run)]
        wrong = [new for right, new in found if not right]
        print(f"  {words:18}{len(found) - len(wrong):4}{len(wrong):4}{sum(wrong):4}")


def found_in(run: Played) -> frozenset[Cell]:
    return run.verdicts[OURS].found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--honest", type=int, default=8, help="months without any scheme")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    options = parser.parse_args()
    began = time.process_time()
    seeds = range(options.first_seed, options.first_seed + options.months)
    runs = played([month(seed) for seed in seeds])
    schemes = sum(len(run.month.truth) for run in runs)
    print(f"{options.months} months, {schemes} schemes, {sum(len(run.report.scores) for run in runs)} scores\n")
    main_table(runs)
    fairness_table(runs)
    scheme_table(runs)
    inside, total = coverage(runs)
    print(f"\nHonest true ratios inside their 95 % intervals: {100 * inside / total:.1f} % of {total}")
    newness_untold(runs[:UNTOLD_MONTHS])
    if options.honest:
        first = options.first_seed + HONEST_SEEDS
        clean = played([month(seed, schemes=0) for seed in range(first, first + options.honest)])
        print(f"Of {options.honest} months without a scheme some cashier was pointed out in:")
        for name in clean[0].verdicts:
            counts = [len(run.verdicts[name].found) for run in clean]
            print(f"  {name:22}{sum(map(bool, counts)):3}, {sum(counts) / len(counts):.1f} cells a month")
    print(f"\n{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
