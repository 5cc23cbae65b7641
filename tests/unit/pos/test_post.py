"""A door that is told to end keeps what it has already heard."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from django.db import OperationalError

from pos.adapters.reading import Reading
from pos.listening.inbox import Inbox, Over
from pos.listening.line_known import LineKnown
from pos.listening.listener import Clock
from pos.listening.monitor import Monitor
from pos.listening.post import LINE, House, Post
from pos.listening.spool import Piece, spool_read
from pos.listening.streams import How, stream_left
from pos.selectors.sources import SourcePlan
from pos.services.documents import Taken
from tests.factories.doors import receipt


def plan(**fields: object) -> SourcePlan:
    named = dict.fromkeys(SourcePlan.__slots__, "") | {"id": 1, "store_id": 1, "terminal": "T1", "port": 0}
    told = {"door": "tcp_connect", "adapter": "receipt_text", "options": "{}", "quiet_s": 300.0}
    return SourcePlan(**(named | told | fields))  # type: ignore[arg-type]


def away(_: How, __: Reading) -> Taken | None:
    raise OperationalError("the database is locked")


class Patience:
    """Waits between attempts until the test lets go; says when somebody waits."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self, _: float) -> None:
        self.begun.set()
        await asyncio.Event().wait()


@asynccontextmanager
async def post_at(spools: Path, keep: Callable[[How, Reading], Taken | None], wait: Patience) -> AsyncIterator[Post]:
    with ThreadPoolExecutor(1) as executor:
        house = House(spools, spools, executor, keep, wait, lambda: 1.0, Clock().now_us)
        yield Post(plan(), house, Monitor(1, None))


async def ended(carrying: Awaitable[None]) -> None:
    assert isinstance(carrying, asyncio.Task)
    carrying.cancel()
    with suppress(asyncio.CancelledError):
        await carrying


def heard(path: Path) -> bytes:
    return b"".join(piece.data for piece in spool_read(path)[1])


async def test_what_waits_while_the_database_is_away_is_on_disk_when_the_door_ends(tmp_path: Path) -> None:
    wait = Patience()
    async with post_at(tmp_path, away, wait) as post:
        inbox = Inbox(post.house.clock_us)
        carrying = asyncio.create_task(post.carry(inbox, name=LINE))
        inbox.put(receipt(1))
        await wait.begun.wait()
        inbox.put(receipt(2))
        await ended(carrying)
    assert heard(tmp_path / f"1-{LINE}.spool") == receipt(1) + receipt(2)
    assert post.house.open_paths == set()


async def test_what_could_not_be_written_down_is_when_the_door_ends_and_the_disk_is_there_again(tmp_path: Path) -> None:
    wait, spools = Patience(), tmp_path / "disk"
    async with post_at(spools, away, wait) as post:
        inbox = Inbox(post.house.clock_us)
        carrying = asyncio.create_task(post.carry(inbox, name=LINE))
        inbox.put(receipt(1))
        await wait.begun.wait()
        inbox.put(receipt(2))
        spools.mkdir()
        await ended(carrying)
    assert heard(spools / f"1-{LINE}.spool") == receipt(1) + receipt(2)


async def test_what_comes_before_an_old_spool_could_be_stored_lies_beside_it(tmp_path: Path) -> None:
    old = tmp_path / f"1-{LINE}.spool"
    async with post_at(tmp_path, away, Patience()) as post:
        stream = post.stream(LINE)
        stream.take(_pieces(post, receipt(1)))
        stream.spool.close()
    wait = Patience()
    async with post_at(tmp_path, away, wait) as post:
        inbox = Inbox(post.house.clock_us)
        carrying = asyncio.create_task(post.carry(inbox, name=LINE))
        await wait.begun.wait()
        inbox.put(receipt(2))
        await ended(carrying)
    [beside] = [path for path in tmp_path.glob("1-*.spool") if path != old]
    assert (heard(old), heard(beside)) == (receipt(1), receipt(2))
    again = stream_left(beside, away)
    assert again is not None and again.due


@pytest.mark.parametrize("pauses", [True, False])
async def test_the_rest_is_taken_once_and_the_sender_told_to_pause(pauses: bool) -> None:
    told = list[str]()
    pause = (lambda: told.append("pause")) if pauses else None
    inbox = Inbox(Clock().now_us, pause=pause, resume=lambda: told.append("resume"))
    inbox.put(b"a")
    assert [piece.data for piece in inbox.rest()] == [b"a"]
    assert inbox.rest() == [] and told == ["pause"] * pauses


async def test_a_line_is_lost_when_it_ends_not_when_the_last_of_it_is_stored(tmp_path: Path) -> None:
    known = LineKnown(tmp_path / "1.line", "1 T1")
    async with post_at(tmp_path, away, Patience()) as post:
        await post.back("device")
        inbox = Inbox(post.house.clock_us)
        inbox.close()
        post.still()
        with pytest.raises(Over) as over:
            await post.carry(inbox)
        post.lost(over.value.at_us)
        post.lost()
    assert known.until_us() == over.value.at_us


async def test_killed_a_process_leaves_behind_since_when_nobody_listens(tmp_path: Path) -> None:
    known = LineKnown(tmp_path / "1.line", "1 T1")
    async with post_at(tmp_path, away, Patience()) as post:
        post.still()
        assert known.until_us() is None, "a line that was never there is not lost"
        await post.back("device")
        first = known.until_us()
        post.still()
    last = known.until_us()
    assert first is not None and last is not None and first < last <= post.house.clock_us()
    assert LineKnown(tmp_path / "1.line", "1 T2").until_us() is None


def _pieces(post: Post, data: bytes) -> list[Piece]:
    inbox = Inbox(post.house.clock_us)
    inbox.put(data)
    return inbox.rest()
