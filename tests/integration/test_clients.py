"""The clients of docs/clients do what they say, against a running server."""

import json
import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from cases.models import Case, Decision
from pos.models import PosEvent
from tests.factories.cases import AT, case_at
from tests.factories.stores import SmallStore, key_of, small_store
from tests.repository import REPOSITORY
from tests.servers.flaky import ANSWER_LOST, AWAY, CUT, NOT_OURS, PASSED, TOO_LARGE, FlakyLine

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = REPOSITORY / "docs" / "clients"
NOWHERE = "http://127.0.0.1:9"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(scope="module")
def client() -> ModuleType:
    spec = spec_from_file_location("till_client", CLIENTS / "python" / "till.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop() -> SmallStore:
    return small_store()


@pytest.fixture
def key(shop: SmallStore) -> str:
    return key_of(shop.store, "pos.write", name="till")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "till.sqlite3")


def stored() -> list[str]:
    return list(PosEvent.objects.order_by("id").values_list("type", flat=True))


def at(second: int) -> str:
    return f"2026-11-21T10:00:{second:02}+01:00"


def flushed(till: Any) -> int:
    """Flush until nothing waits; how often the server did not answer."""
    broken = 0
    while len(till.queue):
        try:
            till.flush()
        except OSError:
            broken += 1
    return broken


def test_a_server_away_a_restart_and_lost_answers_lose_and_double_nothing(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str
) -> None:
    before = client.Till(NOWHERE, key, "T1", path)
    for second in range(30):
        before.say("scan", at(second), line=second)
    with pytest.raises(OSError):
        before.flush()
    del before  # the power goes

    with FlakyLine(live_server.url, [AWAY, ANSWER_LOST, PASSED, CUT, NOT_OURS]) as line:
        after = client.Till(line.url, key, "T1", path)
        after.batch = 10
        assert flushed(after) == 4
    assert sorted(PosEvent.objects.values_list("line", flat=True)) == list(range(30))


def test_what_the_server_rejects_is_kept_to_look_at_and_costs_no_other(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str
) -> None:
    till = client.Till(live_server.url, key, "T1", path)
    for kind in ("scan", "scna", "void"):
        till.say(kind, at(1))
    assert till.flush() is False
    assert stored() == ["scan", "void"]
    ((number, event, code, detail),) = till.queue.db.execute("SELECT * FROM refused")
    assert (json.loads(event)["type"], code) == ("scna", "unknown_type")
    assert "scan" in detail and number == 2


def test_a_full_queue_loses_the_oldest_and_says_from_when_to_when(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str
) -> None:
    till = client.Till(live_server.url, key, "T1", path, most=10)
    for second in range(15):
        till.say("scan", at(second), line=second)
    assert len(till.queue) == 10
    flushed(till)
    assert sorted(PosEvent.objects.exclude(line=None).values_list("line", flat=True)) == list(range(5, 15))
    gap = PosEvent.objects.get(type="gap")
    assert (gap.data["from"], gap.data["to"]) == ("2026-11-21T09:00:00+00:00", "2026-11-21T09:00:04+00:00")
    assert till.flush() is False  # and says so once


def test_ids_of_another_file_are_other_ids(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str
) -> None:
    for name in (path, path + ".new"):
        till = client.Till(live_server.url, key, "T1", name)
        till.say("no_sale", at(1))
        flushed(till)
    assert stored() == ["no_sale", "no_sale"]


def test_a_batch_that_is_too_large_goes_in_parts(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str
) -> None:
    with FlakyLine(live_server.url, [TOO_LARGE, TOO_LARGE]) as line:
        till = client.Till(line.url, key, "T1", path)
        for second in range(8):
            till.say("scan", at(second))
        assert flushed(till) == 0
        assert line.met == [TOO_LARGE, TOO_LARGE, *[PASSED] * 4]
    assert len(stored()) == 8


def test_a_key_that_is_refused_loses_nothing_and_is_told(
    client: ModuleType, live_server: SimpleNamespace, shop: SmallStore, path: str
) -> None:
    till = client.Till(live_server.url, key_of(shop.store, "cases.read"), "T1", path)
    till.say("scan", at(1))
    with pytest.raises(client.Refused, match=r"lacks the scope pos\.write"):
        till.flush()
    assert len(till.queue) == 1


