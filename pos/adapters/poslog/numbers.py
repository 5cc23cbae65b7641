"""What a transaction is called."""

from lanes.domain.payload import Refused
from pos.adapters.markup import Element
from pos.adapters.reading import AdapterConfig
from pos.adapters.values import code_plain

LINKS = ("ItemLink", "LineItemLink", "VoidedLineItem")
"""What names the line that another one strikes."""


def transaction_number(header: Element, otherwise_day: str, config: AdapterConfig) -> str:
    """The alternate key (workstation, business day, sequence number) of a header or of a link, as one text.

    ``otherwise_day``: an instant whose day is taken where no business day is
    named. The letter in front keeps the whole from reading as a card's number.
    """
    workstation = code_plain(header.said("WorkstationID"))[:32] or config.terminal[:32]
    day = code_plain(header.said("BusinessDayDate", "BusinessDay") or otherwise_day[:10])[:10].replace("-", "")
    number = code_plain(header.said("SequenceNumber"))[:32] or code_plain(header.said("TransactionID"))[:32]
    if not number:
        raise Refused("no_number", "It has neither SequenceNumber nor TransactionID. Have the till number its tickets.")
    return f"P{workstation}-{day}-{number}"


def linked_number(body: Element, header: Element, config: AdapterConfig) -> str:
    """The transaction that ``body`` links to, "" for none. What the link leaves out is as in ``header``."""
    link = body.first("TransactionLink", "OriginalTransaction", "LinkedTransaction")
    if link is None or not link.said("SequenceNumber", "TransactionID"):
        return ""
    own = [child for child in header.children if child.name in ("WorkstationID", "BusinessDayDate")]
    return transaction_number(Element("", children=[*link.children, *own]), "", config)
