"""Sources of tills, receipts for them, and a listener that serves them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from pos.listening.listener import Listener, Pace
from pos.listening.post import alone
from pos.models import PosEvent, PosSource
from tests.factories.stores import SmallStore

CUT = b"\x1dV\x00"
WITHIN_S = 20.0
Answer = TypeVar("Answer")


def receipt(number: int | str = "0042", *, end: bytes = CUT, item: str = "Milk 1 l", first: bytes = b"") -> bytes:
    """What a printer hears: a ticket of one item, paid in cash."""
    lines = (f"Ticket {number}", f"{item:<18}    1.20", "TOTAL                 1.20", "CASH                  1.20")
    return first + "\n".join((*lines, "")).encode() + end


def source_made(shop: SmallStore, door: str, *, name: str = "", till: int = 0, **fields: Any) -> PosSource:
    """A source of receipts as text, switched on, on any free port of this machine."""
    values = {"host": "127.0.0.1", "port": 0, "adapter": "receipt_text", "enabled": True} | fields
    return PosSource.objects.create(
        store=shop.store, name=name or door, terminal=shop.terminals[till], door=door, **values
    )


async def source(shop: SmallStore, door: str, **fields: Any) -> PosSource:
    return await apart(lambda: source_made(shop, door, **fields))


@asynccontextmanager
async def listening(folder: Path, **options: Any) -> AsyncIterator[Listener]:
    """A listener that looks and tells all the time; it has stopped in order when this ends."""
    stopping = asyncio.Event()
    pace = Pace(look_s=0.02, tell_s=0.02)
    listener = Listener(spools=folder / "spool", inboxes=folder / "inbox", pace=pace, **options)
    running = asyncio.create_task(listener.run(stopping))
    try:
        yield listener
    finally:
        stopping.set()
        await asyncio.wait_for(running, WITHIN_S)


async def apart(act: Callable[..., Answer], *arguments: Any) -> Answer:
    """``act`` on the database, which no coroutine may do itself."""
    return await asyncio.to_thread(alone, act, *arguments)


async def comes(condition: Callable[[], Awaitable[Any]], what: str = "") -> Any:
    """The first true answer of ``condition``."""
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while not (answer := await condition()):
        assert asyncio.get_running_loop().time() < deadline, what or "it did not come"
        await asyncio.sleep(0.01)
    return answer


async def place_of(listener: Listener, made: PosSource) -> Any:
    """Where the door of a source is, once it is open."""

    async def place() -> Any:
        served = listener.served.get(made.pk)
        return served and served.post.place

    return await comes(place, f"the door of {made.name} opens")


def tickets() -> list[str]:
    """The numbers of the tickets that are stored whole, in order of their storing; the till's own part of them."""
    closed = PosEvent.objects.filter(type="ticket_close").order_by("id")
    return [transaction.rpartition("-")[2] for transaction in closed.values_list("transaction", flat=True)]


async def tickets_come(*numbers: str) -> None:
    """Wait until exactly these are stored, and nothing twice."""

    async def there() -> bool:
        return len(await apart(tickets)) >= len(numbers)

    await comes(there, f"the tickets {numbers} are stored")
    assert sorted(await apart(tickets)) == sorted(numbers)


async def send(place: tuple[str, int], *pieces: bytes) -> None:
    """Connect as a till does, say it piece by piece, and go away."""
    _, writer = await asyncio.open_connection(*place[:2])
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    writer.close()
    await writer.wait_closed()
