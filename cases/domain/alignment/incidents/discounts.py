"""Deep or many reductions that nothing in the picture or at the till supports (rules R13, R14, R17)."""

from __future__ import annotations

from collections.abc import Sequence

from cases.domain.alignment.incidents.handling import Handling, handling_of
from cases.domain.alignment.incidents.reductions import REDUCTIONS, Reduction, reductions_of
from cases.domain.alignment.incidents.scene import AHEAD_S, BACK_S, Scene, terminal_of
from cases.domain.alignment.incidents.scores import Cause, Finding, verdict_of
from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import Kind, PosLine, Verdict

DEEP, NOTABLE = 0.5, 0.2
"""More than half off is unusual by itself; a fifth is where there are several."""
SEVERAL = 3
COUPON_S = 60.0
AT_ONCE_S = 1.5
"""No hand keys a reduction so soon after the line or the total: the till took it off by itself, as a promotion."""
AGREE = 2
"""So many parts must speak for the question before it may alert."""
SINCE_S, UNTIL_S = 60.0, 60.0

USUAL = -3.1
DEPTHS = ((0.99, 2.2), (0.75, 1.6), (DEEP, 1.0))
"""(share taken off at least, part)."""
FURTHER, MOST_FURTHER = 0.6, 1.2
AT_CADENCE, LOOKED_AT = 0.8, -1.2
UNAPPROVED = 0.6
APPROVED, COUPON, REASON, ATTENDED = -3.0, -3.0, -1.5, -0.8
"""An approval or a coupon is the support itself; a reason is only named, an attendant only near."""
AUTOMATIC, CAMPAIGN, BOUGHT_TOO = -1.5, -1.0, -1.2


def discount_verdicts(scene: Scene) -> list[Verdict]:
    """One verdict for each ticket with unusual reductions."""
    tickets: dict[tuple[str, str], PosLine] = {}
    for line in scene.told:
        if line.type in REDUCTIONS and line.transaction:
            tickets.setdefault((terminal_of(line), line.transaction), line)
    found = []
    for first in tickets.values():
        unusual = _unusual(reductions_of(scene.ticket(first)))
        verdict = verdict_of(scene, _finding(scene, unusual)) if unusual else None
        found += [verdict] if verdict else []
    return found


def _unusual(reductions: Sequence[Reduction]) -> list[Reduction]:
    notable = [r for r in reductions if r.depth >= NOTABLE]
    return notable if len(notable) >= SEVERAL else [r for r in notable if r.depth > DEEP]


def _finding(scene: Scene, unusual: Sequence[Reduction]) -> Finding:
    handled = [handling_of(scene, r) for r in unusual]
    deepest = max(r.depth for r in unusual)
    against = {
        "further": min(MOST_FURTHER, FURTHER * (len(unusual) - 1)),
        "at_cadence": AT_CADENCE * _share(handled, Handling.AT_CADENCE),
        "unapproved": UNAPPROVED if _unapproved(scene, unusual) else 0.0,
    }
    parts = {
        "usual": USUAL,
        "depth": next((part for least, part in DEPTHS if deepest >= least), 0.0),
        **against,
        "looked_at": LOOKED_AT * _share(handled, Handling.LOOKED_AT),
        **_support(scene, unusual),
    }
    return Finding(
        kind=Kind.DISCOUNT_WITHOUT_SUPPORT,
        anchor=unusual[0].event,
        lines=[line for r in unusual for line in (r.event, r.line) if line],
        sentence=_sentence(unusual, handled, deepest),
        parts=parts,
        causes=_causes(parts),
        lacking=_lacking(deepest, handled, sum(part > 0 for part in against.values())),
        amount_cents=sum(r.taken_cents for r in unusual),
        since_s=SINCE_S,
        until_s=unusual[-1].event.at - unusual[0].event.at + UNTIL_S,
        more={"reductions": [{"event": r.event.key, "depth": round(r.depth, 3)} for r in unusual]},
    )


def _lacking(deepest: float, handled: Sequence[Handling], agree: int) -> list[str]:
    lacking = [] if deepest > DEEP else ["none of them takes off more than half"]
    lacking += ["too little else speaks for the question"] if agree < AGREE else []
    return lacking + (["the camera does not tell which item it was for"] if Handling.UNKNOWN in handled else [])


