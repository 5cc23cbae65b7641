"""Lane-days: the same by seed, as hard as asked, consistent with their truth, which their streams do not betray."""

import re
from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks.alignment.day import LaneDay
from benchmarks.alignment.generator import DEV_SEEDS, TEST_SEEDS, lane_day
from benchmarks.alignment.level import HARD, LEVELS, MID, NUISANCES, SCALED_LAWS, SCALED_RATES, UNCAPPED, Level
from cases.domain.alignment.types import PosLine, Sighting

DAYS: dict[tuple[str, int], LaneDay] = {}


def day(level: Level, seed: int) -> LaneDay:
    key = (level.name, seed)
    if key not in DAYS:
        DAYS[key] = lane_day(level, seed)
    return DAYS[key]


def causes(level: Level, seeds: range = range(4)) -> Counter[str]:
    return sum((Counter(day(level, seed).truth.pass_cause.values()) for seed in seeds), Counter())


def items(level: Level, seeds: range = range(4)) -> int:
    return sum(day(level, seed).truth.items for seed in seeds)


@pytest.mark.parametrize("level", LEVELS.values(), ids=str)
def test_a_day_is_the_same_by_seed(level: Level) -> None:
    first, again = lane_day(level, 3, hours=1.0), lane_day(level, 3, hours=1.0)
    assert (first.passes, first.lines, first.gaps) == (again.passes, again.lines, again.gaps)
    assert first.truth == again.truth
    assert lane_day(level, 4, hours=1.0).passes != first.passes


def test_a_staffed_day_is_as_busy_as_the_domain_says() -> None:
    busy = [len(day(MID, seed).passes) for seed in range(4)]
    assert 2400 < np.mean(busy) < 3600


@pytest.mark.parametrize("level", LEVELS.values(), ids=lambda level: level.name)
def test_rates_come_near_those_asked_for(level: Level) -> None:
    """Four days: three standard deviations, and a fifth for what depends on other deeds."""
    found, moved = causes(level), items(level)
    seen = 1 - level.missed
    wanted = {
        "no_scan": level.no_scan * seen,
        "double": level.duplicates * seen,
        "spurious": level.spurious,
        "own_bag": level.own_bag,
        "retry": level.retries * (1 + level.second_retry) * seen * 0.85,
    }
    for cause, rate in wanted.items():
        share = found[cause] / moved
        assert abs(share - rate) < 3 * np.sqrt(rate / moved) + 0.2 * rate, (cause, share, rate)


@pytest.mark.parametrize("method", ["scanned", "weighed", "keyed"])
def test_delays_follow_their_laws(method: str) -> None:
    """Medians, because outliers and bagged items are meant to spoil the mean."""
    delays = []
    for seed in range(3):
        one = day(MID, seed)
        lines, passed = {line.key: line for line in one.lines}, {p.key: p.at for p in one.passes}
        delays += [
            lines[paid].at - passed[seen] - one.truth.offset_at(passed[seen])
            for seen, paid in one.truth.pairs.items()
            if lines[paid].entry_method == method
        ]
    mean = {"scanned": MID.scan_delay, "weighed": MID.weighed_delay, "keyed": MID.keyed_delay}[method][0]
    assert abs(np.median(delays) - mean) < 0.35


@pytest.mark.parametrize("level", [*LEVELS.values(), HARD.scaled(2)], ids=lambda level: level.name)
def test_truth_covers_both_streams_and_agrees_with_itself(level: Level) -> None:
    one = day(level, 1)
    truth, seen, told = one.truth, {p.key: p for p in one.passes}, {line.key: line for line in one.lines}
    assert len(seen) == len(one.passes) and len(told) == len(one.lines)
    assert truth.pass_cause.keys() == truth.item_of.keys() == seen.keys()
    assert truth.line_cause.keys() == told.keys()
    assert all(truth.pass_cause[key] == "paid" for key in truth.pairs)
    assert all(truth.line_cause[key] == "passed" for key in truth.pairs.values())
    assert {key for key, cause in truth.line_cause.items() if cause == "passed"} == set(truth.pairs.values())
    unpaid = {item.item for item in truth.stolen}
    for key, cause in truth.pass_cause.items():
        assert (truth.item_of[key] in unpaid) == (cause == "no_scan") or cause == "double"
        assert bool(truth.item_of[key]) <= (cause not in ("own_bag", "spurious", "put_back", "price_inquiry"))
    for item in truth.stolen:
        assert item.cents > 0
        assert all(truth.item_of[key] == item.item and abs(seen[key].at - item.at) < 4 for key in item.passes)


def test_streams_are_in_order_of_their_own_clock() -> None:
    for level in LEVELS.values():
        one = day(level, 1)
        assert [p.at for p in one.passes] == sorted(p.at for p in one.passes)
        assert [line.at for line in one.lines] == sorted(line.at for line in one.lines)


def test_lines_of_a_ticket_make_a_receipt() -> None:
    one = day(MID, 2)
    for transaction in {line.transaction for line in one.lines if line.transaction}:
        lines = [line for line in one.lines if line.transaction == transaction]
        assert lines[0].type == "ticket_open" and lines[-1].type == "ticket_close"
        numbers = [line.line for line in lines if line.line is not None and line.type != "quantity_change"]
        assert numbers == list(range(1, len(numbers) + 1))
        scanned = {line.line: line for line in lines if line.type == "scan"}
        voids = [line for line in lines if line.type == "void"]
        assert all(scanned[line.voids_line].gtin == line.gtin for line in voids)


