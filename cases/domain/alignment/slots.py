"""From till events to what the camera should have seen for each: slots that a pass may fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.domain.alignment.params import Params
from cases.domain.alignment.types import PosLine

SALES = frozenset({"scan"})
ATTEMPTS = frozenset({"price_inquiry", "item_not_on_file"})
SOFT = frozenset({"coupon", "deposit_return", "non_merchandise", "gift_card_activation", "age_check"})
RETURNS = frozenset({"return", "refund"})
KEYED_AFTER_S = 45.0
RESCAN_S = 45.0
MOST_UNITS = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """`law` names a delay law. `expected_at`: when the pass should have been, on the till's clock."""

    line: PosLine
    law: str
    expected_at: float
    unit: int = 0

    @property
    def pays(self) -> bool:
        return self.line.type in SALES and not self.line.training


def slots_of(lines: Sequence[PosLine], params: Params) -> list[Slot]:
    """Every slot of `lines` in the order in which passes are expected. Voided lines stay: they were seen too."""
    ordered = sorted(lines, key=lambda line: (line.at, line.key))
    refused = _refusals_entered_by_hand(ordered)
    rescans = _rescans(ordered)
    by_key = {line.key: line for line in ordered}
    spent = frozenset(refused.values())
    slots: list[Slot] = []
    for line in ordered:
        law = "rescan" if line.key in rescans else _law(line)
        if law is None or line.key in spent:
            continue
        # the item was at the scanner when the till refused it, not when its number was keyed at last
        tried = by_key.get(refused.get(line.key, ""))
        anchor, timing = (tried.at, "scanned") if tried else (line.at, law)
        if tried:
            law = "scanned"
        slots.append(Slot(line, law, anchor - params.laws[timing].mean_s))
        slots.extend(_extras(line, params))
    return sorted(slots, key=lambda slot: (slot.expected_at, slot.line.key, slot.unit))


def _extras(line: PosLine, params: Params) -> list[Slot]:
    """Further units cross one after another, before the till is told how many or after: a soft slot either way."""
    at, law = line.at - params.laws["scanned"].mean_s, params.laws["extra"]
    units = range(1, _units(line))
    return [Slot(line, "extra", at + side * unit * law.mean_s, unit) for unit in units for side in (-1, 1)]


def _law(line: PosLine) -> str | None:
    if line.type in SALES:
        return line.entry_method if line.entry_method in ("keyed", "weighed", "department") else "scanned"
    if line.type in ATTEMPTS:
        return "attempt"
    if line.type in RETURNS:
        return "return" if line.type == "return" else None
    if line.type in SOFT:
        return "soft"
    return "void" if line.type == "void" else None


def _units(line: PosLine) -> int:
    """Pieces that may be seen. A weight in kilograms is one piece; so is half a cheese."""
    whole = line.type in SALES and line.entry_method != "weighed" and line.quantity == int(line.quantity)
    return min(MOST_UNITS, max(1, int(line.quantity))) if whole else 1


def _refusals_entered_by_hand(ordered: Sequence[PosLine]) -> dict[str, str]:
    """{line entered by hand: the refused scan before it}, within one ticket and a moment."""
    found: dict[str, str] = {}
    for number, line in enumerate(ordered):
        if line.type not in SALES or line.entry_method in ("scanned", ""):
            continue
        for earlier in reversed(ordered[:number]):
            if line.at - earlier.at > KEYED_AFTER_S or earlier.type in SALES:
                break
            if earlier.type == "item_not_on_file" and earlier.transaction == line.transaction:
                found[line.key] = earlier.key
                break
    return found


def _rescans(ordered: Sequence[PosLine]) -> frozenset[str]:
    """Lines that ring up again what a void has just taken off: the goods need not pass twice."""
    found = set()
    by_line = {(ln.transaction, ln.line): ln for ln in ordered if ln.line is not None}
    voids: list[tuple[PosLine, str]] = []
    for line in ordered:
        if line.type == "void":
            voided = by_line.get((line.transaction, line.voids_line)) if line.voids_line is not None else None
            gtin = line.gtin or (voided.gtin if voided else "")
            voids.append((line, gtin))
        elif line.type in SALES and line.gtin:
            again = next((v for v in voids if v[1] == line.gtin and 0 <= line.at - v[0].at <= RESCAN_S), None)
            if again:
                voids.remove(again)
                found.add(line.key)
    return frozenset(found)


def whole_seconds(lines: Sequence[PosLine]) -> bool:
    """Whether the till cuts its times to seconds: then every one is late by half a second, give or take 0.29."""
    return len(lines) >= 4 and all(abs(line.at - round(line.at)) < 1e-3 for line in lines)
