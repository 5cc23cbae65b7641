"""The lines of one receipt as the events of one ticket."""

from decimal import Decimal

from pos.adapters.drafts import Journal, TicketDraft, quantity_of
from pos.adapters.receipt_text.config import Config
from pos.adapters.receipt_text.lines import LineKind, ReadLine, money_printed, quantity_printed
from pos.adapters.values import gtin_or_none, line_number, text_plain
from pos.domain.events import PosType

_SALE = frozenset(LineKind) - {LineKind.NO_SALE, LineKind.DATE, LineKind.TICKET, LineKind.OPERATOR, LineKind.IGNORE}


def ticket_write(journal: Journal, draft: TicketDraft, read: list[ReadLine], part: str, config: Config) -> None:
    """Write the lines into ``draft``; one that cannot be taken is refused alone, by its number only: what stands on
    an unknown line may be a name."""
    sale = any(line.kind in _SALE for line in read)
    if sale:
        draft.add(PosType.TICKET_OPEN)
    totals: list[Decimal] = []
    taxes: list[Decimal] = []
    for line in read:
        with journal.part(f"{part}/line[{line.line.number}]"):
            _line_write(journal, draft, line, part, config, totals, taxes)
    if sale:
        _closed(journal, draft, read, part, totals, taxes)


def _line_write(
    journal: Journal,
    draft: TicketDraft,
    line: ReadLine,
    part: str,
    config: Config,
    totals: list[Decimal],
    taxes: list[Decimal],
) -> None:
    at, number = line.line.at, line.line.number
    match line.kind:
        case LineKind.ITEM:
            _item_write(draft, line)
        case LineKind.DISCOUNT:
            draft.item(PosType.DISCOUNT, line.amount, line=number, at=at, description=_description(line))
        case LineKind.VOID:
            _void_write(journal, draft, line, part)
        case LineKind.TAX:
            taxes.append(line.amount)
            draft.tax(line.amount, included=config.tax_included, at=at)
        case LineKind.SUBTOTAL:
            draft.add(PosType.SUBTOTAL, at=at, line=number, amount=line.amount)
        case LineKind.TOTAL:
            totals.append(line.amount)
        case LineKind.TENDER:
            draft.tender(line.groups.get("kind", "tender").lower(), line.amount, at=at, line=number)
        case LineKind.CHANGE:
            if line.amount:
                draft.tender("change", -abs(line.amount), at=at, line=number)
        case LineKind.NO_SALE:
            draft.add(PosType.NO_SALE, at=at, line=number)
        case None if line.money:
            journal.refuse(
                f"{part}/line[{number}]",
                "unknown_line",
                "The line ends in an amount and no pattern knows it. Add a pattern, or one that ignores it.",
            )


def _item_write(draft: TicketDraft, line: ReadLine) -> None:
    groups, amount = line.groups, line.amount
    quantity = quantity_printed(groups["quantity"]) if "quantity" in groups else None
    draft.item(
        PosType.RETURN if amount < 0 else PosType.SCAN,
        amount,
        line=line_number(groups.get("line"), line.line.number),
        at=line.line.at,
        gtin=gtin_or_none(groups.get("gtin")),
        description=_description(line),
        quantity=quantity_of(quantity),
        unit_price=money_printed(groups["unit_price"]) if "unit_price" in groups else None,
    )


def _void_write(journal: Journal, draft: TicketDraft, line: ReadLine, part: str) -> None:
    number = line.line.number
    live = draft.live_lines(abs(line.amount))
    target = line_number(line.groups.get("line"), live[-1] if live else number)
    if target == number:
        journal.refuse(
            f"{part}/line[{number}]",
            "void_without_line",
            "It voids an amount that no line before it has. The void was taken and strikes nothing.",
        )
    draft.void(target, at=line.line.at, own_line=number, description=_description(line), amount=line.amount)


def _description(line: ReadLine) -> str:
    return text_plain(line.groups.get("description", ""))


def _closed(
    journal: Journal,
    draft: TicketDraft,
    read: list[ReadLine],
    part: str,
    totals: list[Decimal],
    taxes: list[Decimal],
) -> None:
    draft.at = read[-1].line.at or draft.at
    total = totals[-1] if totals else None
    draft.settle(part, total=total, tax=sum(taxes, Decimal(0)) if taxes else None)
    if total is None:
        journal.refuse(
            part, "no_total", "The receipt names no total, so nothing says that it is whole. Check the masks."
        )
    draft.add(PosType.TICKET_CLOSE, amount=total)
