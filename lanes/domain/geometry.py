"""Polygons in normalised picture coordinates: x to the right, y down, both 0 to 1.

A polygon is a sequence of corners ``(x, y)`` in walking order, not closed (the
last corner is joined to the first). Pure; everything here is exact up to EPS.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = Sequence[float]
Polygon = Sequence[Point]
Edge = tuple[Point, Point]

EPS = 1e-9
MIN_AREA_N = 1e-4  # a hundredth of a picture in each direction: below it nobody meant a zone
MAX_CORNERS = 64


@dataclass(frozen=True)
class PolygonProblem:
    """What is wrong and what to write instead; ``corner`` counts from 0, None for the whole."""

    corner: int | None
    sentence: str


def polygon_problems(polygon: Polygon) -> list[PolygonProblem]:
    """Why ``polygon`` is no zone; empty when it is one.

    Corners outside 0..1 are all named; crossing edges only once the corners are
    right, because they would only repeat the same mistake.
    """
    if len(polygon) < 3:
        return [
            PolygonProblem(
                None,
                f"a polygon needs at least 3 corners, this one has {len(polygon)}: "
                "write for example [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]",
            )
        ]
    if len(polygon) > MAX_CORNERS:
        return [PolygonProblem(None, f"{len(polygon)} corners are too many: write at most {MAX_CORNERS}")]
    return _corner_problems(polygon) or _shape_problems(polygon)


def _corner_problems(polygon: Polygon) -> list[PolygonProblem]:
    problems = []
    for index, (x, y) in enumerate(polygon):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            hint = "divide pixels by the picture's width and height" if max(x, y) > 2 else "move it into the picture"
            problems.append(
                PolygonProblem(index, f"corner [{x:g}, {y:g}] lies outside the picture, which is 0 to 1: {hint}")
            )
    return problems


def _shape_problems(polygon: Polygon) -> list[PolygonProblem]:
    for index, (here, after) in enumerate(_edges(polygon)):
        if _same(here, after):
            return [PolygonProblem((index + 1) % len(polygon), "the same corner twice in a row: leave one out")]
    crossing = polygon_crossing(polygon)
    if crossing:
        one, other = crossing
        return [
            PolygonProblem(
                other,
                f"the edge from corner {other + 1} crosses or touches the edge from corner {one + 1}: "
                "list the corners in the order of a walk around the zone",
            )
        ]
    if polygon_area(polygon) < MIN_AREA_N:
        return [PolygonProblem(None, "the polygon has hardly any area: move its corners apart")]
    return []


def polygon_crossing(polygon: Polygon) -> tuple[int, int] | None:
    """The first two edges (by the index of their first corner) that meet where they
    should not, or None for a simple polygon."""
    edges = list(_edges(polygon))
    last = len(edges) - 1
    for i, one in enumerate(edges):
        for j in range(i + 1, len(edges)):
            neighbours = j == i + 1 or (i == 0 and j == last)
            if _folded(one, edges[j], i + 1 == j) if neighbours else _edges_meet(one, edges[j]):
                return i, j
    return None


def polygon_area(polygon: Polygon) -> float:
    """In shares of the picture, 0 to 1, whatever the walking direction."""
    return abs(_signed_area(polygon))


def polygon_centroid(polygon: Polygon) -> tuple[float, float]:
    """The centre of the area; the mean of the corners where there is no area."""
    area = _signed_area(polygon)
    if abs(area) < EPS:
        return sum(p[0] for p in polygon) / len(polygon), sum(p[1] for p in polygon) / len(polygon)
    x = y = 0.0
    for (x0, y0), (x1, y1) in _edges(polygon):
        cross = x0 * y1 - x1 * y0
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return x / (6 * area), y / (6 * area)


def polygon_contains(polygon: Polygon, point: Point) -> bool:
    """Whether ``point`` lies in or on ``polygon``: the border belongs to it."""
    return _on_border(polygon, point) or _strictly_inside(polygon, point)


def polygons_touch(one: Polygon, other: Polygon) -> bool:
    """Whether they share at least one point, be it a corner or part of a border."""
    if any(_edges_meet(a, b) for a in _edges(one) for b in _edges(other)):
        return True
    return _strictly_inside(one, other[0]) or _strictly_inside(other, one[0])


def polygons_overlap(one: Polygon, other: Polygon) -> bool:
    """Whether they share area. Neighbours along a border touch but do not overlap.

    Each border is cut where the other meets it; no piece then changes sides, so
    its midpoint speaks for it. Borders that coincide everywhere leave only the
    inside to ask.
    """
    if any(_strictly_inside(other, middle) for middle in _piece_middles(one, other)):
        return True
    if any(_strictly_inside(one, middle) for middle in _piece_middles(other, one)):
        return True
    return _strictly_inside(other, polygon_interior_point(one))


def polygon_interior_point(polygon: Polygon) -> tuple[float, float]:
    """A point strictly inside a simple polygon: the middle of the widest stretch of
    a level line that misses every corner."""
    levels = sorted({p[1] for p in polygon})
    low, high = max(pairwise(levels), key=lambda pair: pair[1] - pair[0])
    y = (low + high) / 2
    crossings = sorted(
        x0 + (y - y0) * (x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in _edges(polygon) if (y0 > y) != (y1 > y)
    )
    left, right = max(zip(crossings[::2], crossings[1::2], strict=True), key=lambda pair: pair[1] - pair[0])
    return (left + right) / 2, y


def _edges(polygon: Polygon) -> Iterator[Edge]:
    return ((polygon[i], polygon[(i + 1) % len(polygon)]) for i in range(len(polygon)))


def _signed_area(polygon: Polygon) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in _edges(polygon)) / 2


def _same(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < EPS and abs(a[1] - b[1]) < EPS


def _turn(a: Point, b: Point, c: Point) -> float:
    """> 0 when c lies to one side of the line through a and b, < 0 on the other, 0 on it."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return 0.0 if abs(cross) < EPS else cross


