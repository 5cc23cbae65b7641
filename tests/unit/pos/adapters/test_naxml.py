"""NAXML-POSJournal: what each event of a register becomes. Documents in short, after the journal's element names."""

from __future__ import annotations

import pytest

from pos.adapters.naxml import Config, read
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.domain.ticket import Ticket, TicketStatus
from tests.factories.pos_documents import refused, tickets_of, told

NUMBER = "N1-20261120-8945"
HEAD = (
    "<EventSequenceID>7</EventSequenceID><CashierID>3</CashierID><RegisterID>1</RegisterID>"
    "<TransactionID>8945</TransactionID><BusinessDate>2026-11-20</BusinessDate>"
    "<EventStartDate>2026-11-21</EventStartDate><EventStartTime>00:30:45</EventStartTime>"
    "<EventEndDate>2026-11-21</EventEndDate><EventEndTime>00:31:38</EventEndTime>"
)
CANDY = (
    "<ItemLine><ItemCode><POSCodeFormat format='upcA'/><POSCode>222222222222</POSCode></ItemCode>"
    "<Description>CANDY</Description><EntryMethod method='scan'/><ActualSalesPrice>3.00</ActualSalesPrice>"
    "<MerchandiseCode>10</MerchandiseCode><RegularSellPrice>3.00</RegularSellPrice>"
    "<SalesQuantity>1</SalesQuantity><SalesAmount>3.00</SalesAmount></ItemLine>"
)
CASH = (
    "<TenderInfo><Tender><TenderCode>cash</TenderCode></Tender><TenderAmount>{}</TenderAmount>"
    "<ChangeFlag value='{}'/></TenderInfo>"
)
TAX = "<TransactionTax><TaxLevelID>1</TaxLevelID><TaxCollectedAmount>0.25</TaxCollectedAmount></TransactionTax>"
LINK = (
    "<LinkedTransactionInfo><OriginalRegisterID>1</OriginalRegisterID><OriginalTransactionID>8900"
    "</OriginalTransactionID><OriginalEventStartDate>2026-11-20</OriginalEventStartDate></LinkedTransactionInfo>"
)


def journal(*events: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='ISO-8859-1'?><NAXML-POSJournal version='3.4'><TransmissionHeader>"
        "<StoreLocationID>1</StoreLocationID></TransmissionHeader><JournalReport>"
        f"{''.join(events)}</JournalReport></NAXML-POSJournal>"
    ).encode()


def line(content: str, status: str = "normal") -> str:
    return f"<TransactionLine status='{status}'>{content}</TransactionLine>"


def event(*lines: str, name: str = "SaleEvent", head: str = HEAD, total: str = "", tax: str = "") -> str:
    owed = f"<TransactionTotalGrandAmount>{total}</TransactionTotalGrandAmount>" if total else ""
    taxed = f"<TransactionTotalTaxNetAmount>{tax}</TransactionTotalTaxNetAmount>" if tax else ""
    return (
        f"<{name}>{head}<TransactionDetailGroup>{''.join(lines)}</TransactionDetailGroup>"
        f"<TransactionSummary>{owed}{taxed}</TransactionSummary></{name}>"
    )


def ticket(reading: Reading) -> Ticket:
    return tickets_of(reading.events)[NUMBER]


def test_a_sale_with_a_struck_line_tax_and_change() -> None:
    paid = (line(CASH.format("5.00", "no")), line(CASH.format("-1.75", "yes")))
    reading = read(journal(event(line(CANDY, "cancel"), line(CANDY), line(TAX), *paid, total="3.25", tax="0.25")))
    assert reading.refusals == ()
    assert told(reading) == [
        ("ticket_open",),
        ("scan", 1, "3.00"),
        ("void", 1),
        ("scan", 2, "3.00"),
        ("tender", 4, "5.00"),
        ("tender", 5, "-1.75"),
        ("non_merchandise", "0.25"),
        ("ticket_close", "3.25"),
    ]
    rebuilt = ticket(reading)
    assert (str(rebuilt.total), str(rebuilt.tendered), rebuilt.adds_up) == ("3.25", "3.25", True)
    (declared,) = reading.declared
    assert (str(declared.total), str(declared.tax)) == ("3.25", "0.25")


