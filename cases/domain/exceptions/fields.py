"""The words a rule may use: event types, fields and operators, with which field knows which."""

from __future__ import annotations

import re
from types import MappingProxyType

from pos.domain.events import PosType
from pos.domain.redaction import PERSON_FIELDS

POS_TYPES = frozenset(type_.value for type_ in PosType) - {PosType.HEARTBEAT.value, PosType.GAP.value}
"""The contract's, but for heartbeat and gap: they are no event of a ticket, they say how well the till was heard."""
VISUAL_TYPES = frozenset(
    {"item_pass", "item_bypass", "item_return", "item_presented", "hand_in_drawer", "person_enter", "person_leave",
     "zone_enter", "zone_leave", "zone_dwell", "concealment"}
)  # fmt: skip
NUMBERS = frozenset({"amount", "quantity", "unit_price", "line", "confidence"})
TEXTS = frozenset(
    {"gtin", "description", "reason", "approver", "entry_method", "transaction", "operator", "label", "zone"}
)
FREE = "data."
"""Whatever else a till sends is asked for by the name under which it sends it: data.tender."""
BEFORE = "before."
"""A field of the step before."""
NUMBER_OPERATORS = frozenset({"at_least", "at_most", "multiple_of"})
TEXT_OPERATORS = frozenset({"prefix"})
OPERATORS = MappingProxyType(
    {
        "equals": "a number or a text",
        "in": "a list",
        "not_in": "a list",
        "at_least": "a number",
        "at_most": "a number",
        "multiple_of": "a number above 0",
        "prefix": "a text",
        "present": "true or false",
        "same_as": "the name of another field",
    }
)

ABOUT_PEOPLE = frozenset({"present", "same_as"})
"""Of pseudonyms it may be asked whether there is one and whether two are the same, never who it is."""
_NOT_ALNUM = re.compile(r"[^a-z0-9]")


def is_person(name: str) -> bool:
    """Whether the field holds a pseudonym, under whatever name a till sends it."""
    plain = name.removeprefix(BEFORE).removeprefix(FREE)
    return _NOT_ALNUM.sub("", plain.lower()) in PERSON_FIELDS


def is_field(name: str) -> bool:
    plain = name.removeprefix(BEFORE)
    return plain in NUMBERS | TEXTS or (plain.startswith(FREE) and len(plain) > len(FREE))
