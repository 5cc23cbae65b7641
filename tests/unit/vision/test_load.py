"""More video than machine: step by step down, and carefully back."""

from __future__ import annotations

import pytest

from vision.domain.load import CALM_S, LATE_S, SETTLES_S, Load, load_sentence, load_step, resting


def run(load: Load, waits_s: float, seconds: float, *, cameras: int = 4, at: float = 1000.0) -> tuple[Load, list[int]]:
    """One look every two seconds; the steps that were taken."""
    steps = []
    for number in range(int(seconds / 2)):
        after = load_step(load, waits_s, cameras, at + 2 * number)
        if after.step != load.step:
            steps.append(after.step)
        load = after
    return load, steps


def test_what_is_in_time_is_looked_at_in_full() -> None:
    assert run(Load(), 2.0, 600.0) == (Load(), [])


def test_first_fewer_pictures_then_fewer_cameras_one_step_after_the_other() -> None:
    load, steps = run(Load(), 20.0, 300.0)
    assert steps == [1, 2, 3, 4, 5], "four cameras: one is always looked at"
    assert (load.share, load.resting) == (0.5, 3)
    _, early = run(Load(), 20.0, 2 * SETTLES_S - 2)
    assert early == [1, 2], "each step is given time to work"


def test_a_calm_brings_it_back() -> None:
    late, _ = run(Load(), 20.0, 3 * SETTLES_S)
    load, steps = run(late, 1.0, 4 * CALM_S + 20, at=2000.0)
    assert steps == [*range(late.step - 1, -1, -1)]
    assert (load.share, load.resting, load_sentence(load, 10.0)) == (1.0, 0, "")


def test_what_only_just_goes_stays_as_it_is() -> None:
    late, _ = run(Load(), 20.0, 2 * SETTLES_S)
    assert run(late, LATE_S - 1, 600.0, at=2000.0)[1] == []


def test_a_way_back_that_was_too_early_is_tried_later_each_time() -> None:
    load, _ = run(Load(), 20.0, 4.0)
    tries, at = [], 2000.0
    for _ in range(4):
        began = at
        while load.step == 1:
            load, at = load_step(load, 1.0, 4, at), at + 2
        tries.append(at - began)
        while load.step == 0:
            load, at = load_step(load, 20.0, 4, at), at + 2
    assert tries == sorted(tries)
    assert tries[-1] >= 4 * tries[0]


def test_cameras_that_are_gone_need_no_rest() -> None:
    load, _ = run(Load(), 20.0, 300.0)
    assert load.step == 5
    assert load_step(load, 20.0, 1, 5000.0).step == 2


@pytest.mark.parametrize(("step", "expected"), [(0, []), (2, []), (3, [7]), (4, [7, 3]), (6, [7, 3, 2, 1])])
def test_those_of_the_least_priority_rest_of_equals_the_newest(step: int, expected: list[int]) -> None:
    assert resting(Load(step=step), [(1, 9), (2, 5), (3, 5), (7, 1)]) == expected


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (1, "7 instead of 10 pictures a second."),
        (3, "5 instead of 10 pictures a second and 1 camera rests."),
        (4, "5 instead of 10 pictures a second and 2 cameras rest."),
    ],
)
def test_it_has_a_name(step: int, words: str) -> None:
    assert load_sentence(Load(step=step), 10.0) == f"More video than this machine can look at: {words}"
