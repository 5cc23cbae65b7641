"""Sequences of the till that more than one kind of incident looks back at."""

from __future__ import annotations

from cases.domain.alignment.incidents.scene import Scene
from cases.domain.alignment.incidents.tickets import CANCELS, ENDS
from cases.domain.alignment.types import PosLine

SEQUENCE_S = 120.0
"""What was done within two minutes belongs together."""
PAYING_S = 120.0
"""Who pays has paid so long after the total."""


def after_void(scene: Scene, line: PosLine) -> PosLine | None:
    """The last line or ticket that was taken off shortly before, if any."""
    undone = scene.said(line, SEQUENCE_S, 0.0, CANCELS | {"void"})
    return undone[-1] if undone else None


def unpaid_total(scene: Scene, line: PosLine) -> PosLine | None:
    """The total shortly before that nothing followed, once the till was heard for as long as paying takes."""
    totals = scene.said(line, SEQUENCE_S, 0.0, {"subtotal"})
    if not totals:
        return None
    after = scene.said(totals[-1], 0.0, PAYING_S + SEQUENCE_S, ENDS | {"ticket_suspend"})
    heard = scene.said(line, -PAYING_S, 2 * PAYING_S)
    return totals[-1] if heard and not after else None