def test_the_clock_is_compared_by_four_timestamps(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timedelta(seconds=5)
    monkeypatch.setattr(client, "now", lambda: (datetime.now(UTC) + ahead).isoformat())
    till = client.Till(live_server.url, key, "T1", path)
    way_s, offset_s = till._exchange()
    assert way_s >= 0
    assert abs(offset_s - 5.0) <= way_s / 2 + 1e-3
    till.heartbeat()
    flushed(till)
    assert "clock_offset_s" in PosEvent.objects.get(type="heartbeat").data


def test_a_till_whose_server_is_away_beats_all_the_same(client: ModuleType, path: str) -> None:
    till = client.Till(NOWHERE, "none", "T1", path)
    till.heartbeat()
    assert [event["data"] for _, event in till.queue.oldest(9)] == [{}]


def test_it_runs_beside_the_till_until_it_is_stopped(
    client: ModuleType, live_server: SimpleNamespace, key: str, path: str
) -> None:
    till = client.Till(live_server.url, key, "T1", path)
    thread = threading.Thread(target=till.run)
    thread.start()
    try:
        for second in range(20):
            till.say("scan", at(second))
        for _ in range(1000):
            if len(till.queue) == 0:
                break
            threading.Event().wait(0.01)
    finally:
        till.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert sorted(stored()) == ["heartbeat", *["scan"] * 20]


def test_it_is_a_program(live_server: SimpleNamespace, key: str, path: str) -> None:
    lines = [{"type": "ticket_open", "transaction": "T1-1"}, {"type": "scan", "transaction": "T1-1", "line": 1}]
    done = subprocess.run(
        [sys.executable, CLIENTS / "python" / "till.py", live_server.url, key, "T1", path],
        input="\n".join(map(json.dumps, lines)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert stored() == ["ticket_open", "scan"]


def script(name: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **settings}
    return subprocess.run(
        ["sh", CLIENTS / "curl" / name, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )


@needs_curl
def test_curl_posts_a_file_of_events(live_server: SimpleNamespace, key: str, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    event = {"id": "T1-1", "terminal": "T1", "type": "scan", "occurred_at": at(1)}
    path.write_text(json.dumps([event, event | {"id": "T1-2", "type": "scna"}]))
    for accepted, duplicates in ((1, 0), (0, 1)):
        done = script("post_events.sh", str(path), SHRINK=live_server.url, TILL_KEY=key)
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert (said["accepted"], said["duplicates"]) == (accepted, duplicates)
        assert [one["code"] for one in said["rejected"]] == ["unknown_type"]


@needs_curl
def test_curl_says_what_is_wrong_with_the_key(live_server: SimpleNamespace, shop: SmallStore, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text("[]")
    done = script("post_events.sh", str(path), SHRINK=live_server.url, TILL_KEY="nobody.knows")
    assert done.returncode != 0
    assert json.loads(done.stdout)["code"] == "key_unknown"
    assert "TILL_KEY" in script("post_events.sh", str(path), SHRINK=live_server.url).stderr


@needs_curl
def test_curl_reads_all_pages_and_decides(live_server: SimpleNamespace, shop: SmallStore) -> None:
    for name in "123":
        case_at(shop, name=name, at=AT + timedelta(minutes=int(name)))
    analyst = key_of(shop.store, "cases.read", "cases.decide", name="analyst")
    where = {"SHRINK": live_server.url, "ANALYST_KEY": analyst}
    done = script("read_cases.sh", "status=open&page_size=1", **where)
    assert done.returncode == 0, done.stderr
    found = [row["id"] for line in done.stdout.splitlines() for row in json.loads(line)["results"]]
    assert sorted(found) == sorted(map(str, Case.objects.values_list("id", flat=True)))

    note = 'the belt was "empty"\n\\o/'
    done = script("decide.sh", found[0], "dismiss", "camera_error", note, **where)
    assert json.loads(done.stdout)["status"] == "dismissed"
    decision = Decision.objects.get(case_id=found[0])
    assert (decision.reason, decision.note) == ("camera_error", 'the belt was "empty" \\o/')
    again = script("decide.sh", found[0], "confirm", "theft", **where)
    assert again.returncode != 0 and json.loads(again.stdout)["status"] == 409
    assert script("read_cases.sh", "status=nonsense", **where).returncode != 0
