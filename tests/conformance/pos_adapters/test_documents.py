"""Every adapter on every real document: it becomes tickets that agree with it, or it is refused for a stated reason."""

from __future__ import annotations

import ast
import json
from decimal import Decimal

import pytest

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.receipt_text import Config, ReceiptStream
from pos.domain.events import PosType
from tests.conformance.pos_adapters.documents import DOCUMENTS, POS, Document
from tests.factories.pos_documents import refused, rows_of, tickets_of
from tests.media import needs_media
from tests.repository import REPOSITORY

SOURCE = REPOSITORY / "pos" / "adapters"
ALLOWED = {
    *("pos", "lanes", "base64", "codecs", "collections", "contextlib", "dataclasses", "datetime", "decimal", "enum"),
    *("csv", "difflib", "hashlib", "hmac", "itertools", "jmespath", "json", "msgspec", "re", "types", "typing", "xml"),
}
KEYS = ["id", "terminal", "type", "occurred_at", "transaction", "line", "operator", "data"]
UNDERSTOOD = [document for document in DOCUMENTS if document.understood]
every_document = pytest.mark.parametrize("document", UNDERSTOOD, ids=str)
captures = pytest.mark.parametrize("document", [d for d in UNDERSTOOD if d.kind == "receipt_text"], ids=str)


def read(document: Document) -> Reading:
    adapter = ADAPTERS[document.kind]
    return adapter.read(document.read_bytes(), adapter.configure(**document.options))


def test_every_folder_is_an_adapter() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert folders == {adapter.read.__module__.split(".")[2] for adapter in ADAPTERS.values()}
    assert [*ADAPTERS] == [adapter.kind for adapter in ADAPTERS.values()]


def test_an_adapter_knows_no_framework_no_clock_and_no_network() -> None:
    for path in SOURCE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        found = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        found += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        assert {name.split(".")[0] for name in found} <= ALLOWED, path.name
        called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert called.isdisjoint({"now", "utcnow", "today", "monotonic"}), path.name


@needs_media
def test_no_document_is_forgotten() -> None:
    there = {str(path.relative_to(POS)) for path in POS.rglob("*") if path.is_file()}
    assert {document.path for document in DOCUMENTS if not document.made} == there


@needs_media
@pytest.mark.parametrize("document", [d for d in DOCUMENTS if not d.understood], ids=str)
def test_what_is_no_sale_at_all_raises_a_sentence(document: Document) -> None:
    with pytest.raises(DocumentNotUnderstood, match=r"^[A-Z].{20,}\.$"):
        read(document)


@needs_media
@every_document
def test_its_tickets_agree_with_it(document: Document) -> None:
    reading = read(document)
    tickets = {name: t for name, t in tickets_of(reading.events).items() if t.lines or t.tenders}
    declared = {ticket.transaction: ticket for ticket in reading.declared}
    assert len(tickets) == len(declared) == len(document.tickets)
    for found, (name, ticket) in zip(document.tickets.values(), sorted(tickets.items()), strict=True):
        said = declared[name]
        assert said.total == found.owed
        assert said.tax == (None if found.tax is None else Decimal(found.tax))
        assert [(t.kind, str(t.amount)) for t in said.tenders] == list(found.tenders)
        assert sum(line.counts for line in ticket.lines) == found.lines
        assert ticket.tendered == sum((tender.amount for tender in said.tenders), Decimal(0))
        if found.owed is not None:
            assert (ticket.total == found.owed) is found.adds_up
            assert ticket.declared_total == found.owed
            assert ticket.adds_up is found.adds_up


@needs_media
@every_document
def test_its_tickets_are_called_as_on_it(document: Document) -> None:
    named = [ticket.transaction for ticket in read(document).declared]
    if document.options.get("patterns") is None:  # where only a digest names a ticket, its time is part of the name
        assert named == list(document.tickets)


@needs_media
@every_document
def test_every_refusal_is_precise(document: Document) -> None:
    refusals = read(document).refusals
    assert refused(refusals) == list(document.refused)
    for refusal in refusals:
        assert len(refusal.detail.split()) >= 6
        assert refusal.detail.endswith(".")


@needs_media
@every_document
def test_a_second_reading_says_the_same(document: Document) -> None:
    assert read(document) == read(document)


@needs_media
@every_document
def test_its_events_have_the_contracts_shape(document: Document) -> None:
    events = read(document).events
    assert all(list(event) == KEYS for event in events)
    assert all(event["type"] in set(PosType) for event in events)
    ids = [(event["terminal"], event["id"]) for event in events]
    assert len(set(ids)) == len(ids)
    assert len(rows_of(events)) == len(events)
    json.loads(json.dumps(events), parse_float=pytest.fail)


@needs_media
@every_document
def test_nothing_private_comes_through(document: Document) -> None:
    text = document.read_bytes().decode("latin-1")
    reading = read(document)
    told = json.dumps(reading.events) + "".join(refusal.detail for refusal in reading.refusals)
    for private in document.private:
        assert private in text, "the test must be able to fail"
        assert private not in told


@needs_media
@captures
@pytest.mark.parametrize("size", [1, 997])
def test_a_capture_in_pieces_says_the_same(document: Document, size: int) -> None:
    config = Config(**document.options)
    sent = document.read_bytes()
    stream = ReceiptStream(config)
    pieces = [stream.feed(sent[at : at + size], config.captured_at) for at in range(0, len(sent), size)]
    pieces.append(stream.close(config.captured_at))
    whole = read(document)
    assert tuple(event for piece in pieces for event in piece.events) == whole.events
    assert tuple(refusal for piece in pieces for refusal in piece.refusals) == whole.refusals
