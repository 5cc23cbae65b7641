"""A drawer that opens without a sale, and nobody in the customer's place (rules R06 and R07 with the camera's word)."""

from __future__ import annotations

from collections.abc import Iterator

from cases.domain.alignment.incidents.presence import Customers, customers_at, hand_seen
from cases.domain.alignment.incidents.scenarios import after_void, unpaid_total
from cases.domain.alignment.incidents.scene import Scene
from cases.domain.alignment.incidents.scores import Cause, Finding, cents_of, verdict_of
from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import Kind, PosLine, Verdict

MONEY = frozenset({"tender", "tender_void", "ticket_close", "refund", "return", "deposit_return", "cash_movement"})
COUNTING = frozenset({"operator_sign_on", "operator_sign_off", "pause_begin", "pause_end", "cash_movement"})
PAYING_WORDS = ("tender", "sale", "cash", "pay", "refund", "control")
NO_SALE_WORDS = frozenset({"no sale", "nosale", "manual", "key"})
"""What a till gives as the reason of an opening: for money that moved, or for none."""
OPENED_AFTER_S, OPENED_BEFORE_S = 60.0, 15.0
"""A drawer opens so long after, or before, the payment or change of duty that opens it."""
SAME_OPENING_S = 5.0
COUNTING_S = 300.0
CORRECTION_S = 30.0
SERVING_S = 15.0
AGAIN_S = 900.0
SINCE_S, UNTIL_S = 900.0, 15.0

USUAL = -2.2
"""One opening in ten is a question, before anything is known: change is fetched, a note is exchanged."""
NOBODY, SOMEBODY = 2.4, -1.5
HAND = 0.8
AFTER_VOID = 1.2
UNPAID_TOTAL = 1.0
AGAIN, MOST_AGAIN = 0.5, 1.0
APPROVED, REASON = -1.5, -0.8
COUNTED = -1.2
CORRECTED = -1.5
SERVING = -0.7


def drawer_verdicts(scene: Scene) -> list[Verdict]:
    found = [verdict_of(scene, _finding(scene, opening)) for opening in _openings(scene)]
    return [verdict for verdict in found if verdict is not None]


def _openings(scene: Scene) -> Iterator[PosLine]:
    for line in scene.told:
        if line.type == "no_sale" or (line.type == "drawer_open" and not _explained(scene, line)):
            yield line


def _explained(scene: Scene, opening: PosLine) -> bool:
    """A drawer opens for what the till said around it, or for the reason it gives itself."""
    if scene.said(opening, SAME_OPENING_S, SAME_OPENING_S, {"no_sale"}):
        return True
    if scene.said(opening, OPENED_AFTER_S, OPENED_BEFORE_S, MONEY | COUNTING):
        return True
    return not _names_no_sale(opening) and any(word in opening.reason.lower() for word in PAYING_WORDS)


def _names_no_sale(opening: PosLine) -> bool:
    return opening.reason.lower().replace("_", " ") in NO_SALE_WORDS


def _finding(scene: Scene, opening: PosLine) -> Finding:
    at = scene.common(opening)
    customers, hand = customers_at(scene, at), hand_seen(scene, at)
    void, total = after_void(scene, opening), unpaid_total(scene, opening)
    parts = {
        "usual": USUAL,
        "nobody_there": NOBODY if customers.gone else 0.0,
        "somebody_there": SOMEBODY if customers.there else 0.0,
        "hand_in_drawer": HAND if hand else 0.0,
        "after_void": AFTER_VOID if void else 0.0,
        "unpaid_total": UNPAID_TOTAL if total else 0.0,
        "again": min(MOST_AGAIN, AGAIN * len(scene.said(opening, AGAIN_S, 0.0, {"no_sale"}))),
        **_innocent(scene, opening),
    }
    return Finding(
        kind=Kind.NO_SALE_DRAWER,
        anchor=opening,
        lines=[opening, *([void] if void else [])],
        sentence=_sentence(customers, hand, void, total),
        parts=parts,
        causes=_causes(parts, customers),
        lacking=[] if customers.gone else ["a customer was there" if customers.there else "people are not told here"],
        amount_cents=cents_of([void]) if void else None,
        since_s=SINCE_S,
        until_s=UNTIL_S,
        more={"customers": {"told": customers.told, "there": customers.there}},
    )


def _innocent(scene: Scene, opening: PosLine) -> dict[str, float]:
    """What the till says that would explain an opening without a sale."""
    return {
        "approved": APPROVED if scene.approved(opening) else 0.0,
        "reason_given": REASON if opening.reason and not _names_no_sale(opening) else 0.0,
        "counted": COUNTED if scene.said(opening, COUNTING_S, COUNTING_S, COUNTING) else 0.0,
        "next_to_payment": CORRECTED if scene.said(opening, CORRECTION_S, CORRECTION_S, {"tender"}) else 0.0,
        "serving": SERVING if scene.said(opening, SERVING_S, SERVING_S, SALES) else 0.0,
    }


def _sentence(customers: Customers, hand: bool, void: PosLine | None, total: PosLine | None) -> str:
    where = "The camera tells nothing of people here, so nobody can say whether a customer was there"
    if customers.told:
        where = f"{'A customer was seen' if customers.there else 'Nobody was seen'} in the customer's place"
    says = ["The drawer was opened without a sale", where]
    says += ["A hand was seen in the drawer"] if hand else []
    says += ["A line or ticket was taken off shortly before"] if void else []
    says += ["A total shortly before was never paid"] if total else []
    return ". ".join(says) + "."


def _causes(parts: dict[str, float], customers: Customers) -> list[Cause]:
    return [
        Cause("change", "money was changed or coins were fetched", 0.4),
        Cause("counted", "the money was counted, refilled or taken away", 0.6 if parts["counted"] else 0.2),
        Cause("correction", "the change of a payment was put right", 0.6 if parts["next_to_payment"] else 0.1),
        Cause("unseen_customer", "a customer was there and the camera missed them", 0.0 if customers.there else 0.2),
        Cause("served", "a customer was served", 0.8 if customers.there else 0.0),
        Cause("allowed", "it was allowed", 0.5 if parts["approved"] or parts["reason_given"] else 0.0),
    ]
