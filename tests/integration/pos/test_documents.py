"""Documents of other systems, through the door that every event takes."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from lanes.models import Terminal
from pos.models import HeldEvent, PosEvent, UnknownTerminal
from pos.services.documents import document_take
from tests.conformance.pos_adapters.documents import JOURNAL, JOURNAL_OPTIONS
from tests.factories.stores import SmallStore
from tests.media import MEDIA, needs_media
from tests.unit.pos.adapters.test_poslog import NUMBER, SALE, document, line, retail, transaction

TILL = "7"


@pytest.fixture
def sale(tmp_path: Path) -> Path:
    path = tmp_path / "sale.xml"
    path.write_bytes(document(transaction(retail(line(SALE), total="7.95"))))
    return path


def pos(*arguments: object) -> str:
    out = StringIO()
    call_command("pos", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def mapped(shop: SmallStore) -> Terminal:
    return Terminal.objects.create(store=shop.store, lane=shop.lanes[0], code=TILL)


def test_a_document_becomes_events_once(shop: SmallStore, sale: Path) -> None:
    terminal = mapped(shop)
    first = pos("read", "poslog", sale, "--store", "S001")
    assert "1 tickets" in first and "0 rejected" in first
    stored = list(PosEvent.objects.order_by("id").values_list("type", "terminal", "transaction"))
    assert ("scan", terminal.pk, NUMBER) in stored
    again = pos("read", "poslog", sale, "--store", "S001")
    assert f"0 stored, {len(stored)} known before" in again
    assert PosEvent.objects.count() == len(stored)


def test_of_a_till_that_nobody_has_mapped_it_is_held(shop: SmallStore, sale: Path) -> None:
    said = pos("read", "poslog", sale, "--store", "S001")
    assert "unknown_terminal" in said
    assert not PosEvent.objects.exists()
    assert HeldEvent.objects.count() > 0
    assert UnknownTerminal.objects.get().code == TILL


def test_showing_stores_nothing(sale: Path) -> None:
    said = pos("show", "poslog", sale)
    assert "scan Oil" in said and "the document says 7.95" in said


def test_a_bad_file_costs_not_the_good_one(shop: SmallStore, sale: Path) -> None:
    mapped(shop)
    sale.with_name("a-bad.xml").write_text("<html></html>")
    with pytest.raises(CommandError, match="1 of the files"):
        pos("read", "poslog", sale.parent, "--store", "S001")
    assert PosEvent.objects.filter(type="scan").count() == 1


def test_a_store_that_is_not_there(shop: SmallStore, sale: Path) -> None:
    with pytest.raises(CommandError, match=r"no store S404 \(there is: S001\)"):
        pos("read", "poslog", sale, "--store", "S404")


def test_every_kind_is_named() -> None:
    said = pos("adapters")
    assert all(kind in said for kind in ("csv", "json", "naxml", "poslog", "receipt_text", "shopify", "square"))


def test_a_long_document_goes_in_batches(shop: SmallStore, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(shop)
    monkeypatch.setattr("pos.services.documents.MAX_EVENTS", 2)
    data = document(transaction(retail(*(line(SALE, number) for number in (1, 2, 3)), total="23.85")))
    taken = document_take(store=shop.store, kind="poslog", document=data, now=timezone.now())
    assert taken.accepted == taken.events == PosEvent.objects.count() > 4
    assert taken.rejected == []


@needs_media
def test_a_real_document(shop: SmallStore) -> None:
    path = MEDIA / "pos" / "poslog" / "ncr_acs_poslog_small.xml"
    held = pos("read", "poslog", path, "--store", "S001")
    assert "unknown_terminal" in held
    for unknown in UnknownTerminal.objects.all():
        Terminal.objects.create(store=shop.store, lane=shop.lanes[0], code=unknown.code)
    assert "0 rejected" in pos("read", "poslog", path, "--store", "S001")
    assert PosEvent.objects.filter(type="scan").exists()


def options(folder: Path, text: str) -> Path:
    path = folder / "options.yaml"
    path.write_text(text)
    return path


def test_a_table_is_read_by_a_file_of_options(shop: SmallStore, tmp_path: Path) -> None:
    table = tmp_path / "journal.csv"
    table.write_bytes(JOURNAL)
    told = options(tmp_path, yaml.safe_dump(JOURNAL_OPTIONS))
    said = pos("read", "csv", table, "--store", "S001", "--options", told)
    assert "7 events: 7 stored" in said and "refused Row[10]" in said
    assert "0 stored, 7 known before" in pos("read", "csv", table, "--store", "S001", "--options", told)
    assert "scan Olivenöl 1 l 1 7.95" in pos("show", "csv", table, "--options", told)


def test_the_command_line_goes_before_the_file_of_options(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("type,occurred_at\nno_sale,2026-11-21T10:00:00Z\n")
    told = options(tmp_path, "currency: eur")
    assert " T2 " in pos("show", "csv", table, "--options", told, "--currency", "EUR", "--terminal", "T2")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("colums: {}", "colums: there is no such option; there are columns"),
        ("terminal: T1", "leave it out"),
        ("- a", "names and values"),
        ("{", "cannot be read"),
        ("decimal: ';'", "decimal is"),
    ],
)
def test_options_that_cannot_be_used_are_said_before_anything_is_read(sale: Path, text: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        pos("show", "csv", sale, "--options", options(sale.parent, text))


def test_a_file_of_options_that_is_not_there(sale: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        pos("show", "csv", sale, "--options", sale.parent / "none.yaml")
