"""From till events to what the camera should have seen for each: slots that a pass may fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cases.domain.alignment.params import Law
from cases.domain.alignment.types import PosLine

SALES = frozenset({"scan"})
ATTEMPTS = frozenset({"price_inquiry", "item_not_on_file"})
SOFT = frozenset({"coupon", "deposit_return", "non_merchandise", "gift_card_activation", "age_check"})
RETURNS = frozenset({"return", "refund"})
KEYED_AFTER_S = 45.0
RESCAN_S = 45.0
TWICE_S = 1.2
"""Sooner than a hand could bring another of the same article to the scanner."""
SALE_LAWS = frozenset({"scanned", "keyed", "weighed", "department"})
"""Delay laws of a line that is an item of its own. Soft slots may be filled and need not be."""
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


def slots_of(lines: Sequence[PosLine], laws: Mapping[str, Law]) -> list[Slot]:
    """Every slot of `lines` in the order in which passes are expected. Voided lines stay: they were seen too."""
    ordered = _with_changes(sorted(lines, key=till_order))
    refused = _refusals_entered_by_hand(ordered)
    rescans, doubled = _rescans(ordered), _doubled(ordered)
    by_key = {line.key: line for line in ordered}
    spent = frozenset(refused.values())
    slots: list[Slot] = []
    for line in ordered:
        law = "rescan" if line.key in rescans else "void" if line.key in doubled else _law(line)
        if law is None or line.key in spent:
            continue
        # the item was at the scanner when the till refused it, not when its number was keyed at last
        tried = by_key.get(refused.get(line.key, ""))
        anchor, timing = (tried.at, "scanned") if tried else (line.at, law)
        if tried:
            law = "scanned"
        slots.append(Slot(line, law, anchor - laws[timing].mean_s))
        slots.extend(_extras(line, laws))
    return sorted(slots, key=lambda slot: (slot.expected_at, *till_order(slot.line), slot.unit))


def _extras(line: PosLine, laws: Mapping[str, Law]) -> list[Slot]:
    """Further units cross one after another, before the till is told how many or after: a soft slot either way."""
    at, law = line.at - laws["scanned"].mean_s, laws["extra"]
    units = range(1, _units(line))
    return [Slot(line, "extra", at + side * unit * law.mean_s, unit) for unit in units for side in (-1, 1)]


def _with_changes(ordered: Sequence[PosLine]) -> list[PosLine]:
    """A quantity changed later counts for the line it changes: its number, else the last of that article."""
    found: list[PosLine] = []
    for line in ordered:
        if line.type != "quantity_change":
            found.append(line)
            continue
        mine = [i for i, other in enumerate(found) if other.type in SALES and other.transaction == line.transaction]
        named = [i for i in mine if line.line is not None and found[i].line == line.line]
        alike = [i for i in mine if line.gtin and found[i].gtin == line.gtin]
        for i in (named or alike or mine)[-1:]:
            found[i] = replace(found[i], quantity=max(found[i].quantity, line.quantity))
    return found


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


def _doubled(ordered: Sequence[PosLine]) -> frozenset[str]:
    """Lines that beeped twice for one item and were voided for it: no second item crossed."""
    sales = [line for line in ordered if line.type in SALES]
    voided = {(line.transaction, line.voids_line) for line in ordered if line.type == "void" and line.voids_line}
    found: set[str] = set()
    for line in sales:
        if not line.gtin or (line.transaction, line.line) not in voided:
            continue
        twins = [
            other
            for other in sales
            if other.gtin == line.gtin and other.transaction == line.transaction and other.key != line.key
        ]
        if any(abs(other.at - line.at) <= TWICE_S and other.key not in found for other in twins):
            found.add(line.key)
    return frozenset(found)


def till_order(line: PosLine) -> tuple[float, int, str]:
    """By instant; within one, which may be a whole second, by the number on the receipt."""
    return line.at, line.line or 0, line.key


HALF_S, CUT_SD_S = 0.5, 0.29
"""A till that cuts its instants to whole seconds says them half a second early, give or take this."""
FEW = 4


def cuts_seconds(lines: Sequence[PosLine], before: bool) -> bool:
    """Whether the till cuts its instants to whole seconds; of few lines nothing is learnt: then as `before`."""
    if len(lines) < FEW:
        return before
    return all(abs(line.at - round(line.at)) < 1e-3 for line in lines)
