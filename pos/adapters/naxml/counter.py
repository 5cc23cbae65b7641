"""What a register journals beside its tickets: cashiers, drawers and cash."""

from decimal import Decimal

from lanes.domain.payload import Refused
from pos.adapters.drafts import TicketDraft
from pos.adapters.markup import Element
from pos.adapters.values import decimal_checked, text_plain
from pos.domain.events import PosType

# FinancialEvent's details; the names of the elements begin so in every version.
MOVEMENTS = {
    "SafeDrop": "safe_drop",
    "SafeLoan": "loan",
    "PayIn": "paid_in",
    "PayOut": "paid_out",
    "TillLoan": "loan",
    "TillPickup": "pickup",
}
SIGNS = {
    "signon": PosType.OPERATOR_SIGN_ON,
    "login": PosType.OPERATOR_SIGN_ON,
    "open": PosType.OPERATOR_SIGN_ON,
    "signoff": PosType.OPERATOR_SIGN_OFF,
    "logout": PosType.OPERATOR_SIGN_OFF,
    "close": PosType.OPERATOR_SIGN_OFF,
}


def cash_moved(draft: TicketDraft, event: Element) -> None:
    """A FinancialEvent as one ``cash_movement``. Raises Refused (``not_for_us``)."""
    for detail in event.walk():
        kind = next((MOVEMENTS[name] for name in MOVEMENTS if detail.name.startswith(name)), None)
        if kind is not None:
            draft.add(PosType.CASH_MOVEMENT, kind=kind, amount=_amount(detail))
            return
    raise Refused("not_for_us", "The financial event moves no cash of a drawer that is known here. Nothing to do.")


def _amount(detail: Element) -> Decimal:
    named = next((e for e in detail.walk() if e.name.endswith("Amount") and e.text), None)
    if named is None:
        raise Refused("no_amount", f"{text_plain(detail.name, 40)} names no amount. Have the register write it.")
    return decimal_checked(named.text, named.name[:40])


def other_read(draft: TicketDraft, event: Element) -> None:
    """An OtherEvent as one event: a cashier comes or goes, a drawer opens. Raises Refused (``not_for_us``)."""
    for detail in event.walk():
        if "NoSale" in detail.name:
            draft.add(PosType.NO_SALE)
            return
        if "DrawerOpen" in detail.name:
            draft.add(PosType.DRAWER_OPEN)
            return
        if detail.name == "CashierDetail":
            sign = SIGNS.get(detail.attributes.get("detailType", "").lower())
            if sign is not None:
                draft.add(sign)
                return
    raise Refused("not_for_us", "The event is neither of a cashier nor of a drawer. Nothing to do.")
