"""The examples of docs/api.md do what they say."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from pos.models import PosEvent
from tests.factories.stores import key_of, small_store

GUIDE = Path(settings.BASE_DIR, "docs", "api.md").read_text()


def python_block() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    return code


@pytest.fixture
def sender_class() -> type:
    space: dict[str, Any] = {}
    exec(compile(python_block(), "docs/api.md", "exec"), space)
    return space["Sender"]


def scan(id: str, **changes: Any) -> dict[str, Any]:
    return {"id": id, "terminal": "T1", "type": "scan", "occurred_at": "2026-11-21T10:00:00+01:00"} | changes


@pytest.mark.django_db(transaction=True)
def test_the_python_sender_loses_and_doubles_nothing(
    sender_class: type, live_server: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_of(small_store().store, "pos.write")
    away = sender_class("http://127.0.0.1:9", key)
    for n in range(1500):
        away.say(**scan(f"e{n}"))
    with pytest.raises(OSError):
        away.flush()
    assert len(away.waiting) == 1500  # nobody answered: all of it waits

    sender = sender_class(live_server.url, key)
    sender.waiting = [*away.waiting, scan("bad", type="scna"), scan("e0")]
    sender.flush_until_done()
    assert sender.waiting == []
    assert PosEvent.objects.count() == 1500
    assert "bad unknown_type" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_curl_examples_are_accepted(calling: Any) -> None:
    client: APIClient = calling(key_of(small_store().store, "pos.write", "vision.write"))
    examples = re.findall(r'curl -sS "\$SHRINK([\w/]+)".*?-d \'(.*?)\'\n', GUIDE, re.DOTALL)
    assert [path for path, _ in examples] == ["/api/v1/pos/events", "/api/v1/vision/events"]
    for path, body in examples:
        assert client.post(path, json.loads(body)).json() == {"accepted": 1, "duplicates": 0, "rejected": []}


@pytest.mark.django_db
def test_the_problem_shown_is_the_problem_given(calling: Any) -> None:
    shown = json.loads(re.findall(r"```json\n(\{\"type\".*?)```", GUIDE, re.DOTALL)[0])
    given = calling(key_of(small_store().store, "pos.write", name="till")).get("/api/v1/cases").json()
    assert given == shown


def test_every_flag_and_code_is_in_the_guide() -> None:
    from lanes.domain import instants
    from pos.domain import events
    from vision import serializers as vision

    flags = [value for module in (instants, events, vision) for name, value in vars(module).items()
             if name.isupper() and isinstance(value, str) and re.fullmatch(r"[a-z_]+", value)]  # fmt: skip
    sources = ["lanes/batches.py", "lanes/domain/payload.py", "pos/serializers.py", "pos/domain/money.py"]
    text = "".join(Path(settings.BASE_DIR, source).read_text() for source in [*sources, "vision/serializers.py"])
    codes = re.findall(r'Refused\(\s*"([a-z_]+)"', text)
    assert len(flags) > 8 and len(codes) > 10
    assert {word for word in [*flags, *codes] if f"`{word}`" not in GUIDE} == set()
