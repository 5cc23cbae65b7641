"""Transactions that sell nothing: operators, drawers, cash, and the void of another transaction."""

from decimal import Decimal

from lanes.domain.payload import Refused
from pos.adapters.drafts import TicketDraft
from pos.adapters.markup import Element
from pos.adapters.poslog.numbers import linked_number
from pos.adapters.reading import AdapterConfig
from pos.adapters.values import decimal_checked, text_plain
from pos.domain.events import PosType

# ARTS operational data model, subtypes of ControlTransaction; vendors write the POS with and without.
CONTROLS = {
    "operatorsignon": PosType.OPERATOR_SIGN_ON,
    "signon": PosType.OPERATOR_SIGN_ON,
    "operatorsignoff": PosType.OPERATOR_SIGN_OFF,
    "signoff": PosType.OPERATOR_SIGN_OFF,
    "nosale": PosType.NO_SALE,
    "posnosale": PosType.NO_SALE,
    "drawopen": PosType.DRAWER_OPEN,
    "draweropen": PosType.DRAWER_OPEN,
    "poslock": PosType.PAUSE_BEGIN,
    "lock": PosType.PAUSE_BEGIN,
    "posunlock": PosType.PAUSE_END,
    "unlock": PosType.PAUSE_END,
}
# ARTS POSLog 3, section 4.3.7: the movements of cash. Settling and counting move none.
MOVEMENTS = {
    "tenderloan": "loan",
    "tenderpickup": "pickup",
    "paidin": "paid_in",
    "paidout": "paid_out",
    "safedrop": "safe_drop",
    "deposit": "deposit",
}


def control_read(draft: TicketDraft, body: Element) -> None:
    """A ControlTransaction as one event. Raises Refused (``not_for_us``)."""
    kinds = [child.name.lower() for child in body.children] + [body.attributes.get("TypeCode", "").lower()]
    control = next((CONTROLS[kind] for kind in kinds if kind in CONTROLS), None)
    if control is None:
        shown = text_plain(next((c.name for c in body.children if c.name != "ReasonCode"), "of no kind"), 40)
        raise Refused(
            "not_for_us", f"The control transaction is {shown}, which neither sells nor opens a drawer. Nothing to do."
        )
    draft.add(control, reason=text_plain(body.said("ReasonCode", "Reason"), 80))


def cash_moved(draft: TicketDraft, body: Element) -> None:
    """A TenderControlTransaction as one ``cash_movement``. Raises Refused (``not_for_us``)."""
    detail = next((child for child in body.children if child.name.lower() in MOVEMENTS), None)
    if detail is None:
        raise Refused(
            "not_for_us", "The tender control transaction moves no cash (it settles or counts). Nothing to do."
        )
    draft.add(
        PosType.CASH_MOVEMENT,
        kind=MOVEMENTS[detail.name.lower()],
        amount=_amount(detail),
        reason=text_plain(detail.said("Reason", "ReasonCode"), 80),
    )


def _amount(detail: Element) -> Decimal:
    named = detail.first("Amount", "TotalAmount") or detail.anywhere("Amount")
    if named is None:
        raise Refused("no_amount", f"{text_plain(detail.name, 40)} names no Amount. Have the till write it.")
    return decimal_checked(named.text, "Amount")


def voided_transaction_read(draft: TicketDraft, header: Element, body: Element, config: AdapterConfig) -> None:
    """The void of an earlier transaction: the event belongs to the ticket that it voids. Raises Refused."""
    linked = linked_number(body, header, config)
    if not linked:
        raise Refused(
            "no_link",
            "It voids a transaction without naming it. Have the till write a TransactionLink with its number.",
        )
    draft.post_void(linked, reason=text_plain(body.said("ReasonCode"), 80))
