"""A NAXML-POSJournal document: one event of the register after the other.

Elements as in the Conexxus POS/Back Office journal: ``NAXML-POSJournal /
JournalReport`` holds ``SaleEvent``, ``RefundEvent``, ``VoidEvent``,
``FinancialEvent`` and ``OtherEvent``. Dates and times are local and without an
offset. The lines of a sale have no times of their own: they are given the end
of the event. Loyalty and card details are not read.
"""

from dataclasses import dataclass

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.markup import Element, xml_read
from pos.adapters.naxml.counter import cash_moved, other_read
from pos.adapters.naxml.numbers import ticket_number
from pos.adapters.naxml.sales import sale_read
from pos.adapters.reading import AdapterConfig, DocumentNotUnderstood, Reading
from pos.adapters.values import code_plain, text_plain
from pos.domain.events import PosType

SALES = ("SaleEvent", "RefundEvent", "VoidEvent")
EVENTS = (*SALES, "FinancialEvent", "OtherEvent")


@dataclass(frozen=True, slots=True)
class Config(AdapterConfig):
    """``outside_sales``: read also what was sold at a pump, where no lane's camera looks."""

    outside_sales: bool = False


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a NAXML-POSJournal document. Raises DocumentNotUnderstood."""
    config = config or Config()
    root = xml_read(document)
    if "POSJournal" not in root.name:
        raise DocumentNotUnderstood(
            f"The XML ({text_plain(root.name, 40)!r}) is no NAXML-POSJournal. Send the register's journal (PJR) file."
        )
    found = [element for element in root.walk() if element.name in EVENTS]
    if not found:
        raise DocumentNotUnderstood("The journal holds no event of a register (no SaleEvent, no OtherEvent).")
    journal = Journal(config)
    for place, event in enumerate(found, start=1):
        part = f"{event.name}[{text_plain(event.said('TransactionID', 'EventSequenceID'), 20) or place}]"
        with journal.part(part):
            _event_read(journal, event, part, config)
    return journal.reading()


def _event_read(journal: Journal, event: Element, part: str, config: Config) -> None:
    if said_yes(event, "OutsideSalesFlag") and not config.outside_sales:
        raise Refused("outside", "It was sold outside, at a pump, where no lane's camera looks. Nothing to do.")
    starts_at = journal.instant(f"{part}/EventStartTime", *_instants(event, "EventStart"), *_instants(event, "Receipt"))
    ends_at = journal.instant(f"{part}/EventEndTime", *_instants(event, "EventEnd"), *_instants(event, "Receipt"))
    at = starts_at or ends_at
    if not at:
        raise Refused("no_time", "It has no EventStartDate with EventStartTime that reads as one. Have them written.")
    draft = TicketDraft(
        config,
        transaction=event_number(event, at, config),
        terminal=event.said("RegisterID"),
        at=at,
        operator=event.said("CashierID"),
    )
    own_number = draft.transaction
    if said_yes(event, "TrainingModeFlag"):
        draft.add(PosType.TRAINING_MODE)
    if event.name in SALES:
        sale_read(journal, draft, event, part, ends_at or at)
    elif event.name == "FinancialEvent":
        cash_moved(draft, event)
    else:
        other_read(draft, event)
    journal.take(part, draft, key=own_number)


def said_yes(event: Element, name: str) -> bool:
    flag = event.first(name)
    return event.flagged(name) or (flag is not None and flag.text.lower() == "yes")


def _instants(event: Element, name: str) -> list[str]:
    day, time = event.said(f"{name}Date"), event.said(f"{name}Time")
    return [event.said(f"{name}DateTime"), f"{day}T{time}" if day and time else ""]


def event_number(event: Element, at: str, config: Config) -> str:
    """What sells nothing is counted by its own sequence, which shares no numbers with the tickets'."""
    register = code_plain(event.said("RegisterID"))[:32] or config.terminal[:32]
    ticket, sequence = code_plain(event.said("TransactionID"))[:32], code_plain(event.said("EventSequenceID"))[:32]
    if not ticket and not sequence:
        raise Refused("no_number", "It has neither TransactionID nor EventSequenceID. Have the register number it.")
    own = ticket if ticket and (event.name in SALES or not sequence) else f"E{sequence}"
    return ticket_number(register, event.said("BusinessDate") or at[:10], own)
