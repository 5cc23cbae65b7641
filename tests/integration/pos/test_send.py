"""`manage.py pos send`: a file through HTTP to a running server, over a line that breaks."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from pos.management.commands.pos import Command
from pos.models import PosEvent
from pos.replay.sending import Pace
from tests.conformance.pos_adapters.documents import JOURNAL, JOURNAL_OPTIONS
from tests.factories.stores import SmallStore, key_of, small_store
from tests.servers.flaky import ANSWER_LOST, AWAY, CUT, NOT_OURS, PASSED, FlakyLine
from tests.unit.pos.adapters.test_poslog import SALE, document, line, retail, transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> SmallStore:
    return small_store()


@pytest.fixture
def key(shop: SmallStore) -> str:
    return key_of(shop.store, "pos.write")


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """Twelve events of a minute each, one a line; the sixth is of no type that there is."""
    path = tmp_path / "day.jsonl"
    path.write_text("\n".join(json.dumps(event(n, type="scna" if n == 5 else "scan")) for n in range(12)))
    return path


def event(n: int, **more: Any) -> dict[str, Any]:
    return {"id": f"e{n}", "terminal": "T1", "occurred_at": f"2026-11-21T10:{n:02}:00+01:00", "line": n} | more


def sending(*arguments: object, at_s: list[float] | None = None) -> str:
    """What the command says; it waits for nothing, and notes until when it would have in `at_s`."""
    out, waited = StringIO(), [] if at_s is None else at_s
    command = Command()
    command.pace = Pace(lambda: waited[-1] if waited else 0.0, waited.append)
    try:
        call_command(command, "send", *map(str, arguments), stdout=out, stderr=out)
    except CommandError as error:
        return out.getvalue() + str(error)
    return out.getvalue()


def test_a_file_arrives_whole_once_and_what_is_wrong_with_it_is_listed(
    live_server: SimpleNamespace, key: str, day: Path
) -> None:
    said = sending(day, "--url", live_server.url, "--key", key, "--batch", 5)
    assert "12 events in 3 batches: 11 stored, 0 known before, 1 rejected" in said
    assert "rejected e5 (unknown_type)" in said and "the rest was" in said
    again = sending(day, "--url", f"{live_server.url}/api/v1/", "--key", key)
    assert "12 events in 1 batches: 0 stored, 11 known before, 1 rejected" in again
    assert PosEvent.objects.count() == 11


def test_a_line_that_breaks_costs_nothing_and_doubles_nothing(
    live_server: SimpleNamespace, key: str, day: Path
) -> None:
    moods = [AWAY, ANSWER_LOST, PASSED, CUT, NOT_OURS]
    with FlakyLine(live_server.url, moods) as broken:
        said = sending(day, "--url", broken.url, "--key", key, "--batch", 6)
        assert broken.met == [*moods, PASSED]
    assert said.count("the same batch again") == 4
    assert "0 stored, 11 known before, 1 rejected" in said  # both batches had come through, unheard
    assert PosEvent.objects.count() == 11


@pytest.mark.parametrize(("speed", "waits"), [("1", 60.0), ("10", 6.0), ("60", 1.0)])
def test_events_keep_their_distance(
    live_server: SimpleNamespace, key: str, day: Path, speed: str, waits: float
) -> None:
    at_s: list[float] = []
    sending(day, "--url", live_server.url, "--key", key, "--speed", speed, at_s=at_s)
    assert at_s == [pytest.approx(n * waits) for n in range(12)]


def test_times_are_moved_to_now_and_another_run_is_stored_as_well(
    live_server: SimpleNamespace, key: str, day: Path
) -> None:
    before = timezone.now()
    sending(day, "--url", live_server.url, "--key", key)
    assert "name another --run" in sending(day, "--url", live_server.url, "--key", key, "--shift", "now")
    sending(day, "--url", live_server.url, "--key", key, "--shift", "now", "--run", "r2")
    assert PosEvent.objects.count() == 22
    at = list(
        PosEvent.objects.filter(external_id__startswith="r2-").order_by("id").values_list("occurred_at", flat=True)
    )
    assert before <= min(at) <= timezone.now()
    assert (max(at) - min(at)).total_seconds() == 11 * 60
    was = PosEvent.objects.exclude(external_id__startswith="r2-").order_by("occurred_at").first()
    assert was is not None and was.occurred_at == datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_a_document_of_another_system_goes_the_same_way(live_server: SimpleNamespace, key: str, tmp_path: Path) -> None:
    path = tmp_path / "sale.xml"
    path.write_bytes(document(transaction(retail(line(SALE), total="7.95"))).replace(b">7<", b">T1<"))
    said = sending(path, "--url", live_server.url, "--key", key, "--kind", "poslog")
    assert " 0 rejected; 0 parts refused" in said
    assert PosEvent.objects.filter(type="scan", amount="7.95").count() == 1


def test_events_that_name_no_terminal_get_the_one_that_is_told(
    live_server: SimpleNamespace, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "some.json"
    named, nameless, empty = (event(n, type="scan", terminal=code) for n, code in ((1, "T2"), (2, "T1"), (3, "")))
    del nameless["terminal"]
    path.write_text(json.dumps([named, nameless, empty]))
    sending(path, "--url", live_server.url, "--key", key, "--terminal", "T1")
    stored = dict(PosEvent.objects.values_list("external_id", "terminal__code"))
    assert stored == {"e1": "T2", "e2": "T1", "e3": "T1"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--key", "nobody.knows"], "401"),
        (["--url", "ftp://x"], "http:// or https://"),
        (["--speed", "0"], "1, 10 or max"),
        (["--speed", "fast"], "1, 10 or max"),
        (["--batch", "1001"], "1 to 1000"),
        (["--kind", "poslog"], "XML"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_at_once(
    live_server: SimpleNamespace, key: str, day: Path, arguments: list[str], words: str
) -> None:
    assert words in sending(day, "--url", live_server.url, "--key", key, *arguments)
    assert not PosEvent.objects.exists()


def test_a_file_that_is_not_there_or_holds_no_event(live_server: SimpleNamespace, key: str, tmp_path: Path) -> None:
    assert "No such file" in sending(tmp_path / "none.json", "--url", live_server.url, "--key", key)
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    assert "There is no event" in sending(empty, "--url", live_server.url, "--key", key)


def test_a_table_is_sent_by_its_file_of_options(live_server: SimpleNamespace, key: str, tmp_path: Path) -> None:
    table, told = tmp_path / "journal.csv", tmp_path / "journal.yaml"
    table.write_bytes(JOURNAL)
    told.write_text(yaml.safe_dump(JOURNAL_OPTIONS))
    asked = [table, "--url", live_server.url, "--key", key, "--kind", "csv", "--options", told]
    assert "7 events in 1 batches: 7 stored, 0 known before, 0 rejected; 1 parts refused" in sending(*asked)
    told.write_text("colums: {}")
    assert "colums: there is no such option" in sending(*asked)
