"""Names of detectors, and two of them over the same video."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.domain.agreement import SAME_S, Seen, agreement
from vision.domain.versions import Named, named


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("lane", Named("lane")),
        ("lane@3", Named("lane", 3)),
        ("fresh-produce_2@12", Named("fresh-produce_2", 12)),
        ("motion", None),
        ("lane@0", None),
        ("lane@", None),
        ("/opt/weights/lane", None),
        ("weights/lane", None),
        ("yolo11n.pt", None),
        ("Lane", None),
        ("", None),
    ],
)
def test_what_names_a_detector(spec: str, meant: Named | None) -> None:
    assert named(spec) == meant
    if meant is not None:
        assert str(meant) == spec


def seen(at: float, *, by_shadow: bool = False, camera: str = "a", kind: str = "item_pass") -> Seen:
    return Seen(kind, at, 0.9, by_shadow, camera)


def test_what_both_saw_is_paired_by_nearness() -> None:
    found = agreement([seen(10.0), seen(10.8), seen(10.7, by_shadow=True), seen(20.0, by_shadow=True)])["item_pass"]
    assert found.both == 1
    assert [one.at for one in found.only_used] == [10.0]
    assert [one.at for one in found.only_shadow] == [20.0]
    assert found.share == pytest.approx(1 / 3)


def test_neither_other_cameras_nor_other_events_nor_later_ones_agree() -> None:
    others = [
        seen(10.0, by_shadow=True, camera="b"),
        seen(10.0, by_shadow=True, kind="item_return"),
        seen(10.0 + SAME_S + 0.01, by_shadow=True),
    ]
    found = agreement([seen(10.0), *others])
    assert [(kind, one.both) for kind, one in found.items()] == [("item_pass", 0), ("item_return", 0)]
    assert agreement([]) == {}


tenths = st.lists(st.integers(0, 300), max_size=12)


@given(tenths, tenths)
def test_nothing_is_lost_and_nothing_counted_twice(of_used: list[int], of_shadow: list[int]) -> None:
    used, shadow = [tenth / 10 for tenth in of_used], [tenth / 10 for tenth in of_shadow]
    told = [seen(at) for at in used] + [seen(at, by_shadow=True) for at in shadow]
    found = agreement(told).get("item_pass")
    if found is None:
        assert not told
        return
    assert found.both + len(found.only_used) == len(used)
    assert found.both + len(found.only_shadow) == len(shadow)
    left = [(a.at, b.at) for a in found.only_used for b in found.only_shadow]
    assert all(abs(a - b) > SAME_S for a, b in left)
    same = agreement([seen(at) for at in used] + [seen(at, by_shadow=True) for at in used]).get("item_pass")
    assert same is None or same.share == 1.0
