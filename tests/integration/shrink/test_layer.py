"""The channel layer between processes: whatever a worker pushes reaches the page that listens in the web process."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from channels.layers import get_channel_layer

from shrink.embedded.layer import LocalLayer, RelayLayer
from tests.repository import REPOSITORY

PUSH = """
import sys
from shrink.embedded.layer import RelayLayer
layer = RelayLayer(sys.argv[1])
for number in range(int(sys.argv[2])):
    layer.push("lane", {"type": "case", "number": number})
"""
WITHIN_S = 10


def push_from_another_process(path: Path, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PUSH, str(path), str(count)], cwd=REPOSITORY)


async def received(layer: LocalLayer, channel: str, count: int) -> list[int]:
    return [(await asyncio.wait_for(layer.receive(channel), WITHIN_S))["number"] for _ in range(count)]


@pytest.fixture(params=["short", "long"])
def socket_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Also in a directory whose path is longer than a socket's may be."""
    folder = tmp_path / ("x" * 120 if request.param == "long" else "y")
    folder.mkdir()
    return folder / "live.sock"


async def test_a_burst_from_another_process_arrives_whole_and_in_order(socket_path: Path) -> None:
    layer = RelayLayer(socket_path, capacity=1_000)
    await layer.startup()
    try:
        channel = await layer.new_channel()
        await layer.group_add("lane", channel)
        child = push_from_another_process(socket_path, 300)
        assert await received(layer, channel, 300) == list(range(300))
        assert await asyncio.to_thread(child.wait) == 0
    finally:
        await layer.shutdown()
    assert not socket_path.exists()


async def test_a_push_from_a_thread_of_the_web_process_wakes_the_reader(tmp_path: Path) -> None:
    layer = RelayLayer(tmp_path / "live.sock")
    await layer.startup()
    try:
        channel = await layer.new_channel()
        await layer.group_add("lane", channel)
        reading = asyncio.create_task(received(layer, channel, 1))
        await asyncio.to_thread(layer.push, "lane", {"type": "case", "number": 7})
        assert await reading == [7]
    finally:
        await layer.shutdown()


def test_a_push_with_no_web_process_is_dropped_without_a_word(tmp_path: Path) -> None:
    RelayLayer(tmp_path / "live.sock").push("lane", {"type": "case"})


async def test_a_datagram_that_is_no_message_does_not_stop_the_next(tmp_path: Path) -> None:
    import socket

    layer = RelayLayer(tmp_path / "live.sock")
    await layer.startup()
    try:
        channel = await layer.new_channel()
        await layer.group_add("lane", channel)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"not json", str(layer.path))
        push_from_another_process(layer.path, 1)
        assert await received(layer, channel, 1) == [0]
    finally:
        await layer.shutdown()


async def test_the_socket_of_a_killed_predecessor_is_taken_over(tmp_path: Path) -> None:
    first, second = RelayLayer(tmp_path / "live.sock"), RelayLayer(tmp_path / "live.sock")
    await first.startup()
    await second.startup()
    assert first._pump_task is not None
    first._pump_task.cancel()
    channel = await second.new_channel()
    await second.group_add("lane", channel)
    push_from_another_process(second.path, 1)
    assert await received(second, channel, 1) == [0]
    await second.shutdown()


@pytest.mark.servers
async def test_the_configured_layer_pushes_from_threads() -> None:
    """Whatever layer the settings choose, embedded or Redis, has the same synchronous door."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("lane", channel)
    reading = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    thread = threading.Thread(target=layer.push, args=("lane", {"type": "case", "number": 3}))
    thread.start()
    assert (await asyncio.wait_for(reading, WITHIN_S))["number"] == 3
    await asyncio.to_thread(thread.join)
