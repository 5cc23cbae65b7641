"""POSLog: what each kind of line and transaction becomes. Documents in short, after the schema's element names."""

from __future__ import annotations

import pytest

from pos.adapters.poslog import Config, read
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.domain.ticket import Ticket, TicketStatus
from tests.factories.pos_documents import refused, tickets_of, told

NUMBER = "P7-20261121-12"
HEAD = (
    "<WorkstationID>7</WorkstationID><BusinessDayDate>2026-11-21</BusinessDayDate><SequenceNumber>12</SequenceNumber>"
    "<BeginDateTime>2026-11-21T10:00:00</BeginDateTime><EndDateTime>2026-11-21T10:01:00</EndDateTime>"
    "<OperatorID OperatorName='Ana Perez'>17</OperatorID>"
)
OIL = "<ItemID>4012345678901</ItemID><Description>Oil</Description>"
PRICED = "<RegularSalesUnitPrice>7.95</RegularSalesUnitPrice>"
SALE = f"<Sale>{OIL}{PRICED}<ExtendedAmount>7.95</ExtendedAmount><Quantity>1</Quantity></Sale>"


def transaction(body: str, head: str = HEAD, attributes: str = "") -> str:
    return f"<Transaction {attributes}>{head}{body}</Transaction>"


def document(*transactions: str) -> bytes:
    return f"<POSLog xmlns='http://www.nrf-arts.org/IXRetail/namespace/'>{''.join(transactions)}</POSLog>".encode()


def line(content: str, number: int = 1, attributes: str = "") -> str:
    return f"<LineItem {attributes}><SequenceNumber>{number}</SequenceNumber>{content}</LineItem>"


def retail(*lines: str, total: str | None = None, attributes: str = "") -> str:
    owed = "" if total is None else f"<Total TotalType='TransactionGrandAmount'>{total}</Total>"
    return f"<RetailTransaction {attributes}>{''.join(lines)}{owed}</RetailTransaction>"


def sale(*lines: str, total: str | None = None, attributes: str = "", head: str = HEAD) -> Reading:
    return read(document(transaction(retail(*lines, total=total, attributes=attributes), head)))


def ticket(reading: Reading) -> Ticket:
    return tickets_of(reading.events)[NUMBER]


@pytest.mark.parametrize(
    ("content", "attributes", "events", "why"),
    [
        (SALE, "EntryMethod='Scanned'", [("scan", 1, "7.95")], "a sale"),
        (
            SALE.replace("<Sale>", "<Sale ItemType='GiftCard'>"),
            "",
            [("gift_card_activation", 1, "7.95")],
            "a gift card",
        ),
        (SALE.replace("<Sale>", "<Sale ItemType='Deposit'>"), "", [("non_merchandise", 1, "7.95")], "a deposit paid"),
        (SALE.replace("Sale>", "Return>"), "", [("return", 1, "7.95")], "something brought back"),
        (
            SALE.replace("<Sale>", "<Return ItemType='Deposit'>").replace("</Sale>", "</Return>"),
            "",
            [("deposit_return", 1, "7.95")],
            "an empty bottle brought back",
        ),
        (SALE, "VoidFlag='true'", [("scan", 1, "7.95"), ("void", 1)], "struck: it was scanned all the same"),
        (
            "<Sale><ItemLink><SequenceNumber>4</SequenceNumber></ItemLink></Sale>",
            "VoidFlag='true'",
            [("void", 1)],
            "it strikes another line",
        ),
        (f"<x:Promotion/>{SALE}", "", [("scan", 1, "7.95")], "a vendor's element before it hides nothing"),
        (
            SALE.replace("<ExtendedAmount>", "<ExtendedAmount>-"),
            "",
            [("return", 1, "-7.95")],
            "a sale of less than nothing",
        ),
        ("<Tender TenderType='Cash'><Amount>5.00</Amount></Tender>", "", [("tender", 1, "5.00")], "cash"),
        (
            "<Tender><Amount>5.00</Amount><TenderChange><Amount>1.50</Amount></TenderChange></Tender>",
            "",
            [("tender", 1, "5.00"), ("tender", "-1.50")],
            "change",
        ),
        (
            "<Tender TenderType='Cash'><Amount>5.00</Amount></Tender>",
            "VoidFlag='true'",
            [("tender_void", 1, "5.00")],
            "a tender taken back",
        ),
        ("<Discount><Amount>1.00</Amount></Discount>", "", [("discount", 1, "1.00")], "off the whole ticket"),
        ("<Coupon><Amount>0.50</Amount></Coupon>", "", [("coupon", 1, "0.50")], "a coupon"),
        ("<Rounding><Amount>-0.02</Amount></Rounding>", "", [("non_merchandise", 1, "-0.02")], "rounded to 5 cents"),
        ("<Coupon><Amount>0.50</Amount></Coupon>", "VoidFlag='1'", [("coupon", 1, "0.50"), ("void", 1)], "taken back"),
        ("<Tax><Amount>0.50</Amount></Tax>", "VoidFlag='true'", [], "a tax taken back"),
        ("<ItemNotFound><POSItemID>42</POSItemID></ItemNotFound>", "", [("item_not_on_file", 1)], "not on file"),
        ("<AgeRestriction/>", "", [("age_check", 1)], "an age check"),
        ("<LoyaltyMembership><LoyaltyID>123456789</LoyaltyID></LoyaltyMembership>", "", [], "who the customer is"),
    ],
)
def test_each_line(content: str, attributes: str, events: list[tuple[object, ...]], why: str) -> None:
    reading = sale(line(content, attributes=attributes))
    assert told(reading) == [("ticket_open",), *events, ("ticket_close",)], why
    assert reading.refusals == ()