def test_what_is_known_of_an_article() -> None:
    reading = read(journal(event(line(CANDY))))
    assert reading.events[1] == {
        "id": f"{NUMBER}.1.scan",
        "terminal": "1",
        "type": "scan",
        "occurred_at": "2026-11-21T00:31:38",
        "transaction": NUMBER,
        "line": 1,
        "operator": "3",
        "data": {
            "amount": "3.00",
            "gtin": "222222222222",
            "description": "CANDY",
            "entry_method": "scanned",
            "quantity": 1,
            "unit_price": "3.00",
        },
    }
    assert reading.events[0]["occurred_at"] == "2026-11-21T00:30:45"


@pytest.mark.parametrize(
    ("content", "found", "why"),
    [
        (CANDY.replace("scan", "manual"), {"type": "scan", "entry_method": "keyed"}, "typed"),
        (
            "<MerchandiseCodeLine><MerchandiseCode>10</MerchandiseCode><SalesAmount>3.00</SalesAmount>"
            "</MerchandiseCodeLine>",
            {"type": "scan", "entry_method": "department", "sku": "10"},
            "an amount on a department",
        ),
        (
            "<FuelLine><Description>DIESEL</Description><SalesQuantity>1.000</SalesQuantity><SalesAmount>3.00"
            "</SalesAmount></FuelLine>",
            {"type": "non_merchandise", "description": "DIESEL"},
            "fuel crosses no scanner",
        ),
        (CANDY.replace(">3.00</SalesAmount", ">-3.00</SalesAmount"), {"type": "return"}, "brought back within a sale"),
    ],
)
def test_each_kind_of_item(content: str, found: dict[str, str], why: str) -> None:
    (shown,) = read(journal(event(line(content)))).events[1:-1]
    assert {name: shown["data"].get(name, shown.get(name)) for name in found} == found, why


@pytest.mark.parametrize("amount", ["3.00", "2.50"], ids=["before", "after"])
def test_a_promotion_is_a_discount_of_its_own(amount: str) -> None:
    promotion = "<Promotion><PromotionID>77</PromotionID><PromotionAmount>0.50</PromotionAmount></Promotion>"
    item = CANDY.replace(">3.00</SalesAmount>", f">{amount}</SalesAmount>{promotion}")
    reading = read(journal(event(line(item), total="2.50")))
    assert told(reading)[1:3] == [("scan", 1, "3.00"), ("discount", "0.50")]
    assert reading.refusals == ()


def test_a_refund_names_its_sale_and_gives_back() -> None:
    lines = (line(CANDY.replace("3.00</SalesAmount", "-3.00</SalesAmount")), line(CASH.format("-3.00", "no")))
    reading = read(journal(event(*lines, name="RefundEvent", head=HEAD + LINK, total="-3.00")))
    assert reading.refusals == ()
    assert told(reading)[1:3] == [("return", 1, "-3.00"), ("tender", 2, "-3.00")]
    assert reading.events[1]["data"]["original_transaction"] == "N1-20261120-8900"
    assert str(ticket(reading).total) == "-3.00"


def test_a_void_of_an_open_ticket_cancels_it() -> None:
    reading = read(journal(event(line(CANDY, "cancel"), name="VoidEvent", total="0.00")))
    assert ticket(reading).status == TicketStatus.CANCELLED
    assert reading.declared[0].total is None


def test_a_void_of_a_closed_ticket_strikes_that_ticket() -> None:
    reading = read(journal(event(name="VoidEvent", head=HEAD + LINK)))
    assert [(e["type"], e["transaction"]) for e in reading.events] == [("ticket_void", "N1-20261120-8900")]


