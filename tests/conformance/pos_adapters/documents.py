"""Every real document of the shared media, how it is read, and what a person who reads it finds on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pos.adapters.receipt_text import Patterns
from tests.media import MEDIA

POS = MEDIA / "pos"
CAPTURED = {"terminal": "T1", "captured_at": "2026-11-21T10:00:00+01:00"}
LONG_DATE = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th) of (?P<month>[A-Z][a-z]+) (?P<year>\d{4}) "
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?P<half>[AP]M)"
)
PRINTED_DATE = {"terminal": "T1", "patterns": Patterns(date=(LONG_DATE,))}
OPEN_TOO = {"states": frozenset({"OPEN", "COMPLETED"})}
ONLINE_TOO = {"terminal": "SH1", "sources": frozenset({"pos", "web"}), "tests": True}


@dataclass(frozen=True)
class Found:
    """A ticket, by hand: total, all tax, tenders, and how many of its lines count."""

    total: str | None
    tax: str | None
    tenders: tuple[tuple[str, str], ...]
    lines: int
    adds_up: bool = True

    @property
    def owed(self) -> Decimal | None:
        return None if self.total is None else Decimal(self.total)


@dataclass(frozen=True)
class Document:
    """``tickets`` by transaction, and ``refused`` as (part, code); neither: the document is not understood."""

    kind: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)
    tickets: dict[str, Found] = field(default_factory=dict)
    refused: tuple[tuple[str, str], ...] = ()
    private: tuple[str, ...] = ()
    made: bytes = b""  # where there is no real one: it stands here

    @property
    def understood(self) -> bool:
        return bool(self.tickets or self.refused)

    def read_bytes(self) -> bytes:
        return self.made or (POS / self.path).read_bytes()

    def __str__(self) -> str:
        return f"{self.path}{'+' * bool(self.options.keys() - {'terminal', 'captured_at'})}"


JOURNAL = """\
Filiale 12;Kassenjournal;21.11.2026;;;;;;;;;;
Datum;Uhrzeit;Kasse;Bon-Nr;Pos;Vorgang;Bediener;EAN;Artikel;Menge;Einzelpreis;Betrag;Zahlart;Kunde
21.11.2026;10:00:00;T1;0042;1;V;17;4012345678901;Olivenöl 1 l;1;7,95;7,95;;Fr. Huber
21.11.2026;10:00:03;T1;0042;2;V;17;;"Brötchen; hell";3;0,40;1,20;;
21.11.2026;10:00:09;T1;0042;2;S;17;;"Brötchen; hell";3;0,40;1,20;;
21.11.2026;10:00:15;T1;0042;;Z;17;;;;;10,00;BAR;
21.11.2026;10:00:15;T1;0042;;Z;17;;;;;-2,05;BAR;
21.11.2026;10:00:16;T1;0042;;E;17;;;;;7,95;;
21.11.2026;10:01:00;T1;;;L;17;;;;;;;
21.11.2026;10:02:00;T1;0043;1;?;17;;Milch;1;1,29;1,29;;
""".encode("cp1252")
JOURNAL_OPTIONS: dict[str, Any] = {
    "columns": {
        **{"Datum": "date", "Uhrzeit": "time", "Kasse": "terminal", "Bon-Nr": "transaction", "Pos": "line"},
        **{"Vorgang": "type", "Bediener": "operator", "EAN": "gtin", "Artikel": "description", "Menge": "quantity"},
        **{"Einzelpreis": "unit_price", "Betrag": "amount", "Zahlart": "tender"},
    },
    "types": {"V": "scan", "S": "void", "Z": "tender", "E": "ticket_close", "L": "no_sale"},
    "decimal": ",",
    "time_format": "%d.%m.%Y %H:%M:%S",
    "currency": "EUR",
}
ORDER_OPTIONS: dict[str, Any] = {
    "daily_numbers": False,  # these never come again
    "terminal": "SH1",
    "records": "order",
    "fields": {"transaction": "id", "occurred_at": "created_at", "currency": "currency"},
    "parts": (
        {
            "each": "line_items",
            "fields": {
                "type": "'scan'",
                "description": "title",
                "quantity": "quantity",
                "unit_price": "price",
                "sku": "sku",
            },
        },
        {"each": "tax_lines", "fields": {"type": "'non_merchandise'", "description": "title", "amount": "price"}},
        {"each": "@", "fields": {"type": "'ticket_close'", "amount": "total_price"}},
    ),
}
PAYMENT_OPTIONS: dict[str, Any] = {
    "daily_numbers": False,  # these never come again
    "records": "data.object.payment",
    "minor_units": True,
    "fields": {
        **{"id": "id", "terminal": "location_id", "transaction": "order_id", "occurred_at": "created_at"},
        **{"type": "'tender'", "tender": "source_type", "amount": "amount_money.amount"},
        "currency": "amount_money.currency",
    },
}

RECEIPT = {"tax": "1.30", "tenders": (), "lines": 5, "total": "14.25"}
BUYER = ("Bob", "Norman", "hostmail", "Chestnut", "Louisville", "4242", "207119551", "Birthday", "0.0.0.0")
ERROR = "told_error"

DOCUMENTS = (
    Document(
        "poslog",
        "poslog/ncr_acs_poslog_small.xml",
        tickets={"P34-20170930-161": Found("1.07", "0.00", (("CreditDebit", "1.07"),), 2)},
        private=("FL 34", "40000066677", "734277", "344665"),
    ),
    Document(
        "poslog",
        "poslog/retalix_r10_poslog_1.xml",
        tickets={"P140-20160822-451": Found("6.57", "0.66", (("Cash", "6.57"),), 3)},
        private=("c1eba447", "200d2a2e", "NECTAR", "443040", "WELLINGBOROUGH"),
    ),
    Document("receipt_text", "escpos/barcode.bin", CAPTURED),
    Document("receipt_text", "escpos/character-encodings.bin", CAPTURED),
    Document("receipt_text", "escpos/character-tables.bin", CAPTURED),
    Document("receipt_text", "escpos/text-size.bin", CAPTURED),
    Document(
        "receipt_text",
        "escpos/demo.bin",
        CAPTURED,
        refused=tuple((f"Receipt[{place}]", "not_a_ticket") for place in range(1, 12)),
    ),
    Document(
        "receipt_text",
        "escpos/receipt-with-logo.bin",
        CAPTURED,
        tickets={"RT1-xdeb59fc2a802fba7fcc4": Found(**RECEIPT)},
        private=("Shop No", "trading hours"),
    ),
    Document(
        "receipt_text",
        "escpos/receipt-with-logo.bin",
        PRINTED_DATE,
        tickets={"RT1-x0": Found(**RECEIPT)},
    ),
    Document(
        "square",
        "square/get-payment-response.json",
        tickets={"d7eKah653Z579f3gVtjlxpSlmUcZY": Found(None, None, (("card", "5.55"),), 0)},
        refused=(("payment/tip_money", "wrong_currency"), ("errors[0]", ERROR)),
        private=("411111", "1111", "Test Note", "Hxim77", "AVS"),
    ),
    Document("square", "square/order-line-item.json"),
    Document("square", "square/order.json", refused=(("order", "no_time"),)),
    Document("square", "square/payment.json", refused=(("payment/created_at", "bad_time"), ("payment", "no_time"))),
    Document(
        "square",
        "square/retrieve-order-response.json",
        refused=(("order", "not_final"), *((f"errors[{place}]", ERROR) for place in range(3))),
    ),
    Document(
        "square",
        "square/retrieve-order-response.json",
        OPEN_TOO,
        tickets={"CAISENgvlJ6jLWAzERDzjyHVybY": Found("5.50", "0.00", (), 4)},
        refused=tuple((f"errors[{place}]", ERROR) for place in range(3)),
        private=("customer_id4", "note4", "reference_id4"),
    ),
    Document(
        "square",
        "square/search-orders-response.json",
        refused=(
            *((f"orders[{place}]", "no_time") for place in range(3)),
            ("errors[0]", ERROR),
            ("errors[1]", ERROR),
            ("order_entries", "named_only"),
        ),
    ),
    Document(
        "square",
        "square/webhook_payment.created.json",
        tickets={"03O3USaPaAaFnI6kkwB1JxGgBsUZY": Found(None, None, (("card", "1.00"),), 0)},
        private=("540988", "9029", "Tvruf3", "MASTERCARD"),
    ),
    Document("shopify", "shopify/checkouts.json", refused=(("checkouts[0]", "not_a_sale"),)),
    Document("shopify", "shopify/draft_order_completed.json", refused=(("draft_order", "not_a_sale"),)),
    Document("shopify", "shopify/order.json", refused=(("order", "online"),)),
    Document(
        "shopify",
        "shopify/order.json",
        ONLINE_TOO,
        tickets={"O450789469": Found("409.94", "11.94", (), 4, adds_up=False)},
        refused=(("order", "does_not_add_up"),),
        private=BUYER,
    ),
    Document("shopify", "shopify/orders.json", refused=(("orders[0]", "no_lines"),)),
    Document("shopify", "shopify/refund.json", refused=(("refund", "online"),)),
    Document(
        "shopify",
        "shopify/refund.json",
        ONLINE_TOO,
        tickets={"O450789469-refund-509562969": Found("-209.00", None, (("refund", "-209.00"),), 2, adds_up=False)},
        refused=(("refund", "does_not_add_up"),),
        private=("it broke", "Birthday", "Christmas", "authorization-key"),
    ),
    Document(
        "shopify",
        "shopify/tender_transactions.json",
        refused=tuple((f"tender_transactions[{place}]", "counted_once") for place in range(3)),
    ),
    Document("shopify", "shopify/transaction.json", refused=(("transaction", "not_paid"),)),
    Document("shopify", "shopify/transactions.json", refused=(("transactions[0]", "not_paid"),)),
    Document(
        "csv",
        "made/journal.csv",
        JOURNAL_OPTIONS,
        tickets={"T1-2026-11-21-0042": Found("7.95", None, (("BAR", "10.00"), ("BAR", "-2.05")), 1)},
        refused=(("Row[10]", "unknown_word"),),
        private=("Huber", "Filiale"),
        made=JOURNAL,
    ),
    Document(
        "json",
        "shopify/order.json",
        ORDER_OPTIONS,
        tickets={"450789469": Found("409.94", None, (), 4, adds_up=False)},
        private=BUYER,
    ),
    Document(
        "json",
        "square/webhook_payment.created.json",
        PAYMENT_OPTIONS,
        tickets={"03O3USaPaAaFnI6kkwB1JxGgBsUZY": Found(None, None, (("CARD", "1.00"),), 0)},
        private=("540988", "9029", "Tvruf3", "MASTERCARD"),
    ),
)
