"""Tills that speak no HTTP, through every door there is, as they would."""

import asyncio
import os
import pty
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from pos.listening import listener as listener_module
from pos.listening.post import LINE
from pos.listening.spool import spool_read
from pos.models import PosEvent, PosSource, SourcePreview
from tests.factories.doors import (
    CUT,
    apart,
    comes,
    listening,
    place_of,
    receipt,
    send,
    source,
    tickets_come,
)
from tests.factories.stores import SmallStore

pytestmark = pytest.mark.django_db(transaction=True)


async def fresh(made: PosSource) -> PosSource:
    return await apart(lambda: PosSource.objects.get(pk=made.pk))


async def told(made: PosSource, words: str) -> PosSource:
    """The source, once the listener has told this of it."""

    async def there() -> PosSource | None:
        found = await fresh(made)
        return found if words in found.last_error else None

    return await comes(there, f"of {made.name} it is told: {words}")


async def spool_empty(folder: Path) -> None:
    async def empty() -> bool:
        return sum(path.stat().st_size for path in (folder / "spool").glob("*.spool")) == 0

    await comes(empty, "the spool is empty")


async def test_tills_that_connect_each_have_a_stream_of_their_own(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    one, two = receipt(1), receipt(2)
    async with listening(tmp_path) as listener:
        place = await place_of(listener, made)
        _, first = await asyncio.open_connection(*place)
        _, second = await asyncio.open_connection(*place)
        for n in range(0, max(len(one), len(two)), 5):  # turn about, in the middle of lines
            for writer, data in ((first, one), (second, two)):
                writer.write(data[n : n + 5])
                await writer.drain()
        await tickets_come("1", "2")
        await spool_empty(tmp_path)
        for writer in (first, second):
            writer.close()
            await writer.wait_closed()
    assert await apart(lambda: set(PosEvent.objects.values_list("terminal__code", flat=True))) == {"T1"}


async def test_what_was_printed_when_the_line_went_dead_is_a_receipt(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    async with listening(tmp_path) as listener:
        await send(await place_of(listener, made), receipt(7, end=b""))
        await tickets_come("7")


async def test_a_receipt_that_nothing_ends_is_over_when_the_till_is_quiet(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen", quiet_s=0)
    async with listening(tmp_path) as listener:
        _, writer = await asyncio.open_connection(*await place_of(listener, made))
        for number in (7, 8):
            writer.write(receipt(number, end=b""))
            await writer.drain()
            await tickets_come(*map(str, range(7, number + 1)))
        writer.close()


async def test_while_the_database_is_away_the_till_waits(
    shop: SmallStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, away = listener_module.source_reading_take, asyncio.Event()

    def take(**said: Any) -> Any:
        if away.is_set():
            raise OperationalError("the database is locked")
        return stored(**said)

    async def wait(_: float) -> None:
        await asyncio.sleep(0.01)

    monkeypatch.setattr(listener_module, "source_reading_take", take)
    away.set()
    made = await source(shop, "tcp_listen")
    async with listening(tmp_path, wait=wait) as listener:
        await send(await place_of(listener, made), receipt(1), receipt(2))
        await told(made, "The database does not answer")
        away.clear()
        await tickets_come("1", "2")


async def test_a_sender_from_elsewhere_is_refused_counted_and_named(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen", allowed="10.9.9.0/24")
    async with listening(tmp_path) as listener:
        reader, writer = await asyncio.open_connection(*await place_of(listener, made))
        with pytest.raises(ConnectionError):
            if await reader.read(1) == b"":
                raise ConnectionResetError
        writer.close()
        found = await told(made, "A sender at 127.0.0.1 was refused")
    assert found.strangers == 1
    assert not await apart(PosEvent.objects.exists)


async def test_we_connect_again_after_the_other_side_has_gone(shop: SmallStore, tmp_path: Path) -> None:
    said, waits = [receipt(1), receipt(2)], list[float]()

    async def device(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if said:
            writer.write(said.pop(0))
            await writer.drain()
            writer.close()

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    server = await asyncio.start_server(device, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await source(shop, "tcp_connect", port=port)
    async with server, listening(tmp_path, wait=wait, share=lambda: 1.0):
        await tickets_come("1", "2")

        async def gap_known() -> bool:
            return await apart(PosEvent.objects.filter(type="gap").exists)

        await comes(gap_known, "the judge is told that nobody listened for a moment")
    assert waits[0] == 1.0, "the first attempt after a line that worked does not wait long"
    gap = await apart(PosEvent.objects.filter(type="gap").first)
    assert gap is not None and gap.data["from"] < gap.data["to"]


async def test_the_judge_is_told_while_this_process_was_stopped_but_of_the_same_till_alone(
    shop: SmallStore, tmp_path: Path
) -> None:
    async def device(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def gaps() -> list[dict[str, str]]:
        return await apart(lambda: list(PosEvent.objects.filter(type="gap").values_list("data", flat=True)))

    server = await asyncio.start_server(device, "127.0.0.1", 0)
    made = await source(shop, "tcp_connect", port=server.sockets[0].getsockname()[1])
    async with server:
        async with listening(tmp_path) as listener:
            await place_of(listener, made)
            assert await gaps() == [], "before the first time nobody was to be heard"
        stopped = datetime.now(UTC).isoformat()
        async with listening(tmp_path) as listener:
            await place_of(listener, made)
            [gap] = await gaps()
            assert gap["from"] < stopped < gap["to"]
            await apart(lambda: PosSource.objects.filter(pk=made.pk).update(terminal=shop.terminals[1]))

            async def another() -> bool:
                served = listener.served.get(made.pk)
                return served is not None and served.plan.terminal != "T1" and served.post.place is not None

            await comes(another)
        assert await gaps() == [gap]


async def test_a_device_that_does_not_answer_is_tried_later_each_time(shop: SmallStore, tmp_path: Path) -> None:
    waits = list[float]()
    enough = asyncio.Event()

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 4:
            enough.set()
        await asyncio.sleep(0)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        made = await source(shop, "tcp_connect", port=taken.getsockname()[1])
        async with listening(tmp_path, wait=wait, share=lambda: 1.0):
            await enough.wait()
            await told(made, "Nobody answers at 127.0.0.1")
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]


async def test_datagrams(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "udp")
    async with listening(tmp_path) as listener:
        place = await place_of(listener, made)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
        ):
            for a, b in zip(receipt(1).splitlines(True), receipt(2).splitlines(True), strict=True):
                one.sendto(a, place)
                two.sendto(b, place)
            await tickets_come("1", "2")


async def test_a_serial_line(shop: SmallStore, tmp_path: Path) -> None:
    till, ours = pty.openpty()
    made = await source(shop, "serial", device=os.ttyname(ours))
    async with listening(tmp_path) as listener:
        await place_of(listener, made)
        data = receipt(1) + receipt(2, end=b"")
        for n in range(0, len(data), 11):
            os.write(till, data[n : n + 11])
        left = tmp_path / "spool" / f"{made.pk}-{LINE}.spool"

        async def begun() -> bool:
            kept = spool_read(left)[1] if left.exists() else []
            return b"".join(piece.data for piece in kept).endswith(receipt(2, end=b""))

        await comes(begun, "what is begun is on disk")
        await tickets_come("1")
    assert left.exists(), "it outlives the process"
    async with listening(tmp_path) as listener:
        await place_of(listener, made)
        os.write(till, CUT)
        await tickets_come("1", "2")
        os.close(till)
        await told(made, "is gone")
    os.close(ours)


async def test_a_folder(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "folder", folder="till-1")
    place = tmp_path / "inbox" / "S001" / "till-1"
    place.mkdir(parents=True)
    (place / "1.txt").write_bytes(receipt(1, end=b"Strange               9.99\n"))
    (place / "2.txt").write_bytes(b"nothing of a receipt\n")
    (place / "3.txt.part").write_bytes(receipt(3))
    (place / ".hidden").write_bytes(receipt(4))

    async def wait(_: float) -> None:
        await asyncio.sleep(0.01)

    async with listening(tmp_path, wait=wait):
        await tickets_come("1")
        await told(made, "2.txt could not be read: No printed line of the capture")
        (place / "3.txt.part").rename(place / "1.txt")  # the same name again
        await tickets_come("1", "3")
    assert len([path for path in (place / "done").iterdir() if not path.name.endswith(".txt.txt")]) == 2
    assert {path.name for path in (place / "failed").iterdir()} == {"2.txt", "2.txt.txt"}
    assert "No printed line" in (place / "failed" / "2.txt.txt").read_text()
    assert (place / ".hidden").exists()


async def test_a_file_that_is_read_again_changes_nothing(shop: SmallStore, tmp_path: Path) -> None:
    await source(shop, "folder", folder="till-1")
    place = tmp_path / "inbox" / "S001" / "till-1"
    place.mkdir(parents=True)
    (place / "a.txt").write_bytes(receipt(""))

    async def wait(_: float) -> None:
        await asyncio.sleep(0.01)

    async def read() -> bool:
        return (place / "done" / "a.txt").exists()

    async with listening(tmp_path, wait=wait):
        await comes(read)
        stored = await apart(PosEvent.objects.count)
        written = (place / "done" / "a.txt").read_bytes()
        os.utime(place / "done" / "a.txt", (1_774_000_000, 1_774_000_000))
    first = await apart(lambda: PosEvent.objects.order_by("id").values_list("external_id", flat=True)[0])
    assert stored > 0 and written == receipt("") and first.startswith("RT1-x")


async def test_sources_are_served_as_they_are_changed(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    async with listening(tmp_path) as listener:
        first = await place_of(listener, made)
        await send(first, receipt(1))
        await tickets_come("1")

        other = await source(shop, "tcp_listen", name="added", till=1)
        await send(await place_of(listener, other), receipt(2))
        await tickets_come("1", "2")

        options = {"options": {"patterns": {"item": r"^(?P<description>\w+) +(?P<amount>\d\.\d\d)$"}}}
        await apart(lambda: PosSource.objects.filter(pk=made.pk).update(**options))

        async def anew() -> bool:
            served = listener.served.get(made.pk)
            return served is not None and "patterns" in served.plan.options and served.post.place is not None

        await comes(anew)
        await apart(lambda: PosSource.objects.filter(pk=other.pk).update(enabled=False))

        async def closed() -> bool:
            return other.pk not in listener.served

        await comes(closed)
        assert list(listener.served) == [made.pk]


WORDS = ("is taken", "There is no /dev/ttyNONE", "There is no host", "There is no adapter 'telex'")


async def test_a_broken_source_costs_no_other(shop: SmallStore, tmp_path: Path) -> None:
    good = await source(shop, "tcp_listen")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        broken = [
            await source(shop, "tcp_listen", name="port", port=taken.getsockname()[1]),
            await source(shop, "serial", name="device", device="/dev/ttyNONE"),
            await source(shop, "tcp_connect", name="host", host="no.such.host.invalid", port=1),
            await source(shop, "folder", name="adapter", folder="x", adapter="telex"),
        ]
        async with listening(tmp_path) as listener:
            place = await place_of(listener, good)
            for made, words in zip(broken, WORDS, strict=True):
                await told(made, words)
            await send(place, receipt(1))
            await tickets_come("1")
    assert (await fresh(good)).last_error == ""


async def test_a_flood_is_slowed_down_and_all_of_it_is_stored(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    async with listening(tmp_path) as listener:
        place = await place_of(listener, made)
        await send(place, b"".join(receipt(number) for number in range(1, 61)), b"\x00" * 600_000)
        await tickets_come(*map(str, range(1, 61)))


async def test_what_comes_is_shown_without_what_is_private(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    private = b"\x02VISA 4111 1111 1111 1111\nCashier: Maria\nStrange 4111111111111111  9.99\n"
    async with listening(tmp_path) as listener:
        await send(await place_of(listener, made), receipt(1, first=private))
        await tickets_come("1")

        async def preview() -> Any:
            found = await apart(SourcePreview.objects.filter(source=made).first)
            return found if found and found.understood and bytes(found.raw).endswith(CUT) else None

        seen = await comes(preview, "the preview is written")
    raw = bytes(seen.raw)
    assert raw.startswith(b"\x02VISA [card]\nCashier: [removed]\nStrange [card]")
    assert b"4111" not in raw and "4111" not in str(seen.understood) + str(seen.refused)
    assert "Milk 1 l" in [row["description"] for row in seen.understood]
    found = await fresh(made)
    assert found.last_heard_at is not None
    assert found.events == await apart(PosEvent.objects.count)


async def test_of_documents_nothing_is_shown_but_what_was_understood(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen", adapter="poslog")
    async with listening(tmp_path) as listener:
        await send(await place_of(listener, made), b"<OperatorName>Maria</OperatorName>")

        async def preview() -> Any:
            found = await apart(SourcePreview.objects.filter(source=made).first)
            return found if found and found.refused else None

        seen = await comes(preview)
    assert bytes(seen.raw) == b""
    assert [row["code"] for row in seen.refused] == ["not_understood"]
