"""Polygons in a picture of 1 by 1."""

import pytest

from lanes.domain.geometry import (
    polygon_area,
    polygon_centroid,
    polygon_contains,
    polygon_interior_point,
    polygon_problems,
    polygons_overlap,
    polygons_touch,
)

SQUARE = [(0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5)]
NEIGHBOUR = [(0.5, 0.1), (0.9, 0.1), (0.9, 0.5), (0.5, 0.5)]
AT_CORNER = [(0.5, 0.5), (0.9, 0.5), (0.9, 0.9)]
FAR = [(0.7, 0.7), (0.9, 0.7), (0.9, 0.9)]
WITHIN = [(0.2, 0.2), (0.3, 0.2), (0.25, 0.3)]
# an L, whose centroid lies outside of it
ELL = [(0.0, 0.0), (0.1, 0.0), (0.1, 0.9), (1.0, 0.9), (1.0, 1.0), (0.0, 1.0)]
ACROSS = [(0.0, 0.25), (1.0, 0.25), (1.0, 0.35), (0.0, 0.35)]
UPRIGHT = [(0.25, 0.0), (0.35, 0.0), (0.35, 1.0), (0.25, 1.0)]


@pytest.mark.parametrize(
    ("polygon", "corner", "words"),
    [
        ([], None, "at least 3 corners, this one has 0"),
        ([(0.1, 0.1), (0.2, 0.2)], None, "at least 3 corners, this one has 2"),
        ([(0.1, 0.1), (1.2, 0.1), (0.3, 0.3)], 1, "move it into the picture"),
        ([(0.1, 0.1), (0.2, -0.1), (0.3, 0.3)], 1, "outside the picture"),
        ([(64, 48), (0.2, 0.1), (0.3, 0.3)], 0, "divide pixels"),
        ([(float("nan"), 0.1), (0.2, 0.1), (0.3, 0.3)], 0, "outside the picture"),
        ([(0.1, 0.1), (0.5, 0.1), (0.5, 0.1), (0.1, 0.5)], 2, "the same corner twice"),
        ([(0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.1)], 0, "the same corner twice"),  # closed by hand
        ([(0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)], 2, "crosses or touches"),  # a bow tie
        ([(0.1, 0.1), (0.5, 0.1), (0.3, 0.1)], 1, "crosses or touches"),  # back over itself
        ([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)], 2, "crosses or touches"),  # a corner on an edge
        ([(0.1, 0.1), (0.105, 0.1), (0.105, 0.105)], None, "hardly any area"),
        ([(i / 100, (i % 7) / 10) for i in range(65)], None, "65 corners are too many"),
    ],
)
def test_a_bad_polygon_says_where_and_what(polygon, corner, words):
    (problem,) = polygon_problems(polygon)
    assert problem.corner == corner
    assert words in problem.sentence


@pytest.mark.parametrize("polygon", [SQUARE, SQUARE[::-1], ELL, [(0, 0), (1, 0), (1, 1), (0, 1)], AT_CORNER])
def test_a_good_polygon_has_no_problem(polygon):
    assert polygon_problems(polygon) == []


def test_every_corner_outside_is_named():
    assert [p.corner for p in polygon_problems([(2, 0), (0.5, 0.5), (0.2, 3)])] == [0, 2]


def test_area_and_centroid_do_not_depend_on_the_direction():
    assert [polygon_area(SQUARE), polygon_area(SQUARE[::-1])] == pytest.approx([0.16, 0.16])
    assert polygon_centroid(SQUARE) == pytest.approx((0.3, 0.3))
    assert polygon_centroid(SQUARE[::-1]) == pytest.approx((0.3, 0.3))


@pytest.mark.parametrize(
    ("polygon", "point", "inside"),
    [
        (SQUARE, (0.3, 0.3), True),
        (SQUARE, (0.1, 0.1), True),  # a corner belongs to it
        (SQUARE, (0.5, 0.3), True),  # so does the border
        (SQUARE, (0.5001, 0.3), False),
        (SQUARE, (0.05, 0.1), False),  # on the line of an edge, beside it
        (ELL, (0.5, 0.5), False),  # in the hollow
        (ELL, (0.05, 0.5), True),
        (ELL, polygon_interior_point(ELL), True),
    ],
)
def test_contains(polygon, point, inside):
    assert polygon_contains(polygon, point) is inside


@pytest.mark.parametrize(
    ("one", "other", "touch", "overlap"),
    [
        (SQUARE, NEIGHBOUR, True, False),  # belt and scanner share an edge
        (SQUARE, AT_CORNER, True, False),
        (SQUARE, FAR, False, False),
        (SQUARE, WITHIN, True, True),
        (SQUARE, SQUARE, True, True),
        (SQUARE, SQUARE[::-1], True, True),
        (ACROSS, UPRIGHT, True, True),  # no corner of either lies in the other
        (ELL, [(0.3, 0.3), (0.5, 0.3), (0.5, 0.5), (0.3, 0.5)], False, False),  # in the hollow
        (SQUARE, [(0.1, 0.1), (0.5, 0.1), (0.5, 0.9), (0.1, 0.9)], True, True),  # three edges in common lines
    ],
)
def test_touch_and_overlap(one, other, touch, overlap):
    assert (polygons_touch(one, other), polygons_overlap(one, other)) == (touch, overlap)
    assert (polygons_touch(other, one), polygons_overlap(other, one)) == (touch, overlap)
