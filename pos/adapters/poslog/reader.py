"""A POSLog document: its transactions, one by one, each of which may be refused without costing another.

Elements as in the POSLog schema (ARTS IXRetail POSLog 2.2.1; OMG Retail POSLog
6.0): ``POSLog/Transaction`` with a header and one body. A transaction is known
by its alternate key, workstation + business day + sequence number, because that
is what links and receipts name. Nothing is read of names, customers, loyalty
and the receipt's image.
"""

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.markup import Element, xml_read
from pos.adapters.poslog.config import Config
from pos.adapters.poslog.control import cash_moved, control_read, voided_transaction_read
from pos.adapters.poslog.numbers import transaction_number
from pos.adapters.poslog.retail import ticket_read
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.values import text_plain
from pos.domain.events import PosType

TRAINING_FLAGS = ("TrainingModeFlag", "TrainingMode")


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a POSLog document. Raises DocumentNotUnderstood."""
    config = config or Config()
    root = xml_read(document)
    found = [root] if root.name == "Transaction" else [e for e in root.walk() if e.name == "Transaction"]
    found = [transaction for transaction in found if _has_header(transaction)]
    if not found:
        shown = text_plain(root.name, 40)
        raise DocumentNotUnderstood(
            f"The XML ({shown!r}) holds no POSLog Transaction with a WorkstationID or SequenceNumber. "
            "Send the till's POSLog export."
        )
    journal = Journal(config)
    for place, transaction in enumerate(found, start=1):
        number = text_plain(transaction.said("SequenceNumber"), 20)
        part = f"Transaction[{number or place}]"
        with journal.part(part):
            _transaction_read(journal, transaction, part, config)
    return journal.reading()


def _has_header(transaction: Element) -> bool:
    return bool(transaction.said("WorkstationID") or transaction.said("SequenceNumber"))


def _transaction_read(journal: Journal, transaction: Element, part: str, config: Config) -> None:
    draft = _draft(journal, transaction, part, config)
    own_number = draft.transaction
    draft.currency_agrees(transaction.said("CurrencyCode"))
    if any(transaction.flag(name) for name in TRAINING_FLAGS):
        draft.add(PosType.TRAINING_MODE)
    body = transaction.first("RetailTransaction")
    if body is not None:
        ticket_read(journal, draft, transaction, body, part, config)
    elif (body := transaction.first("ControlTransaction")) is not None:
        control_read(draft, body)
    elif (body := transaction.first("TenderControlTransaction")) is not None:
        cash_moved(draft, body)
    elif (body := transaction.first("VoidTransaction", "PostVoidTransaction")) is not None:
        voided_transaction_read(draft, transaction, body, config)
    else:
        kinds = [child.name for child in transaction.children if child.name.endswith(("Transaction", "FunctionLog"))]
        raise Refused(
            "unknown_transaction",
            f"It is a {text_plain(kinds[0], 40) if kinds else 'transaction without a body'}, which says nothing of "
            "items, money or operators that is known here. Nothing to do, unless it should.",
        )
    journal.take(part, draft, key=own_number)


def _draft(journal: Journal, transaction: Element, part: str, config: Config) -> TicketDraft:
    times = [transaction.said(name) for name in ("BeginDateTime", "EndDateTime", "POSLogDateTime", "ReceiptDateTime")]
    retail = transaction.first("RetailTransaction")
    if retail is not None:
        times.append(retail.said("ReceiptDateTime"))
    at = journal.instant(f"{part}/BeginDateTime", *times)
    if not at:
        raise Refused(
            "no_time", "It has neither BeginDateTime nor EndDateTime that reads as one. Have the till write it."
        )
    return TicketDraft(
        config,
        transaction=transaction_number(transaction, at, config),
        terminal=transaction.said("WorkstationID"),
        at=at,
        operator=transaction.said("OperatorID"),
    )
