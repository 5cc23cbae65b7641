"""Lines taken off a ticket whose goods left all the same (rules R01 to R05 with the camera's word)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cases.domain.alignment.incidents.presence import customers_at
from cases.domain.alignment.incidents.scene import AHEAD_S, Scene, terminal_of
from cases.domain.alignment.incidents.scores import Cause, Finding, cents_of, verdict_of
from cases.domain.alignment.incidents.tickets import CANCELS, ENDS
from cases.domain.alignment.incidents.undone import Undone, again_s, undone_goods
from cases.domain.alignment.types import Kind, PosLine, Verdict

TOGETHER_S = 180.0
"""Voids with less between them are one question, as are all of one ticket."""
UNSEEN = 0.15
"""What a voided line counts for whose goods nobody saw crossing: next to nothing."""
SAME_STROKE = 0.25
"""What a further line of one cancelled ticket adds: one decision took them all off."""
MOST_LINES = 3.5

USUAL = -2.6
EACH = 1.6
"""For each voided line with goods that left: one is listed low, two are a question."""
AFTER_TOTAL = 0.7
CUSTOMER_GONE = 1.0
APPROVED = -1.5
ATTENDED = -0.6


def void_verdicts(scene: Scene) -> list[Verdict]:
    groups = [group for group in _groups(undone_goods(scene)) if len(group) > 1 or any(u.left for u in group)]
    found = [verdict_of(scene, _finding(scene, group)) for group in groups]
    return [verdict for verdict in found if verdict is not None]


def _groups(undone: Sequence[Undone]) -> list[list[Undone]]:
    """What was taken off at one terminal within a few minutes, or from one ticket."""
    groups: list[list[Undone]] = []
    for one in sorted(undone, key=lambda u: (terminal_of(u.by), u.by.at, u.by.key, u.line.at, u.line.key)):
        if groups and _belongs(one, groups[-1]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _belongs(one: Undone, group: Sequence[Undone]) -> bool:
    if terminal_of(one.by) != terminal_of(group[-1].by):
        return False
    same_ticket = bool(one.line.transaction) and one.line.transaction == group[-1].line.transaction
    return same_ticket or one.by.at - group[-1].by.at <= TOGETHER_S


def _finding(scene: Scene, group: Sequence[Undone]) -> Finding:
    left = [u for u in group if u.left]
    asked = left or group
    parts = {
        "usual": USUAL,
        "goods_left": EACH * min(MOST_LINES, _weight(group)),
        "after_total": AFTER_TOTAL if any(_after_total(scene, u) for u in left) else 0.0,
        "customer_gone": CUSTOMER_GONE if any(_customer_gone(scene, u.by) for u in left) else 0.0,
        "approved": APPROVED * sum(scene.approved(u.by) for u in asked) / len(asked),
        "attended": ATTENDED if any(scene.attended(u.by) for u in asked) else 0.0,
    }
    voids = list({u.by.key: u.by for u in group}.values())
    return Finding(
        kind=Kind.REPEATED_VOIDS,
        anchor=voids[0],
        lines=[*voids, *(u.line for u in group)],
        sentence=_sentence(group, left),
        parts=parts,
        causes=_causes(parts, bool(left)),
        lacking=_lacking(scene, left),
        amount_cents=cents_of([u.line for u in asked]),
        since_s=TOGETHER_S,
        until_s=voids[-1].at - voids[0].at + again_s(voids[-1]),
        more={
            "lines": [
                {"line": u.line.key, "void": u.by.key, "passes": list(u.passes), "goods_left": round(u.left, 3)}
                for u in group
            ]
        },
    )


def _lacking(scene: Scene, left: Sequence[Undone]) -> list[str]:
    lacking = [] if len(left) >= 2 else ["it is not repeated, as far as goods were seen"]
    heard = all(_settled(scene, undone.by) for undone in left)
    return lacking if heard else [*lacking, "the till was not heard for as long as they may be rung up again"]


def _weight(group: Sequence[Undone]) -> float:
    """How many voided lines have goods that left, each as far as its pass is its own."""
    total = 0.0
    for _, stroke in groupby(group, key=lambda u: u.by.key):
        shares = sorted((u.left or UNSEEN for u in stroke), reverse=True)
        total += shares[0] + SAME_STROKE * sum(shares[1:])
    return total


def _after_total(scene: Scene, undone: Undone) -> bool:
    ticket = scene.ticket(undone.line)
    return any(event.type in ("subtotal", "tender") and undone.line.at <= event.at < undone.by.at for event in ticket)


def _customer_gone(scene: Scene, void: PosLine) -> bool:
    return customers_at(scene, scene.common(void)).gone


def _settled(scene: Scene, void: PosLine) -> bool:
    """Whether the till was heard for as long as the line might have been rung up again."""
    if void.type not in CANCELS and any(event.type in ENDS and event.at >= void.at for event in scene.ticket(void)):
        return True
    return bool(scene.said(void, -again_s(void), AHEAD_S))


def _sentence(group: Sequence[Undone], left: Sequence[Undone]) -> str:
    lines = f"{len(group)} line{'s were' if len(group) > 1 else ' was'} taken off"
    if not left:
        return f"{lines} and not rung up again; the camera did not see their goods crossing, so nothing tells more."
    goods = "the goods" if len(left) == len(group) else f"the goods of {len(left)} of them"
    return f"{lines} after {goods} had been seen crossing; no item was seen coming back and no line took their place."


def _causes(parts: dict[str, float], seen: bool) -> list[Cause]:
    return [
        Cause("put_aside", "the goods were put aside where the camera does not look", 0.5),
        Cause("missed", "the way back was not seen" if seen else "the camera missed what became of them", 0.3),
        Cause("elsewhere", "they were rung up again on another ticket or till", 0.2),
        Cause("allowed", "it was allowed or attended to", 0.8 if parts["approved"] or parts["attended"] else 0.0),
    ]