def _support(scene: Scene, unusual: Sequence[Reduction]) -> dict[str, float]:
    """What the till itself says for the reductions, each as far as it goes for all of them."""
    events = [r.event for r in unusual]
    many = len(unusual)
    return {
        "approved": APPROVED * sum(scene.approved(event) for event in events) / many,
        "reason_given": REASON * sum(bool(event.reason) for event in events) / many,
        "coupon": COUPON * sum(_coupon(scene, event) for event in events) / many,
        "attended": ATTENDED * sum(scene.attended(event) for event in events) / many,
        "automatic": AUTOMATIC * sum(_automatic(scene, r) for r in unusual) / many,
        "campaign": CAMPAIGN * sum(_campaign(scene, r) for r in unusual) / many,
        "bought_too": BOUGHT_TOO * sum(_bought_too(scene, r) for r in unusual) / many,
    }


def _share(handled: Sequence[Handling], kind: Handling) -> float:
    return sum(one is kind for one in handled) / len(handled)


def _unapproved(scene: Scene, unusual: Sequence[Reduction]) -> bool:
    """Whether this till names who allows things, and named nobody here; of one that never does it says nothing."""
    events = [r.event for r in unusual]
    if any(scene.approved(event) for event in events):
        return False
    return any(other.approver for other in scene.said(events[0], BACK_S, AHEAD_S))


def _coupon(scene: Scene, event: PosLine) -> bool:
    coupons = scene.said(event, COUPON_S, COUPON_S, {"coupon"})
    return any(coupon.transaction == event.transaction for coupon in coupons)


def _automatic(scene: Scene, reduction: Reduction) -> bool:
    if reduction.line is not None and 0 <= reduction.event.at - reduction.line.at < AT_ONCE_S:
        return True
    return bool(scene.said(reduction.event, AT_ONCE_S, 0.0, {"subtotal"}))


def _campaign(scene: Scene, reduction: Reduction) -> bool:
    """Whether the same article is reduced on another ticket too."""
    gtin = reduction.line.gtin if reduction.line else ""
    others = [
        ln for ln in scene.said(reduction.event, BACK_S, AHEAD_S) if ln.transaction != reduction.event.transaction
    ]
    cut = {other.transaction for other in others if other.type in REDUCTIONS}
    return bool(gtin) and any(ln.gtin == gtin and ln.transaction in cut for ln in others if ln.type in SALES)


def _bought_too(scene: Scene, reduction: Reduction) -> bool:
    """Whether another of the article is on the ticket: one is often free when more are bought."""
    line = reduction.line
    if line is None or not line.gtin:
        return False
    return any(other.gtin == line.gtin and other.key != line.key for other in scene.ticket(line) if other.type in SALES)


def _sentence(unusual: Sequence[Reduction], handled: Sequence[Handling], deepest: float) -> str:
    first = unusual[0]
    what = "A price was reduced" if len(unusual) == 1 else f"{len(unusual)} prices on one ticket were reduced"
    of = "the line" if first.line else "the ticket so far"
    depth = f"by {deepest:.0%} of {of}" if len(unusual) == 1 else f"by up to {deepest:.0%}"
    says = {
        Handling.AT_CADENCE: "the item crossed as quickly as any other and nobody was seen to look at it again",
        Handling.LOOKED_AT: "an item was held or shown again near it",
        Handling.UNHURRIED: "no item was seen to be shown again",
        Handling.UNKNOWN: "the camera does not tell which item it was for",
    }
    return f"{what} {depth}; {says[handled[0]]}."


def _causes(parts: dict[str, float]) -> list[Cause]:
    promotion = parts["automatic"] or parts["campaign"] or parts["bought_too"]
    return [
        Cause("promotion", "a promotion that the till takes off by itself", 1.5 if promotion else 0.3),
        Cause("damaged", "damaged or expiring goods, marked on the pack", 0.6 if parts["reason_given"] else 0.3),
        Cause("price", "the price on file was wrong and was put right", 0.3),
        Cause("allowed", "it was allowed", 1.0 if parts["approved"] or parts["attended"] else 0.1),
        Cause("coupon", "a coupon was redeemed", 1.0 if parts["coupon"] else 0.1),
    ]
