"""The words of the till: the types of the contract, and what they mean for an item."""

from enum import StrEnum


class PosType(StrEnum):
    TICKET_OPEN = "ticket_open"
    SCAN = "scan"
    VOID = "void"
    QUANTITY_CHANGE = "quantity_change"
    PRICE_OVERRIDE = "price_override"
    DISCOUNT = "discount"
    COUPON = "coupon"
    RETURN = "return"
    DEPOSIT_RETURN = "deposit_return"
    PRICE_INQUIRY = "price_inquiry"
    ITEM_NOT_ON_FILE = "item_not_on_file"
    AGE_CHECK = "age_check"
    NON_MERCHANDISE = "non_merchandise"
    SUBTOTAL = "subtotal"
    TENDER = "tender"
    TENDER_VOID = "tender_void"
    TICKET_SUSPEND = "ticket_suspend"
    TICKET_RESUME = "ticket_resume"
    TICKET_CANCEL = "ticket_cancel"
    TICKET_VOID = "ticket_void"
    TICKET_CLOSE = "ticket_close"
    REFUND = "refund"
    GIFT_CARD_ACTIVATION = "gift_card_activation"
    DRAWER_OPEN = "drawer_open"
    NO_SALE = "no_sale"
    CASH_MOVEMENT = "cash_movement"
    OVERRIDE = "override"
    OPERATOR_SIGN_ON = "operator_sign_on"
    OPERATOR_SIGN_OFF = "operator_sign_off"
    PAUSE_BEGIN = "pause_begin"
    PAUSE_END = "pause_end"
    TRAINING_MODE = "training_mode"
    SCALE_WEIGHT = "scale_weight"
    SCO_INTERVENTION = "sco_intervention"
    HEARTBEAT = "heartbeat"
    GAP = "gap"


class EntryMethod(StrEnum):
    SCANNED = "scanned"
    KEYED = "keyed"
    WEIGHED = "weighed"
    DEPARTMENT = "department"


# The time and money of a till line.
REDUCES = frozenset({PosType.DISCOUNT, PosType.COUPON, PosType.RETURN, PosType.DEPOSIT_RETURN, PosType.REFUND})

ZONE_ASSUMED = "zone_assumed"  # see lanes.domain.instants for the flags of time
AMOUNT_ROUNDED = "amount_rounded"
QUANTITY_ROUNDED = "quantity_rounded"
MONEY_AS_NUMBER = "money_as_number"
GTIN_UNREADABLE = "gtin_unreadable"
ENTRY_METHOD_UNKNOWN = "entry_method_unknown"
REDACTED = "redacted"
GAP_UNREADABLE = "gap_unreadable"