def test_keys_and_fields_betray_nothing() -> None:
    """Keys count the stream; what else is told of unpaid goods is drawn as for paid ones."""
    one = day(HARD, 1)
    assert [p.key for p in one.passes] == [f"v{n:06d}" for n in range(len(one.passes))]
    assert all(re.fullmatch(r"p\d{6}", line.key) for line in one.lines)
    assert all(p.track == f"s{p.key[1:]}" for p in one.passes)
    words = {word for word in one.truth.pass_cause.values() if word != "return"}
    told = {str(getattr(p, f.name)) for p in one.passes for f in fields(Sighting) if f.name != "type"}
    told |= {str(getattr(line, f.name)) for line in one.lines for f in fields(PosLine) if f.name != "type"}
    assert not told & words
    by_cause: dict[str, list[Sighting]] = {}
    for seed in range(4):
        for p in day(HARD, seed).passes:
            by_cause.setdefault(day(HARD, seed).truth.pass_cause[p.key], []).append(p)
    paid, unpaid = by_cause["paid"], by_cause["no_scan"]
    assert {p.type for p in unpaid} == {p.type for p in paid} == {"item_pass"}
    assert {p.path for p in unpaid} == {p.path for p in paid}
    assert abs(np.mean([p.confidence for p in unpaid]) - np.mean([p.confidence for p in paid])) < 0.05


def test_the_clock_is_as_far_off_as_the_level_says() -> None:
    for seed in range(6):
        clock = lane_day(HARD, seed, hours=0.2).truth.clock
        assert abs(clock.offset_s) <= 90 and abs(clock.skew_ppm) == 100 and abs(clock.step_s) == 2.5
        later = clock.start + 1000.0
        drift = clock.offset_at(later) - clock.offset_at(clock.start)
        stepped = clock.step_s if clock.start < clock.step_at <= later else 0.0
        assert drift == pytest.approx(clock.skew_ppm * 1e-3 + stepped)
    assert all(line.at == int(line.at) for line in day(HARD, 1).lines)
    assert any(line.at != int(line.at) for line in day(MID, 1).lines)


def test_a_feed_gap_is_reported_and_silent() -> None:
    one = day(HARD, 1)
    (gap,) = one.gaps
    assert gap.witness == "pos" and 115 < gap.end - gap.start < 125
    assert not [line for line in one.lines if gap.start < line.at < gap.end - 1]
    assert not day(MID, 1).gaps


def test_a_burst_receipt_comes_at_its_total() -> None:
    one = lane_day(replace(MID, burst=True), 1, hours=1.0)
    total = {line.transaction: line.at for line in one.lines if line.type == "subtotal"}
    assert all(abs(line.at - total[line.transaction]) < 0.01 for line in one.lines if line.type == "scan")
    assert {line.granularity for line in one.lines} == {"transaction"}


def test_looks_tell_articles_apart_only_where_asked_for() -> None:
    assert all(p.colour is None and p.area_n is None for p in day(MID, 1).passes)
    one = lane_day(replace(MID, appearance=True), 1)
    gtin = {line.key: line.gtin for line in one.lines}
    looks: dict[str, list[tuple[float, float, float]]] = {}
    for p in one.passes:
        assert p.colour and p.area_n
        if p.key in one.truth.pairs:
            looks.setdefault(gtin[one.truth.pairs[p.key]], []).append(p.colour)
    within = np.mean([np.std(np.array(seen), axis=0).mean() for seen in looks.values() if len(seen) > 5])
    between = np.std([np.mean(seen, axis=0) for seen in looks.values()], axis=0).mean()
    assert within < 0.5 * between


@pytest.mark.parametrize("nuisance", NUISANCES)
def test_each_nuisance_can_be_left_out(nuisance: str) -> None:
    calm = HARD.without(nuisance)
    assert calm != replace(HARD, name=calm.name)
    assert lane_day(calm, 0, hours=0.3).passes


def test_leaving_out_leaves_out() -> None:
    gone = {"duplicates": "double", "spurious": "spurious", "retries": "retry", "own_bag": "own_bag"}
    for nuisance, cause in gone.items():
        one = lane_day(HARD.without(nuisance), 1, hours=1.5)
        assert cause not in one.truth.pass_cause.values()


def test_levels_of_one_seed_share_their_unpaid_items() -> None:
    """Else a comparison of levels would mostly compare chances."""

    def goods(level: Level) -> list[int]:
        return [item.cents for item in lane_day(level, 7, hours=2.0).truth.stolen]

    assert goods(MID) == goods(HARD) == goods(HARD.without("duplicates"))
    assert abs(len(goods(HARD)) - len(goods(HARD.scaled(2)))) <= 2


def test_scaling_touches_nuisances_and_not_the_question() -> None:
    double = HARD.scaled(2)
    for name in (*SCALED_RATES, *UNCAPPED):
        assert getattr(double, name) == pytest.approx(2 * getattr(HARD, name)) or getattr(double, name) == 0.9
    for name in SCALED_LAWS:
        assert getattr(double, name) == tuple(2 * value for value in getattr(HARD, name))
    assert double.no_scan == HARD.no_scan and double.offset_max_s == HARD.offset_max_s


def test_seeds_for_developing_and_testing_do_not_meet() -> None:
    assert not set(DEV_SEEDS) & set(TEST_SEEDS)