def _between(a: Point, b: Point, point: Point) -> bool:
    """For a point on the line through a and b: whether it lies from a to b."""
    return all(min(a[k], b[k]) - EPS <= point[k] <= max(a[k], b[k]) + EPS for k in (0, 1))


def _edges_meet(one: Edge, other: Edge) -> bool:
    (a, b), (c, d) = one, other
    if _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0:
        return True
    ends = ((one, c), (one, d), (other, a), (other, b))
    return any(_turn(*edge, point) == 0 and _between(*edge, point) for edge, point in ends)


def _folded(one: Edge, other: Edge, follows: bool) -> bool:
    """Whether two neighbouring edges run back over each other."""
    (a, b), far = (one, other[1]) if follows else ((one[1], one[0]), other[0])
    return _turn(a, b, far) == 0 and (b[0] - a[0]) * (far[0] - b[0]) + (b[1] - a[1]) * (far[1] - b[1]) < 0


def _on_border(polygon: Polygon, point: Point) -> bool:
    return any(_turn(a, b, point) == 0 and _between(a, b, point) for a, b in _edges(polygon))


def _strictly_inside(polygon: Polygon, point: Point) -> bool:
    if _on_border(polygon, point):
        return False
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in _edges(polygon):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


def _piece_middles(polygon: Polygon, knife: Polygon) -> Iterator[tuple[float, float]]:
    """The middles of the pieces into which ``knife``'s border cuts ``polygon``'s."""
    for edge in _edges(polygon):
        cuts = sorted({0.0, 1.0, *(t for other in _edges(knife) for t in _cuts(edge, other))})
        (x0, y0), (x1, y1) = edge
        for start, end in pairwise(cuts):
            t = (start + end) / 2
            yield x0 + t * (x1 - x0), y0 + t * (y1 - y0)


def _cuts(edge: Edge, other: Edge) -> Iterator[float]:
    """Where (0 to 1 along ``edge``) the other edge meets it."""
    (a, b), (c, d) = edge, other
    run = (b[0] - a[0], b[1] - a[1])
    across = _turn(a, b, d) - _turn(a, b, c)
    if abs(across) > EPS:
        s = -_turn(a, b, c) / across
        points = [(c[0] + s * (d[0] - c[0]), c[1] + s * (d[1] - c[1]))] if -EPS <= s <= 1 + EPS else []
    else:
        points = [(p[0], p[1]) for p in (c, d) if _turn(a, b, p) == 0]
    length2 = run[0] ** 2 + run[1] ** 2
    for point in points:
        t = ((point[0] - a[0]) * run[0] + (point[1] - a[1]) * run[1]) / length2
        if 0 < t < 1:
            yield t
