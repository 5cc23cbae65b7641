"""Real documents, damaged in every way: an adapter answers with a reading that the intake takes, or with its one
exception, and never with anything else."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.reading import AdapterConfig, DocumentNotUnderstood
from pos.adapters.receipt_text.capture import PrintedLine
from pos.adapters.receipt_text.config import Patterns
from pos.adapters.receipt_text.lines import line_read
from tests.conformance.pos_adapters.documents import DOCUMENTS, JOURNAL, JOURNAL_OPTIONS, Document
from tests.factories.pos_documents import rows_of
from tests.media import needs_media
from tests.unit.pos.adapters import test_naxml, test_poslog, test_receipt_text

LARGEST = 16_000  # bytes of a real document that are damaged; the biggest is one long picture
NOISE = (
    b"\x00",
    b"\xff\xfe",
    b"NaN",
    b"1e999999999",
    b"-99999999999999999999",
    b"4111111111111111",
    b"null",
    b"[[[[[[[[",
    b'{"a":',
    b"\\ud800",
    b"<x>" * 80,
    b"&lol;",
    b"<!DOCTYPE x>",
    b"</LineItem>",
    b'<LineItem VoidFlag="true">',
    b"\x1d8L\xff\xff\xff\x00",
    b"\x1dv0\x00\xff\x00\xff\x00",
    b"\x1bt\x11",
    b"\n9999999 x VOID   1.00\n",
)
places = st.integers(0, 1_000_000)
wounds = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), places, st.integers(1, 255)),
        st.tuples(st.just("cut"), places, st.integers(1, 400)),
        st.tuples(st.just("end"), places, st.just(0)),
        st.tuples(st.just("twice"), places, st.integers(1, 4_000)),
        st.tuples(st.just("noise"), places, st.integers(0, len(NOISE) - 1)),
    ),
    min_size=1,
    max_size=5,
)
quickly = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])


def damaged(document: bytes, hurt: list[tuple[str, int, int]]) -> bytes:
    for how, place, size in hurt:
        at = place % (len(document) + 1)
        part = document[at : at + size]
        if how == "flip" and at < len(document):
            document = document[:at] + bytes((document[at] ^ size,)) + document[at + 1 :]
        elif how == "cut":
            document = document[:at] + document[at + size :]
        elif how == "end":
            document = document[:at]
        elif how == "twice":
            document = document[:at] + part + document[at:]
        elif how == "noise":
            document = document[:at] + NOISE[size] + document[at:]
    return document


def answered(kind: str, sent: bytes, config: AdapterConfig) -> None:
    try:
        reading = ADAPTERS[kind].read(sent, config)
    except DocumentNotUnderstood as refusal:
        assert str(refusal).endswith(".")
        return
    assert len(rows_of(reading.events)) == len(reading.events)
    assert all(refusal.detail.endswith(".") for refusal in reading.refusals)


@needs_media
@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d.understood], ids=str)
@quickly
@given(hurt=wounds)
def test_a_damaged_document_is_read_or_refused(document: Document, hurt: list[tuple[str, int, int]]) -> None:
    whole = document.read_bytes()
    config = ADAPTERS[document.kind].configure(**document.options)
    answered(document.kind, damaged(whole[-LARGEST:] if len(whole) > 2 * LARGEST else whole, hurt), config)


texts = st.sampled_from(
    ["", "EUR", "1.00", "COMPLETED", "success", "sale", "2026-11-21T10:00:00Z", "x" * 300, "\x00\ud800"]
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), texts, st.floats(allow_nan=False))
names = st.sampled_from(
    [
        *(
            "order",
            "orders",
            "payment",
            "refund",
            "transaction",
            "transactions",
            "line_items",
            "id",
            "order_id",
            "kind",
        ),
        *("status", "amount", "total_price", "total_money", "amount_money", "currency", "created_at", "location_id"),
        *("events", "type", "occurred_at", "terminal", "line", "data", "gtin", "description"),
        *("state", "tenders", "returns", "taxes", "test", "quantity", "price"),
    ]
)
shapes = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6))


MADE = {
    "naxml": test_naxml.journal(
        test_naxml.event(
            test_naxml.line(test_naxml.CANDY, "cancel"),
            test_naxml.line(test_naxml.CANDY),
            test_naxml.line(test_naxml.TAX),
            test_naxml.line(test_naxml.CASH.format("3.25", "no")),
            total="3.25",
            tax="0.25",
        ),
        test_naxml.event(name="VoidEvent", head=test_naxml.HEAD + test_naxml.LINK),
    ),
    "poslog": test_poslog.document(
        test_poslog.transaction(
            test_poslog.retail(
                test_poslog.line(test_poslog.SALE),
                test_poslog.line(test_poslog.SALE, 2, "VoidFlag='true'"),
                test_poslog.line(test_poslog.SALE.replace("Sale>", "Return>"), 3),
                test_poslog.line(test_poslog.TAX.format(""), 4),
                total="0.00",
            )
        ),
        test_poslog.transaction(f"<VoidTransaction>{test_poslog.LINK}</VoidTransaction>"),
    ),
    "receipt_text": test_receipt_text.RECEIPT.encode(),
}


@pytest.mark.parametrize("kind", MADE)
@quickly
@given(hurt=wounds)
def test_a_damaged_document_of_our_own_too(kind: str, hurt: list[tuple[str, int, int]]) -> None:
    options = {"captured_at": test_receipt_text.AT} if kind == "receipt_text" else {}
    answered(kind, damaged(MADE[kind], hurt), ADAPTERS[kind].configure(terminal="T1", **options))


@quickly
@given(hurt=wounds)
def test_a_damaged_table_is_read_or_refused(hurt: list[tuple[str, int, int]]) -> None:
    answered("csv", damaged(JOURNAL, hurt), ADAPTERS["csv"].configure(**JOURNAL_OPTIONS))


@quickly
@given(body=shapes)
def test_paths_into_any_shape_are_followed_or_refused(body: object) -> None:
    paths = {"type": "kind", "occurred_at": "created_at", "transaction": "order_id || id", "amount": "amount.price"}
    parts = ({"each": "line_items[?quantity > `1`]", "fields": {"line": "id", "amount": "max([price, amount])"}},)
    config = ADAPTERS["json"].configure(terminal="T1", records="orders[].transactions || @", fields=paths, parts=parts)
    answered("json", json.dumps(body).encode(), config)


@pytest.mark.parametrize("kind", ADAPTERS)
@quickly
@given(sent=st.binary(max_size=300))
def test_rubbish_is_refused(kind: str, sent: bytes) -> None:
    answered(kind, sent, ADAPTERS[kind].configure(terminal="T1"))


@pytest.mark.parametrize("kind", ["square", "shopify", "json"])
@quickly
@given(body=shapes)
def test_fields_of_any_type_are_read_or_refused(kind: str, body: object) -> None:
    answered(kind, json.dumps(body).encode(), ADAPTERS[kind].configure(terminal="T1"))


@pytest.mark.parametrize(
    "filling", [" ", "\u00a0", ".", "-", "1,111", "1.11 ", "a ", "tax ", "9 x ", "Total ", "VOID\t"]
)
@pytest.mark.parametrize("beginning", ["", "VOID", "TOTAL", "Discount", "2 x Milk"])
def test_no_line_takes_long_to_understand(beginning: str, filling: str) -> None:
    begun_s = time.process_time()
    line_read(PrintedLine(1, beginning + filling * 200 + "1", ""), Patterns())
    assert time.process_time() - begun_s < 0.5