def test_what_is_known_of_an_article() -> None:
    (event,) = [e for e in sale(line(SALE, attributes="EntryMethod='Scanned'")).events if e["type"] == "scan"]
    assert event == {
        "id": f"{NUMBER}.1.scan",
        "terminal": "7",
        "type": "scan",
        "occurred_at": "2026-11-21T10:01:00",
        "transaction": NUMBER,
        "line": 1,
        "operator": "17",
        "data": {
            "amount": "7.95",
            "gtin": "4012345678901",
            "description": "Oil",
            "quantity": 1,
            "unit_price": "7.95",
            "entry_method": "scanned",
        },
    }


@pytest.mark.parametrize(
    ("item", "attributes", "method", "why"),
    [
        (SALE, "EntryMethod='acs:Scanned'", "scanned", "a vendor's prefix"),
        (SALE, "EntryMethod='Keyed'", "keyed", "typed"),
        (SALE, "EntryMethod='Keyed' weightItem='true'", "weighed", "NCR says so at the line"),
        (SALE.replace("<Quantity>", "<Quantity UnitOfMeasureCode='KGM'>"), "", "weighed", "the unit says so"),
        (SALE.replace(OIL, ""), "EntryMethod='Keyed'", "department", "an amount without an article"),
        (SALE, "EntryMethod='Telepathy'", None, "unknown: left out"),
    ],
)
def test_how_it_was_entered(item: str, attributes: str, method: str | None, why: str) -> None:
    (event,) = [e for e in sale(line(item, attributes=attributes)).events if e["type"] == "scan"]
    assert event["data"].get("entry_method") == method, why


OFF = "<RetailPriceModifier><Amount Action='Subtract'>2.00</Amount></RetailPriceModifier>"
ON = "<RetailPriceModifier><Amount Action='Add'>2.00</Amount></RetailPriceModifier>"
REPLACED = (
    "<RetailPriceModifier MethodCode='PriceOverride'><Amount Action='Replace'>5.95</Amount></RetailPriceModifier>"
)


@pytest.mark.parametrize(
    ("extended", "modifier", "events", "total", "why"),
    [
        ("7.95", OFF, [("scan", 1, "7.95"), ("discount", "2.00")], "5.95", "the amount is before the discount"),
        ("5.95", OFF, [("scan", 1, "7.95"), ("discount", "2.00")], "5.95", "the amount is after the discount"),
        ("9.95", ON, [("scan", 1, "7.95"), ("non_merchandise", "2.00")], "9.95", "something was put on the price"),
        ("5.95", REPLACED, [("scan", 1, "7.95"), ("price_override", 1, "5.95")], "5.95", "another price was typed"),
        ("5.95", "", [("scan", 1, "5.95")], "5.95", "a special offer is no override"),
    ],
)
def test_what_changes_a_price(
    extended: str, modifier: str, events: list[tuple[object, ...]], total: str, why: str
) -> None:
    item = f"<Sale>{OIL}{PRICED}<ActualSalesUnitPrice>5.95</ActualSalesUnitPrice>" if modifier != OFF + ON else ""
    reading = sale(line(f"{item}<ExtendedAmount>{extended}</ExtendedAmount>{modifier}</Sale>"), total=total)
    assert told(reading)[1:-1] == events, why
    assert reading.refusals == ()
    assert str(ticket(reading).total) == total


def test_a_void_takes_the_discount_of_its_line_with_it() -> None:
    discounted = f"<Sale>{OIL}{PRICED}<ExtendedAmount>5.95</ExtendedAmount>{OFF}</Sale>"
    struck = "<Sale><ItemLink><SequenceNumber>1</SequenceNumber></ItemLink></Sale>"
    reading = sale(line(discounted), line(SALE, 2), line(struck, 3, "VoidFlag='true'"), total="7.95")
    assert reading.refusals == ()
    assert str(ticket(reading).total) == "7.95"
    assert [shown.voided for shown in ticket(reading).lines] == [True, False, False, False]


