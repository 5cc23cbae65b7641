"""Who is pointed out, of whom nothing is said, and how it is said."""

import random

import numpy as np
import pytest

from pos.domain.peers.score import LEAST_EXPOSURE, Params, Silence, Standing, peer_scores
from pos.domain.peers.seen import KINDS, Exposure, Stratum
from tests.unit.pos.peers.crew import DAY, NIGHT, REFUND, VOID, crew, drawn, score_of, worked

KIOSK_BY_NIGHT = [*crew([2] * 12), *crew([20, 18, 23, 17, 22, 21], NIGHT, first="n")]


def test_a_night_cashier_at_a_kiosk_is_compared_with_nights_at_kiosks() -> None:
    """Ten times the refunds of the others, as everybody there: the customary rule would point it out."""
    report = peer_scores([*KIOSK_BY_NIGHT, worked("z", 21, NIGHT)], [REFUND])
    score = score_of(report, "z")
    assert 1.5 * float(np.median([row.counts["refund"] for row in KIOSK_BY_NIGHT])) < 21
    assert score.expected == pytest.approx(20, rel=0.1)
    assert score.low < 1 < score.high
    assert report.unusual == ()


def test_the_same_count_by_day_is_pointed_out() -> None:
    report = peer_scores([*KIOSK_BY_NIGHT, worked("z", 21, DAY)], [REFUND])
    assert [score.subject for score in report.unusual] == ["z"]


def test_the_busy_are_not_pointed_out_for_being_busy() -> None:
    report = peer_scores([*crew([5, 4, 6, 5, 7, 3, 5, 6, 4, 5]), worked("z", 26, tickets=5000)], [REFUND])
    assert score_of(report, "z").standing is Standing.USUAL


@pytest.mark.parametrize(("tickets", "said"), [(299.9, False), (300.0, True)])
def test_below_a_least_exposure_nothing_is_said(tickets: float, said: bool) -> None:
    report = peer_scores([*crew([5] * 10), worked("z", 77, tickets=tickets)], [REFUND])
    assert [u.subject for u in report.unsaid] == ([] if said else ["z"])
    if not said:
        (unsaid,) = report.unsaid
        assert unsaid.why is Silence.TOO_LITTLE_SEEN
        assert unsaid.sentence == "Too little seen to say anything."
        assert "77" not in repr(unsaid)


def test_each_kind_has_the_least_exposure_of_what_it_happens_on() -> None:
    assert set(LEAST_EXPOSURE) == set(Exposure) == {kind.per for kind in KINDS}
    params = Params(least_exposure={Exposure.LINES: 1e9})
    report = peer_scores(crew([5] * 10), [REFUND, VOID], params)
    assert {score.kind for score in report.scores} == {REFUND}
    assert {unsaid.kind for unsaid in report.unsaid} == {VOID}


def test_who_works_where_nobody_else_does_is_not_compared() -> None:
    report = peer_scores([*crew([5] * 10), worked("z", 50, NIGHT)], [REFUND])
    (unsaid,) = report.unsaid
    assert (unsaid.subject, unsaid.why) == ("z", Silence.NOBODY_COMPARABLE)


def test_one_peer_at_the_same_hours_is_no_peer_group() -> None:
    rows = [*crew([5] * 10), worked("y", 200, NIGHT, 9000), worked("z", 50, NIGHT)]
    silent = {u.subject: u.why for u in peer_scores(rows, [REFUND]).unsaid}
    assert silent == {"y": Silence.NOBODY_COMPARABLE, "z": Silence.TOO_FEW_PEERS}


@pytest.mark.parametrize("people", [1, 2, 5])
def test_few_people_are_no_peer_group(people: int) -> None:
    report = peer_scores(crew([9] * people), [REFUND])
    assert report.scores == () and report.groups == ()
    assert {u.why for u in report.unsaid} == {Silence.TOO_FEW_PEERS}


@pytest.mark.parametrize("count", [0, 1, 40])
def test_all_alike_nobody_stands_out(count: int) -> None:
    report = peer_scores(crew([count] * 12), [REFUND])
    assert len(report.scores) == 12
    assert report.unusual == ()
    for score in report.scores:
        assert np.isfinite([score.ratio, score.low, score.high, score.chance]).all()
        assert score.low <= 1 <= score.high


