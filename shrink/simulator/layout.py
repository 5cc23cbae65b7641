"""Where the belt, the scanner and the bagging area lie in the picture of one camera."""

from __future__ import annotations

from dataclasses import dataclass

Polygon = tuple[tuple[float, float], ...]
Point = tuple[float, float]

BELT = (0.05, 0.30, 0.40, 0.70)
SCANNER = (0.40, 0.30, 0.60, 0.70)
BAGGING = (0.60, 0.30, 0.95, 0.70)
CASHIER = (0.05, 0.00, 0.95, 0.28)
CUSTOMER = (0.05, 0.72, 0.95, 1.00)


def _rectangle(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


@dataclass(frozen=True, slots=True)
class Layout:
    """One lane as its camera sees it. The scene is drawn with the flow from left to right and the
    cashier above, then mirrored; zones and truth are mirrored with it."""

    staffed: bool = True
    mirror_x: bool = False
    mirror_y: bool = False
    width_px: int = 640
    height_px: int = 360
    colour_seed: int = 0

    def point(self, x_n: float, y_n: float) -> Point:
        """A point of the drawing plane as a point of the picture, normalised."""
        return (1.0 - x_n if self.mirror_x else x_n, 1.0 - y_n if self.mirror_y else y_n)

    def zones(self) -> list[tuple[str, Polygon]]:
        """Zone kind and polygon in the picture, in the words of the provisioning file."""
        zones = [("belt", BELT), ("scanner", SCANNER), ("bagging", BAGGING), ("customer", CUSTOMER)]
        if self.staffed:
            zones.append(("cashier", CASHIER))
        return [(kind, tuple(self.point(x, y) for x, y in _rectangle(*box))) for kind, box in zones]


def inside(box: tuple[float, float, float, float], x_n: float, y_n: float) -> bool:
    return box[0] <= x_n <= box[2] and box[1] <= y_n <= box[3]
