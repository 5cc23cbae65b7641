"""What evidence is worth, and how that is measured."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.vision.lane import Thing, kinds, play
from vision.domain.belief import Belief, Evidence, features
from vision.domain.types import VisualEventDraft, VisualType
from vision.pipeline.calibration import belief_beside, weights_digest
from vision.training.calibrate import calibrate, fit, labelled, predicted

OVER = ((0.0, 0.3, 0.5), (1.0, 0.3, 0.5), (2.5, 0.75, 0.5), (4.0, 0.75, 0.5))
SURE = Evidence(0.7, 0.9, 12, 0, 0.7, 7, 0.8, 30, 0.0, 0.7, 3, False, False, False, False, False, 3.0, 0.0)
AS_SEEN = Belief(-4.0, {"way_mean": 6.0})


def test_a_crossing_seen_well_is_believed_and_says_why() -> None:
    (event,) = play([Thing(OVER)], belief=AS_SEEN)
    assert event.confidence > 0.99
    assert event.attributes["calibrated"] is True
    evidence = Evidence(**event.attributes["evidence"])  # type: ignore[arg-type]
    assert evidence.way_mean == pytest.approx(0.8) and evidence.over_hits >= 5 and evidence.rest_hits > 5


def test_a_crossing_seen_faintly_is_not_said() -> None:
    """A track may be old and sure, and still what crossed under its name was a hand taken for goods."""
    rests = Thing(OVER[:2])
    hand = Thing(((1.1, 0.33, 0.5), (2.5, 0.75, 0.5), (4.0, 0.75, 0.5)), confidence=0.15)
    assert kinds(play([rests, hand])) == ["item_pass"]
    assert play([rests, hand], belief=AS_SEEN) == []


def test_without_a_calibration_nothing_claims_one() -> None:
    (event,) = play([Thing(OVER)])
    assert "calibrated" not in event.attributes


def test_names_that_a_belief_does_not_know_count_nothing() -> None:
    assert Belief(0.0, {"unheard_of": 9.0}).probability(SURE) == 0.5
    assert Belief(100.0, {}).probability(SURE) < 1.0


def test_what_is_stored_gives_the_same_features_back() -> None:
    assert features(Evidence(**json.loads(json.dumps(SURE.stored())))) == features(SURE)  # type: ignore[arg-type]


def draft(at: float, kind: VisualType = VisualType.ITEM_PASS) -> VisualEventDraft:
    return VisualEventDraft(kind, at, 1.0, "t", ("belt",), attributes={"evidence": SURE.stored()})


def test_the_nearest_event_of_its_kind_is_right_and_the_rest_invented() -> None:
    events = [draft(10.1), draft(10.4), draft(20.0, VisualType.ITEM_BYPASS), draft(33.0)]
    truth = [(10.0, "item_pass"), (20.1, "item_pass"), (32.9, "item_pass")]
    assert [right for _, right in labelled(events, truth)] == [True, False, False, True]


def test_the_fit_finds_the_curve_that_made_the_data() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(4000, 2))
    right = (rng.random(4000) < predicted(rows, np.array([0.5, 2.0, -1.0]))).astype(float)
    assert fit(rows, right, penalty=0.01) == pytest.approx([0.5, 2.0, -1.0], abs=0.25)


def test_a_calibration_is_checked_on_lanes_it_has_not_seen() -> None:
    rng, found = np.random.default_rng(4), []
    for number in range(600):
        mean = float(rng.random())
        seen = features(Evidence(**{**SURE.stored(), "way_mean": mean}))  # type: ignore[arg-type]
        found.append((number % 12, seen, bool(rng.random() < mean)))
    told = calibrate(found)
    assert told["crossings"] == 600 and 200 < told["invented"] < 400
    for part in told["reliability"]:
        assert part["believed"] == pytest.approx(part["right"], abs=0.15)


def test_a_calibration_of_other_weights_is_not_used(tmp_path: Path) -> None:
    model = tmp_path / "lane.xml"
    model.write_text("<net/>")
    model.with_suffix(".bin").write_bytes(b"weights")
    assert belief_beside(model) is None
    told = {"digest": weights_digest(model), "bias": 1.0, "weights": {"way_mean": 2.0}}
    (tmp_path / "belief.json").write_text(json.dumps(told))
    assert belief_beside(model) == Belief(1.0, {"way_mean": 2.0})
    model.with_suffix(".bin").write_bytes(b"other weights")
    assert belief_beside(model) is None
