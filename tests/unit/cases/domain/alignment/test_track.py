"""Following the clock: offset, skew and steps, from one stretch to the next."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cases.domain.alignment.judge import judge_on
from cases.domain.alignment.track import Track, begun, contested, doubt, predicted, updated
from cases.domain.alignment.types import Clock, Quality
from tests.unit.cases.domain.alignment.scene import told, trade


def followed(skew_ppm: float, noise_s: float = 0.05, stretches: int = 90) -> Track:
    rng = np.random.default_rng(1)
    track = begun(Clock(5.0, 0.1, support=20.0), 0.0)
    for n in range(1, stretches + 1):
        at = 300.0 * n
        here = predicted(track, at)
        sd = float(np.sqrt(here.p[0]))
        gain = here.p[0] / (here.p[0] + noise_s**2)
        measured = 5.0 + skew_ppm * 1e-6 * at + rng.normal(0, noise_s)
        offset_s = here.offset + gain * (measured - here.offset)
        found = Clock(offset_s, sd * float(np.sqrt(1 - gain)), 0.3, 0.0, here.support + 10)
        track = updated(here, found, at, sd)
    return track


@pytest.mark.parametrize("skew_ppm", [-100.0, 0.0, 50.0, 100.0])
def test_a_skew_is_learnt_within_a_day(skew_ppm: float) -> None:
    track = followed(skew_ppm)
    assert track.skew * 1e6 == pytest.approx(skew_ppm, abs=8.0)
    assert track.offset == pytest.approx(5.0 + skew_ppm * 1e-6 * track.at, abs=0.05)
    assert track.clock().quality is Quality.GOOD


def test_what_is_not_known_grows_while_nothing_is_heard() -> None:
    track = followed(20.0)
    night = predicted(track, track.at + 14 * 3600.0)
    assert night.p[0] > track.p[0]
    assert night.offset == pytest.approx(track.offset + track.skew * 14 * 3600.0)


def test_a_jump_on_few_scans_is_doubted_on_many_believed() -> None:
    track = followed(0.0)
    jump = Clock(track.offset + 2.5, 0.1, 0.3, support=2.0)
    assert updated(track, jump, track.at, 0.1).stepped_at is None
    stepped = updated(track, Clock(track.offset + 2.5, 0.1, 0.3, support=9.0), track.at, 0.1)
    assert (stepped.stepped_at, stepped.step_s) == (track.at, pytest.approx(2.5))


def test_a_rival_is_believed_when_enough_has_spoken_for_it() -> None:
    track = followed(0.0)
    for _ in range(3):
        track = contested(track, (track.offset + 2.5, 8.0))
    assert doubt(track) > 0.5
    assert track.rival is not None and track.rival[0] == pytest.approx(track.offset + 2.5)
    for _ in range(3):
        track = contested(track, (track.rival[0] if track.rival else 0.0, -12.0))
    assert track.rival is None and doubt(track) == 0.0


def test_a_track_survives_being_written_down() -> None:
    track = contested(followed(30.0), (7.0, 5.0))
    assert Track.load(json.loads(json.dumps(track.dump()))) == track


def test_a_step_inside_a_stretch_is_found_where_it_is() -> None:
    day = trade(31, 40, unpaid=0.0)
    passes = sorted(day.passes, key=lambda s: s.at)
    set_at = passes[len(passes) // 2].at - 0.5
    lines = [told(line.key, line.at - 1000.0 + (8.0 if line.at > set_at else 0.0)) for line in day.lines]
    ((at, seconds),) = judge_on(passes, lines).verdicts.steps
    assert seconds == pytest.approx(8.0, abs=0.3)
    assert at == pytest.approx(set_at, abs=120.0)


@pytest.mark.parametrize("hours", [1, -1])
def test_daylight_saving_moves_the_till_by_an_hour_and_is_followed(hours: int) -> None:
    day = trade(32, 30, unpaid=0.0)
    set_at = sorted(s.at for s in day.passes)[len(day.passes) // 2]
    lines = [told(line.key, line.at - 1000.0 + (3600.0 * hours if line.at > set_at else 0.0)) for line in day.lines]
    found = judge_on(day.passes, lines).verdicts
    assert found.clock.offset_s == pytest.approx(3600.0 * hours, abs=0.3)
    assert found.clock.quality is Quality.GOOD
