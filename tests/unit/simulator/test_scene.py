"""The renderer is a function of its seed, and its truth is what is drawn."""

import numpy as np
import pytest

from shrink.simulator.acts import AROUND_THE_SCANNER, OVER_THE_SCANNER, WITHOUT_ITEM, Act, ActKind, Visit
from shrink.simulator.choreography import choreograph, crossings
from shrink.simulator.dataset import samples
from shrink.simulator.layout import SCANNER, Layout, inside
from shrink.simulator.scene import Scene
from shrink.simulator.sprites import look_for

START_S = 9.0
PAIRS = {ActKind.STACK, ActKind.SIDE_BY_SIDE}


def act_of(kind: ActKind, *, seed: int = 1, duration_s: float = 1.4) -> Act:
    rng = np.random.default_rng(seed)
    number = 0 if kind in WITHOUT_ITEM else 2 if kind in PAIRS else 1
    return Act(kind, START_S, duration_s, tuple(look_for(rng) for _ in range(number)), 0.5, seed)


def scene_of(*acts: Act, layout: Layout | None = None, seed: int = 3) -> Scene:
    return Scene(seed, layout or Layout(), acts, (Visit(1.0, 60.0, 4),))


def test_same_seed_same_picture_whatever_was_asked_before():
    acts = (act_of(ActKind.PASS), act_of(ActKind.RECEIPT, seed=2))
    first, second = scene_of(*acts), scene_of(*acts)
    second.render(5.0)
    second.render(12.0)
    assert np.array_equal(first.render(9.7), second.render(9.7))


def test_another_seed_another_picture():
    assert not np.array_equal(scene_of(seed=3).render(9.0), scene_of(seed=4).render(9.0))


def test_picture_is_the_layouts_size():
    assert scene_of(layout=Layout(width_px=480, height_px=270)).render(9.0).shape == (270, 480, 3)


@pytest.mark.parametrize("kind", sorted(ActKind))
@pytest.mark.parametrize("staffed", [True, False])
def test_crossings_of_every_act(kind: ActKind, staffed: bool):
    act = act_of(kind)
    found = crossings((act,), choreograph((act,), staffed=staffed))
    expected = 2 if kind in PAIRS else 1 if kind in OVER_THE_SCANNER | AROUND_THE_SCANNER else 0
    assert len(found) == expected
    assert all(crossing.over_scanner == (kind in OVER_THE_SCANNER) for crossing in found)
    assert all(act.start_s < crossing.at_s <= act.end_s for crossing in found)


@pytest.mark.parametrize("kind", sorted(OVER_THE_SCANNER))
def test_a_crossing_is_when_the_item_leaves_the_scanner(kind: ActKind):
    act = act_of(kind)
    parts = choreograph((act,), staffed=True)
    for crossing in crossings((act,), parts):
        part = next(part for part in parts.items if part.item == crossing.item)
        assert inside(SCANNER, *part.at(crossing.at_s))
        assert not any(inside(SCANNER, *part.at(t_s)) for t_s in np.arange(crossing.at_s + 0.02, act.end_s, 0.01))


@pytest.mark.parametrize("kind", sorted(AROUND_THE_SCANNER))
@pytest.mark.parametrize("seed", range(5))
def test_what_goes_around_is_never_over_the_scanner(kind: ActKind, seed: int):
    act = act_of(kind, seed=seed, duration_s=2.0)
    part = choreograph((act,), staffed=True).items[0]
    assert not any(inside(SCANNER, *part.at(t_s)) for t_s in np.arange(act.start_s, act.end_s, 0.01))


def test_item_box_lies_around_its_path():
    act = act_of(ActKind.PASS)
    scene = scene_of(act)
    part = scene.parts.items[0]
    for t_s in np.arange(act.start_s, act.end_s, 0.2):
        item = next(found for found in scene.objects(float(t_s)) if found.label == "item")
        x, y = part.at(float(t_s))
        assert inside(item.box_n, x, y)


def test_mirrored_layout_mirrors_picture_and_truth():
    act = act_of(ActKind.PASS)
    plain, mirrored = scene_of(act), scene_of(act, layout=Layout(mirror_x=True))
    ours = sorted((o.label, o.box_n[0], o.box_n[2]) for o in plain.objects(9.6))
    theirs = sorted((o.label, 1 - o.box_n[2], 1 - o.box_n[0]) for o in mirrored.objects(9.6))
    assert [label for label, *_ in ours] == [label for label, *_ in theirs]
    assert np.allclose([o[1:] for o in ours], [t[1:] for t in theirs])
    assert dict(mirrored.layout.zones())["belt"] == tuple((1 - x, y) for x, y in dict(plain.layout.zones())["belt"])


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (ActKind.PURSE, "bag"),
        (ActKind.OWN_BAG, "bag"),
        (ActKind.EMPTY_HAND, "hand"),
        (ActKind.CHILD_ARM, "hand"),
    ],
)
def test_what_is_no_item_is_not_labelled_so(kind: ActKind, label: str):
    labels = [found.label for found in scene_of(act_of(kind)).objects(START_S + 0.7) if found.act == 0]
    assert label in labels
    assert "item" not in labels


@pytest.mark.parametrize("kind", [ActKind.RECEIPT, ActKind.PHONE])
def test_receipt_and_phone_have_no_label_of_their_own(kind: ActKind):
    found = [thing for thing in scene_of(act_of(kind)).objects(START_S + 0.7) if thing.act == 0]
    assert {thing.label for thing in found} == {"hand"}


def test_gripped_item_is_partly_hidden_but_findable():
    shares = []
    for seed in range(12):
        scene = scene_of(act_of(ActKind.PASS, seed=seed))
        shares += [thing.visible for thing in scene.objects(START_S + 0.6) if thing.label == "item"]
    assert min(shares) < 0.9
    assert np.median(shares) > 0.5


def test_labelled_pictures_repeat_and_stay_inside():
    first, again = list(samples(5, 6)), list(samples(5, 6))
    for (picture, boxes), (other, others) in zip(first, again, strict=True):
        assert np.array_equal(picture, other)
        assert boxes == others
        for _, x0, y0, x1, y1 in boxes:
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1
