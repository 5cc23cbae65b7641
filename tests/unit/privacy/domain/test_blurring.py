import numpy as np
import pytest

from privacy.domain.blurring import (
    BLOCKS_ACROSS,
    Head,
    clear_mask,
    frame_blur,
    heads_over_time,
    mosaic,
    snapshot_blur,
)

BELT = ("belt", [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)])
HEIGHT, WIDTH = 120, 160


@pytest.fixture
def picture() -> np.ndarray:
    """Noise: no two neighbouring pixels agree, so anything averaged shows."""
    return np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a != b).any(axis=2)


def test_the_work_surface_stays_as_it_was_and_nothing_else(picture):
    clear = clear_mask((HEIGHT, WIDTH), [BELT])

    blurred = frame_blur(picture, clear=clear, heads=[])

    assert not differs(blurred, picture)[clear > 0].any()
    assert np.array_equal(blurred[clear == 0], mosaic(picture)[clear == 0])


def test_a_head_over_the_belt_becomes_a_mosaic_with_a_margin(picture):
    clear = clear_mask((HEIGHT, WIDTH), [BELT])

    blurred = frame_blur(picture, clear=clear, heads=[Head((0.4, 0.4, 0.6, 0.6))])

    changed = differs(blurred, picture)
    assert changed[int(0.36 * HEIGHT) : int(0.64 * HEIGHT), int(0.36 * WIDTH) : int(0.64 * WIDTH)].mean() > 0.99
    assert not changed[int(0.28 * HEIGHT) : int(0.33 * HEIGHT), int(0.3 * WIDTH) : int(0.7 * WIDTH)].any()


def test_a_frame_that_nobody_judged_is_hidden_whole(picture):
    clear = clear_mask((HEIGHT, WIDTH), [BELT])

    assert np.array_equal(frame_blur(picture, clear=clear, heads=None), mosaic(picture))
    assert np.array_equal(snapshot_blur(picture, heads=None), mosaic(picture))


def test_no_zones_means_nothing_is_clear(picture):
    clear = clear_mask((HEIGHT, WIDTH), [])

    assert np.array_equal(frame_blur(picture, clear=clear, heads=[]), mosaic(picture))


@pytest.mark.parametrize(
    ("kind", "stays_clear"),
    [
        ("belt", True),
        ("scanner", True),
        ("bagging", True),
        ("counter", True),
        ("drawer", True),
        ("shelf", True),
        ("customer", False),
        ("cashier", False),
        ("restricted", False),
        ("entrance", False),
        ("exit", False),
        ("ignore", False),
    ],
)
def test_only_zones_where_goods_are_handled_stay_clear(kind, stays_clear):
    mask = clear_mask((HEIGHT, WIDTH), [(kind, BELT[1])])

    assert bool(mask.any()) is stays_clear


def test_where_people_stand_wins_over_the_belt_whatever_the_order():
    people = ("customer", [(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)])

    masks = [clear_mask((HEIGHT, WIDTH), zones) for zones in ([BELT, people], [people, BELT])]

    assert np.array_equal(*masks)
    assert not masks[0][:, WIDTH // 2 + 1 :].any()
    assert masks[0][HEIGHT // 2, WIDTH // 2 - 10] == 255


def test_the_mosaic_keeps_no_more_than_its_blocks(picture):
    wide = np.repeat(np.repeat(picture, 4, axis=0), 4, axis=1)

    colours = {tuple(pixel) for row in mosaic(wide) for pixel in row}

    assert len(colours) <= BLOCKS_ACROSS * (BLOCKS_ACROSS * HEIGHT // WIDTH + 1)


def test_a_head_that_blinks_for_a_frame_stays_hidden():
    head = Head((0.1, 0.1, 0.2, 0.2))

    spread = heads_over_time([[head], [], [], [], [head], None])

    assert spread == [[head], [head], [head, head], [head], [head], None]


def test_a_snapshot_hides_heads_more_than_the_lane(picture):
    shot = snapshot_blur(picture, heads=[Head((0.0, 0.0, 0.4, 0.4))])

    assert np.array_equal(shot[:40, :60], mosaic(picture)[:40, :60])
    assert not np.array_equal(shot[80:, 100:], mosaic(picture)[80:, 100:])