TAX = "<Tax><TaxableAmount{}>7.95</TaxableAmount><Amount>0.80</Amount></Tax>"


@pytest.mark.parametrize(
    ("flag", "total", "lines", "why"),
    [
        (" TaxIncludedInTaxableAmountFlag='true'", "7.95", 1, "within the price"),
        (" TaxIncludedInTaxableAmountFlag='false'", "8.75", 2, "on top"),
        ("", "7.95", 1, "nothing says; the total does: within"),
        ("", "8.75", 2, "nothing says; the total does: on top"),
    ],
)
def test_tax(flag: str, total: str, lines: int, why: str) -> None:
    reading = sale(line(SALE), line(TAX.format(flag), 2), total=total)
    assert reading.refusals == (), why
    assert len(ticket(reading).lines) == lines, why
    assert str(reading.declared[0].tax) == "0.80"


def test_a_tax_that_only_the_totals_name() -> None:
    body = retail(line(SALE), "<Total TotalType='TransactionTaxAmount'>0.80</Total>", total="8.75")
    reading = read(document(transaction(body)))
    assert str(ticket(reading).total) == "8.75"
    assert reading.refusals == ()


@pytest.mark.parametrize(
    ("attributes", "status", "total", "why"),
    [
        ("", TicketStatus.CLOSED, "7.95", "a sale"),
        ("TransactionStatus='Suspended'", TicketStatus.SUSPENDED, None, "put on hold"),
        ("TransactionStatus='Voided'", TicketStatus.CANCELLED, None, "given up"),
        ("CancelFlag='true'", TicketStatus.CANCELLED, None, "given up, in 2.x"),
        ("TransactionStatus='PostVoided'", TicketStatus.VOIDED, None, "struck after the fact"),
    ],
)
def test_how_a_ticket_ends(attributes: str, status: TicketStatus, total: str | None, why: str) -> None:
    reading = sale(line(SALE), total="7.95", attributes=attributes)
    assert ticket(reading).status == status, why
    assert [None if d.total is None else str(d.total) for d in reading.declared] == [total]


LINK = "<TransactionLink><WorkstationID>7</WorkstationID><SequenceNumber>3</SequenceNumber></TransactionLink>"


def test_a_return_names_its_sale() -> None:
    taken_back = SALE.replace("Sale>", "Return>").replace("</Return>", f"{LINK}</Return>")
    whole = read(document(transaction(retail(LINK, line(SALE.replace("Sale>", "Return>")), total="-7.95"))))
    for reading in (sale(line(taken_back), total="-7.95"), whole):
        (event,) = [e for e in reading.events if e["type"] == "return"]
        assert event["data"]["original_transaction"].endswith("-3")
        assert reading.refusals == ()


@pytest.mark.parametrize(
    ("body", "event", "why"),
    [
        ("<ControlTransaction><OperatorSignOn/></ControlTransaction>", ("operator_sign_on",), "2.x"),
        ("<ControlTransaction TypeCode='SignOff'/>", ("operator_sign_off",), "6.x"),
        ("<ControlTransaction><POSNoSale/></ControlTransaction>", ("no_sale",), "the drawer without a sale"),
        ("<ControlTransaction><NoSale/></ControlTransaction>", ("no_sale",), "the same, shorter"),
        ("<ControlTransaction><POSLock/></ControlTransaction>", ("pause_begin",), "locked"),
        (
            "<TenderControlTransaction><PaidOut><Amount>20.00</Amount></PaidOut></TenderControlTransaction>",
            ("cash_movement", "20.00"),
            "cash out of the drawer",
        ),
        (f"<VoidTransaction>{LINK}</VoidTransaction>", ("ticket_void",), "an earlier ticket struck"),
    ],
)
def test_what_sells_nothing(body: str, event: tuple[object, ...], why: str) -> None:
    reading = read(document(transaction(body)))
    assert told(reading) == [event], why
    assert reading.refusals == ()


def test_a_void_of_a_ticket_strikes_that_ticket() -> None:
    head = HEAD.replace(">12<", ">3<").replace("T10:", "T09:")
    sold = transaction(retail(line(SALE), total="7.95"), head)
    reading = read(document(sold, transaction(f"<VoidTransaction>{LINK}</VoidTransaction>")))
    (struck,) = tickets_of(reading.events).values()
    assert struck.status == TicketStatus.VOIDED
    assert reading.events[-1]["id"] == f"{NUMBER}.ticket_void"


def test_a_training_ticket_says_so() -> None:
    reading = read(document(transaction(retail(line(SALE)), attributes="TrainingModeFlag='true'")))
    assert told(reading)[0] == ("training_mode",)


GOOD = transaction(retail(line(SALE), total="7.95"))


