"""MQTT: a broker keeps what tills publish until we have stored it (QoS 1, a session that outlives the connection).

A message is whole in itself. It is acknowledged only after its events are stored; one that comes a second time because
the acknowledgement was lost is read as of the instant at which it came first, so that it gives the same ids.
"""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from pos.listening.post import Post, alone
from pos.listening.spool import Piece
from pos.listening.streams import Stream

NAME = "mqtt"
KEEPALIVE_S = 60
REMEMBERED = 64
"""Messages whose first instant is kept: more than brokers have under way at once."""


class Firsts:
    """When each of the last messages came first, on disk: the process may be killed before it acknowledges."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at: dict[str, int] = {}
        with contextlib.suppress(OSError, ValueError):
            self._at = dict(json.loads(path.read_text()))

    def at_us(self, message: MQTTMessage, now_us: int) -> int:
        """Only what the broker itself calls a repetition can be one: a till may well say the same twice."""
        digest = hashlib.sha256(message.topic.encode() + b"\0" + message.payload).hexdigest()
        if message.dup and digest in self._at:
            return self._at[digest]
        self._at.pop(digest, None)
        self._at[digest] = now_us
        while len(self._at) > REMEMBERED:
            del self._at[next(iter(self._at))]
        self._write()
        return now_us

    def _write(self) -> None:
        fresh = self._path.with_suffix(".seen-new")
        with fresh.open("w") as file:
            json.dump(self._at, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


class Subscriber:
    """Paho's callbacks. They run in its own thread, one message at a time: while one is stored the broker waits."""

    def __init__(self, post: Post, stream: Stream, fail: Callable[[Exception], None]) -> None:
        self.post, self.stream, self.fail = post, stream, fail
        self.firsts = Firsts(post.house.spools / f"{post.plan.id}-{NAME}.seen")
        self.failed = False

    def connected(self, client: Client, _: Any, __: ConnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
        if reason.is_failure:
            self._fail(ConnectionError(f"The broker refuses us: {reason}. Check user name and password."))
        else:
            client.subscribe(self.post.plan.topic, qos=1)

    def subscribed(self, _: Client, __: Any, ___: int, reasons: list[ReasonCode], ____: Properties | None) -> None:
        if reasons and reasons[0].is_failure:
            topic = self.post.plan.topic
            self._fail(ConnectionError(f"The broker refuses the topic {topic}: {reasons[0]}. Check what the user may."))
        else:
            self.post.fine(self.post.plan.topic)

    def disconnected(
        self, _: Client, __: Any, ___: DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        self._fail(ConnectionError(f"The connection to the broker ended: {reason}."))

    def came(self, client: Client, _: Any, message: MQTTMessage) -> None:
        if self.failed:
            return  # it comes again
        try:
            at_us = self.firsts.at_us(message, self.post.house.clock_us())
            pieces = [Piece(at_us, bytes(message.payload)), Piece(at_us, ends=True)]
            self.post.monitor.heard(NAME, pieces)
            alone(self._store, pieces)
            client.ack(message.mid, message.qos)
        except Exception as error:
            self._fail(error)

    def _store(self, pieces: list[Piece]) -> None:
        self.stream.take(pieces)
        self.stream.settle()

    def _fail(self, error: Exception) -> None:
        self.failed = True
        self.fail(error)


async def mqtt(post: Post) -> None:
    plan, loop = post.plan, asyncio.get_running_loop()
    broken: asyncio.Future[None] = loop.create_future()

    def give_up(error: Exception) -> None:
        if not broken.done():
            broken.set_exception(error)

    def fail(error: Exception) -> None:
        loop.call_soon_threadsafe(give_up, error)

    stream = await post.thread(post.stream, NAME)
    client = _client(post, Subscriber(post, stream, fail))
    try:
        await post.thread(client.connect, plan.host, plan.port, KEEPALIVE_S)
        client.loop_start()
        await broken
    finally:
        broken.cancel()
        await post.thread(_closed, client)
        stream.spool.close()
        post.house.open_paths.discard(stream.spool.path)


def _client(post: Post, subscriber: Subscriber) -> Client:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=post.plan.mqtt_id,
        clean_session=False,
        manual_ack=True,
        reconnect_on_failure=False,  # how long to wait is decided where it is for every door
    )
    if post.plan.username:
        client.username_pw_set(post.plan.username, post.plan.password or None)
    if post.plan.tls:
        client.tls_set()
    client.on_connect, client.on_subscribe = subscriber.connected, subscriber.subscribed
    client.on_disconnect, client.on_message = subscriber.disconnected, subscriber.came
    return client


def _closed(client: Client) -> None:
    client.disconnect()
    client.loop_stop()
