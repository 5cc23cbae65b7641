"""The gate skips what rests and is never blind."""

from math import inf

import numpy as np
import pytest

from vision.pipeline.gate import GateConfig, GateState, gate_step, luma_blocks

SHAPE = (180, 320, 3)


def scene(
    rng: np.random.Generator, level: float = 90, noise: float = 3, square: tuple[int, float] | None = None
) -> np.ndarray:
    """A grey counter with camera noise, and a square at column `square[0]` that differs by `square[1]`."""
    image = np.full(SHAPE, level, np.float32) + rng.normal(0, noise, SHAPE)
    if square:
        image[80:110, square[0] : square[0] + 30] += square[1]
    return image.clip(0, 255).astype(np.uint8)


def looks(images: list[np.ndarray], fps: float = 10.0, patience_s: float = inf) -> list[bool]:
    state, found = GateState(), []
    for number, image in enumerate(images):
        state, look = gate_step(state, luma_blocks(image), 100 + number / fps, GateConfig(), patience_s=patience_s)
        found.append(look)
    return found


@pytest.mark.parametrize("noise", [0.0, 3.0, 8.0])
def test_rest_is_skipped_but_for_a_look_now_and_then(noise: float) -> None:
    rng = np.random.default_rng(1)
    found = looks([scene(rng, noise=noise) for _ in range(100)])
    assert all(found[:10]), "the first second is always looked at"
    assert 3 <= sum(found[15:]) <= 10


@pytest.mark.parametrize("contrast", [6, -6, 25])
def test_low_contrast_motion_opens_it(contrast: float) -> None:
    rng = np.random.default_rng(2)
    still = [scene(rng) for _ in range(30)]
    moving = [scene(rng, square=(20 + 12 * k, contrast)) for k in range(15)]
    assert all(looks(still + moving)[31:])


def test_what_creeps_adds_up() -> None:
    rng = np.random.default_rng(3)
    still = [scene(rng, square=(20, 20)) for _ in range(25)]
    creeping = [scene(rng, square=(20 + k // 2, 20)) for k in range(60)]
    assert sum(looks(still + creeping)[30:]) > 30


def test_a_step_of_light_is_looked_at() -> None:
    rng = np.random.default_rng(4)
    found = looks([scene(rng) for _ in range(30)] + [scene(rng, level=110) for _ in range(40)])
    assert all(found[30:35])
    assert not all(found[45:]), "and rests again in the new light"


def test_busy_from_the_first_frame() -> None:
    rng = np.random.default_rng(5)
    assert all(looks([scene(rng, square=((7 * k) % 280, 40)) for k in range(60)]))


def test_a_thing_on_its_way_keeps_it_open() -> None:
    rng = np.random.default_rng(6)
    assert all(looks([scene(rng) for _ in range(60)], patience_s=0.0))


def test_a_picture_of_another_size_starts_anew() -> None:
    rng = np.random.default_rng(7)
    images = [scene(rng) for _ in range(30)] + [scene(rng)[:90] for _ in range(3)]
    assert looks(images)[30]