@pytest.mark.parametrize(
    ("bad", "part", "code", "why"),
    [
        (HEAD.replace("<WorkstationID>7</WorkstationID>", ""), "Transaction[12]", "no_terminal", "nobody knows where"),
        ("<WorkstationID>7</WorkstationID>", "Transaction[1]", "no_time", "nobody knows when"),
        (HEAD.replace("SequenceNumber", "Number"), "Transaction[1]", "no_number", "it could not be told again"),
    ],
)
def test_a_transaction_that_cannot_be_placed_costs_no_other(bad: str, part: str, code: str, why: str) -> None:
    good = GOOD.replace(">12<", ">13<")
    reading = read(document(transaction(retail(line(SALE)), bad), good))
    assert refused(reading.refusals) == [(part, code)], why
    assert [declared.transaction for declared in reading.declared] == ["P7-20261121-13"]


@pytest.mark.parametrize(
    ("bad", "code", "why"),
    [
        ("<Sale><ExtendedAmount>seven</ExtendedAmount></Sale>", "bad_number", "no number"),
        ("<Sale><ExtendedAmount>1e9</ExtendedAmount></Sale>", "bad_number", "a number no till writes"),
        ("<Sale><ItemID>1</ItemID></Sale>", "no_amount", "no price at all"),
        ("<Tender TenderType='Cash'/>", "no_amount", "a tender of nothing"),
        ("<Hologram/>", "unknown_line", "nobody knows it"),
        ("", "empty_line", "nothing in it"),
        ("<Sale><ExtendedAmount Currency='USD'>1.00</ExtendedAmount></Sale>", "wrong_currency", "other money"),
    ],
)
def test_a_bad_line_costs_no_other(bad: str, code: str, why: str) -> None:
    head = f"{HEAD}<CurrencyCode>EUR</CurrencyCode>"
    reading = sale(line(SALE), line(bad, 2), line(SALE, 3), total="15.90", head=head)
    assert refused(reading.refusals) == [("Transaction[12]/LineItem[2]", code)], why
    assert str(ticket(reading).total) == "15.90"


def test_a_bad_time_costs_only_the_time() -> None:
    reading = sale(line(f"{SALE}<EndDateTime>noon</EndDateTime>"), total="7.95")
    assert refused(reading.refusals) == [("Transaction[12]/LineItem[1]", "bad_time")]
    assert [e["occurred_at"] for e in reading.events if e["type"] == "scan"] == ["2026-11-21T10:01:00"]


def test_a_bad_total_costs_only_the_total() -> None:
    reading = sale(line(SALE), total="much")
    assert refused(reading.refusals) == [("Transaction[12]/Total", "bad_number")]
    assert ticket(reading).declared_total is None
    assert ticket(reading).status == TicketStatus.CLOSED


def test_lines_that_do_not_come_to_the_total_are_kept_and_the_total_is_doubted() -> None:
    reading = sale(line(SALE), total="9.99")
    assert refused(reading.refusals) == [("Transaction[12]", "does_not_add_up")]
    assert "come to 7.95, the document says 9.99" in reading.refusals[0].detail
    assert ticket(reading).adds_up is False


def test_a_ticket_that_stands_twice_is_taken_once() -> None:
    assert refused(read(document(GOOD, GOOD)).refusals) == [("Transaction[12]", "repeated")]
    other = transaction(retail(line(SALE), line(SALE, 2), total="15.90"))
    reading = read(document(GOOD, other))
    assert refused(reading.refusals) == [("Transaction[12]", "number_used_twice")]
    assert str(ticket(reading).total) == "7.95"


def test_a_line_that_stands_twice_stays_two() -> None:
    reading = sale(line(SALE), line(SALE), total="15.90")
    assert reading.refusals == ()
    assert [e["id"] for e in reading.events][1:3] == [f"{NUMBER}.1.scan", f"{NUMBER}.1.scan~2"]


def test_the_feeds_terminal_stands_in_for_a_missing_one() -> None:
    head = HEAD.replace("<WorkstationID>7</WorkstationID>", "")
    reading = read(document(transaction(retail(line(SALE)), head)), Config(terminal="T9"))
    assert {event["terminal"] for event in reading.events} == {"T9"}


def test_a_card_number_is_no_ticket_number() -> None:
    reading = sale(line(SALE), head=HEAD.replace(">12<", ">4111111111111111<"))
    assert [refusal.code for refusal in reading.refusals] == ["bad_number"]
    assert "4111" not in reading.refusals[0].detail


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"<Orders><Order/></Orders>", "another document"),
        (b"<POSLog/>", "no transaction"),
        (b"<POSLog><Transaction/></POSLog>", "a transaction without a header"),
    ],
)
def test_what_is_no_poslog(sent: bytes, why: str) -> None:
    with pytest.raises(DocumentNotUnderstood, match="holds no POSLog Transaction"):
        read(sent)