def test_what_nobody_else_ever_did() -> None:
    report = peer_scores([*crew([0] * 30), worked("z", 12)], [REFUND])
    assert [score.subject for score in report.unusual] == ["z"]


def test_of_nothing_nothing() -> None:
    report = peer_scores([])
    assert (report.scores, report.unsaid, report.groups) == ((), (), ())


def test_the_order_makes_no_difference() -> None:
    rows, _ = drawn(5, 20, 0.4, 12)
    rows += [worked(row.subject, 2, NIGHT, 333.3) for row in rows[::3]]
    shuffled = rows.copy()
    random.Random(4).shuffle(shuffled)
    assert peer_scores(rows, [REFUND, VOID]) == peer_scores(shuffled, [VOID, REFUND][::-1])


def test_names_make_no_difference() -> None:
    rows, _ = drawn(6, 15, 0.3, 12)
    renamed = [worked(f"x-{99 - k}", row.counts["refund"]) for k, row in enumerate(rows)]
    scores, others = (sorted(s.chance for s in peer_scores(r, [REFUND]).scores) for r in (rows, renamed))
    assert scores == pytest.approx(others, rel=1e-9)


def test_all_that_is_looked_at_counts_together() -> None:
    """What stands out alone need not when six other kinds were looked at as well."""
    rows = [*crew([10] * 30), worked("z", 24)]
    alone, among = peer_scores(rows, [REFUND]), peer_scores(rows, [REFUND, VOID])
    assert score_of(among, "z").chance == score_of(alone, "z").chance
    assert score_of(among, "z").q_value > score_of(alone, "z").q_value


def test_somebody_new_among_the_new() -> None:
    rows = [*crew([20] * 25), *crew([48, 52, 55, 45, 50, 49, 51], first="n"), worked("z", 52)]
    new = {f"n-{k:03d}": "new" for k in range(7)} | {"z": "new"}
    told = score_of(peer_scores(rows, [REFUND], sorts=new), "z")
    untold = score_of(peer_scores(rows, [REFUND]), "z")
    assert told.expected > 1.7 * untold.expected
    assert told.standing is Standing.USUAL
    assert "allowing for “new”" in told.sentence


def test_lanes_are_scored_like_people() -> None:
    report = peer_scores(
        [*crew([6] * 10, first="L"), worked("L9", 60, Stratum("staffed", "09-13", "medium"))], [REFUND]
    )
    assert [score.subject for score in report.unusual] == ["L9"]


def test_the_sentence_of_what_stands_out() -> None:
    sentence = score_of(peer_scores([*crew([5, 6, 4, 5, 5, 6, 4, 5] * 3), worked("z", 40)], [REFUND]), "z").sentence
    assert sentence.startswith("40 refunds where 5.0 were to be expected at these lanes, hours and baskets: ")
    assert " times as often, 95 % between " in sentence
    assert "the usual differences between the 24 peers explain" in sentence
    assert "There may be a good reason" in sentence


def test_no_sentence_accuses() -> None:
    rows = [*crew([5] * 20), worked("z", 90), worked("y", 3, tickets=10)]
    report = peer_scores(rows, [REFUND, VOID])
    sentences = " ".join([*(s.sentence for s in report.scores), *(u.sentence for u in report.unsaid)]).lower()
    for word in ("theft", "fraud", "suspic", "steal", "guilt", "dishonest"):
        assert word not in sentences


def test_among_honest_people_chances_are_what_they_say() -> None:
    chances, inside = [], []
    for seed in range(4):
        rows, ratios = drawn(seed, 40, 0.35, 25)
        for score, true in zip(peer_scores(rows, [REFUND]).scores, ratios, strict=True):
            chances.append(score.chance)
            inside.append(score.low <= true <= score.high)
    assert np.mean(np.array(chances) <= 0.05) == pytest.approx(0.05, abs=0.035)
    assert np.mean(np.array(chances) <= 0.5) == pytest.approx(0.5, abs=0.1)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.035)


def test_the_version_is_kept_with_the_score() -> None:
    assert peer_scores(crew([5] * 8), [REFUND]).scores[0].version == "peers-1"
