"""The judge's terms in plain words. Nothing here accuses: a case is a question about an item, not about a person."""

from __future__ import annotations

KIND_WORDS: dict[str, str] = {
    "no_scan": "Item crossed, nothing rung up",
    "bypass": "Item went around the scanner",
    "scan_without_item": "Rung up, no item seen",
    "return_without_item": "Return without an item",
    "discount_without_support": "Discount without a reason",
    "repeated_voids": "Repeated voids",
    "no_sale_drawer": "Drawer opened without a sale",
    "item_swap": "Another item than rung up",
    "walk_away": "Rung up, not paid",
    "exception": "Unusual at the till",
}
STATUS_WORDS: dict[str, str] = {
    "open": "Open",
    "in_review": "In review",
    "needs_context": "Needs context",
    "confirmed": "Confirmed",
    "dismissed": "Dismissed",
    "withdrawn": "Withdrawn",
}
OUTCOME_WORDS: dict[str, str] = {
    "confirm": "Confirm",
    "dismiss": "Dismiss",
    "more_context": "Need context",
}
# Reason codes per outcome, in the order of the number keys.
REASONS: dict[str, dict[str, str]] = {
    "confirm": {
        "item_not_rung_up": "Item not rung up",
        "wrong_item": "Another item was rung up",
        "no_item_for_line": "No item belongs to the line",
        "procedure": "Procedure not followed",
    },
    "dismiss": {
        "paid_elsewhere": "Paid on another line or receipt",
        "not_merchandise": "Not merchandise: bag, purse, receipt",
        "own_item": "Shopper's own item",
        "camera_error": "The camera misread it",
        "till_late": "The till's line is late or missing",
    },
    "more_context": {
        "clip_too_short": "The clip is too short",
        "view_blocked": "The view is blocked",
        "ask_store": "The store has to say",
    },
}
REASON_CODES = frozenset(code for reasons in REASONS.values() for code in reasons)
ACTION_WORDS: dict[str, str] = {
    "none": "None",
    "recovered": "Recovered",
    "coached": "Coached",
    "process_fix": "Process fixed",
}
HIGH_RISK, MEDIUM_RISK = 0.55, 0.35
"""Of a product of three: 95 % sure, worth 2.50 and nothing else around it comes to 0.43."""


def kind_words(kind: str) -> str:
    """A kind that came later is shown by its own name rather than not at all."""
    return KIND_WORDS.get(kind, kind.replace("_", " ").capitalize())


def reason_words(code: str) -> str:
    for reasons in REASONS.values():
        if code in reasons:
            return reasons[code]
    return code.replace("_", " ").capitalize()


def risk_level(risk: float) -> str:
    """`high`, `medium` or `low`."""
    if risk >= HIGH_RISK:
        return "high"
    return "medium" if risk >= MEDIUM_RISK else "low"