@pytest.mark.parametrize(
    ("flag", "types", "why"),
    [
        ("<SuspendFlag value='yes'/>", ["ticket_open", "scan", "ticket_suspend"], "put on hold"),
        ("<TrainingModeFlag value='yes'/>", ["training_mode", "ticket_open", "scan", "ticket_close"], "practice"),
        ("<TrainingModeFlag value='no'/>", ["ticket_open", "scan", "ticket_close"], "no practice"),
    ],
)
def test_flags(flag: str, types: list[str], why: str) -> None:
    reading = read(journal(event(line(CANDY), head=HEAD + flag)))
    assert [e["type"] for e in reading.events] == types, why


@pytest.mark.parametrize(
    ("name", "content", "found", "why"),
    [
        ("OtherEvent", "<CashierDetail detailType='signOn'/>", ("operator_sign_on",), "a cashier comes"),
        ("OtherEvent", "<CashierDetail detailType='close'/>", ("operator_sign_off",), "a cashier goes"),
        ("OtherEvent", "<NoSaleDetail/>", ("no_sale",), "the drawer without a sale"),
        ("OtherEvent", "<DrawerOpenDetail/>", ("drawer_open",), "the drawer"),
        (
            "FinancialEvent",
            "<FinancialEventDetail><SafeDropDetail><TenderAmount>100.00</TenderAmount></SafeDropDetail>"
            "</FinancialEventDetail>",
            ("cash_movement", "100.00"),
            "cash to the safe",
        ),
    ],
)
def test_what_sells_nothing(name: str, content: str, found: tuple[object, ...], why: str) -> None:
    reading = read(journal(f"<{name}>{HEAD}{content}</{name}>"))
    assert told(reading) == [found], why
    assert reading.events[0]["transaction"] == "N1-20261120-E7"


@pytest.mark.parametrize(
    ("bad", "code", "why"),
    [
        (f"<SaleEvent>{HEAD}<OutsideSalesFlag value='yes'/></SaleEvent>", "outside", "no lane's business"),
        (f"<OtherEvent>{HEAD}<StoreDetail/></OtherEvent>", "not_for_us", "no cashier, no drawer"),
        (f"<FinancialEvent>{HEAD}</FinancialEvent>", "not_for_us", "no cash moved"),
        (f"<SaleEvent>{HEAD.replace('RegisterID', 'Till')}</SaleEvent>", "no_terminal", "nobody knows where"),
        (f"<SaleEvent>{HEAD.replace('Time>', 'Clock>')}</SaleEvent>", "no_time", "nobody knows when"),
    ],
)
def test_an_event_that_cannot_be_taken_costs_no_other(bad: str, code: str, why: str) -> None:
    reading = read(journal(bad, event(line(CANDY), head=HEAD.replace("8945", "8946"))))
    assert [refusal.code for refusal in reading.refusals] == [code], why
    assert [declared.transaction for declared in reading.declared] == ["N1-20261120-8946"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (line(CANDY.replace(">3.00</SalesAmount", "></SalesAmount")), "bad_number"),
        (line(CASH.format("much", "no")), "bad_number"),
        (line("<HologramLine/>"), "unknown_line"),
    ],
)
def test_a_bad_line_costs_no_other(bad: str, code: str) -> None:
    reading = read(journal(event(line(CANDY), bad, line(CANDY), total="6.00")))
    assert refused(reading.refusals) == [("SaleEvent[8945]/TransactionLine[2]", code)]
    assert str(ticket(reading).total) == "6.00"


def test_what_was_sold_outside_can_be_asked_for() -> None:
    sold = f"<SaleEvent>{HEAD}<OutsideSalesFlag value='yes'/></SaleEvent>"
    assert read(journal(sold), Config(outside_sales=True)).refusals == ()


@pytest.mark.parametrize("sent", [b"<POSLog/>", b"<NAXML-POSJournal><JournalReport/></NAXML-POSJournal>", b"hello"])
def test_what_is_no_journal(sent: bytes) -> None:
    with pytest.raises(DocumentNotUnderstood):
        read(sent)
