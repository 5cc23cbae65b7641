"""A till that publishes to a broker, on the broker of this machine."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import OperationalError
from paho.mqtt import publish
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from pos.listening import listener as listener_module
from pos.models import PosEvent, PosSource
from tests.factories.doors import apart, comes, listening, place_of, receipt, source_made, tickets, tickets_come
from tests.factories.stores import SmallStore
from tests.services import MOSQUITTO

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def broker() -> tuple[str, int]:
    url = MOSQUITTO.url()
    if not url:
        pytest.skip("no Mosquitto answers on this machine (set TEST_MQTT_URL to where one does)")
    place = urlsplit(url)
    return str(place.hostname), place.port or 1883


@pytest.fixture
def made(shop: SmallStore, broker: tuple[str, int]) -> Iterator[PosSource]:
    """A source with a topic of its own; what the broker keeps for it goes with it."""
    host, port = broker
    made = source_made(shop, "mqtt", host=host, port=port, topic=f"shrink-tests/{uuid4().hex}/+")
    yield made
    session = Client(CallbackAPIVersion.VERSION2, client_id=made.mqtt_id, clean_session=True)
    session.connect(host, port)
    session.loop_start()
    session.disconnect()
    session.loop_stop()


async def published(made: PosSource, *messages: bytes) -> None:
    topic = made.topic.replace("+", "receipt")
    sent: list[Any] = [(topic, message, 1, False) for message in messages]
    await asyncio.to_thread(publish.multiple, sent, hostname=made.host, port=made.port)


async def test_what_a_till_publishes_is_stored(made: PosSource, tmp_path: Path) -> None:
    async with listening(tmp_path) as listener:
        await place_of(listener, made)
        await published(made, receipt(1), b"\xff no receipt", receipt(2, end=b""))
        await tickets_come("1", "2")


async def test_the_broker_keeps_what_comes_while_nobody_listens(made: PosSource, tmp_path: Path) -> None:
    async with listening(tmp_path) as listener:
        await place_of(listener, made)
    await published(made, receipt(1), receipt(2))
    async with listening(tmp_path):
        await tickets_come("1", "2")


async def test_a_message_is_acknowledged_only_once_it_is_stored_and_stored_only_once(
    made: PosSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process fails right after storing, so the broker sends a receipt that names nothing but its content again."""
    stored, failures = listener_module.source_reading_take, [1]

    def then_gone(**said: Any) -> Any:
        taken = stored(**said)
        if failures:
            failures.pop()
            raise OperationalError("the connection is gone")
        return taken

    monkeypatch.setattr(listener_module, "source_reading_take", then_gone)

    async def wait(_: float) -> None:
        await asyncio.sleep(0)

    async with listening(tmp_path, wait=wait) as listener:
        await place_of(listener, made)
        await published(made, receipt(""), receipt("9"))

        async def both() -> bool:
            return len(await apart(tickets)) >= 2

        await comes(both)
    assert len(await apart(tickets)) == 2
    once = await apart(PosEvent.objects.count)
    async with listening(tmp_path) as listener:
        await place_of(listener, made)
        await published(made, receipt("10"))

        async def third() -> bool:
            return "10" in await apart(tickets)

        await comes(third)
    assert await apart(PosEvent.objects.count) == once + once // 2, "what had been acknowledged was not sent again"


async def test_two_equal_receipts_are_two(made: PosSource, tmp_path: Path) -> None:
    async with listening(tmp_path) as listener:
        await place_of(listener, made)
        await published(made, receipt(""), receipt(""))

        async def both() -> bool:
            return len(await apart(tickets)) == 2

        await comes(both)
