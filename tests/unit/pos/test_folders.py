"""A folder of documents whose files change, fail or say private things while they are read."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import OperationalError

from pos.adapters.reading import Reading
from pos.listening.folders import Folder
from pos.listening.listener import Clock
from pos.listening.monitor import Monitor
from pos.listening.post import House, Post
from pos.listening.streams import How
from pos.services.documents import Taken
from tests.factories.doors import receipt
from tests.unit.pos.test_post import plan

Keep = Callable[[How, Reading], Taken | None]


class Store:
    """What was stored, and what happens just before."""

    def __init__(self, before: Keep = lambda _, __: None) -> None:
        self.readings: list[Reading] = []
        self.before = before

    def keep(self, how: How, reading: Reading) -> Taken | None:
        self.before(how, reading)
        self.readings.append(reading)
        return None

    def tickets(self) -> set[str]:
        return {event["transaction"].rpartition("-")[2] for one in self.readings for event in one.events}


def swept(place: Path, keep: Keep, times: int = 2, **fields: object) -> Monitor:
    """The monitor of a folder that was looked at so often."""

    async def sweep() -> Monitor:
        with ThreadPoolExecutor(1) as executor:
            house = House(place, place, executor, keep, asyncio.sleep, lambda: 1.0, Clock().now_us)
            post = Post(plan(door="folder", folder="x", **fields), house, Monitor(1, None))
            door = Folder(post, place)
            for _ in range(times):
                await door.sweep()
            return post.monitor

    return asyncio.run(sweep())


def said(monitor: Monitor) -> str:
    news = monitor.news()
    assert news is not None
    return news.error or ""


def names(place: Path, where: str = "") -> set[str]:
    return {path.name for path in (place / where).iterdir() if path.is_file()}


def test_a_file_that_is_rewritten_while_it_is_stored_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(receipt(1))
    rewritten = iter([receipt(22)])

    def rewrite(_: How, __: Reading) -> None:
        for content in rewritten:
            (tmp_path / "a.txt").write_bytes(content)

    store = Store(rewrite)
    swept(tmp_path, store.keep, times=2)
    assert names(tmp_path) == {"a.txt"} and names(tmp_path, "done") == set()
    swept(tmp_path, store.keep, times=2)
    assert store.tickets() == {"1", "22"}
    assert (tmp_path / "done" / "a.txt").read_bytes() == receipt(22)


def test_a_file_that_cannot_be_stored_keeps_none_behind_it(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.txt").write_bytes(receipt(number))

    def refuse(_: How, reading: Reading) -> None:
        if any(event["transaction"].endswith("-1") for event in reading.events):
            raise ValueError("Maria cannot be stored")

    store = Store(refuse)
    monitor = swept(tmp_path, store.keep)
    assert store.tickets() == {"2"}
    assert names(tmp_path, "failed") == {"1.txt", "1.txt.txt"}
    assert "ValueError" in said(monitor)
    assert "Maria" not in (tmp_path / "failed" / "1.txt.txt").read_text()


def test_while_the_database_is_away_every_file_stays(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_bytes(receipt(1))

    def away(_: How, __: Reading) -> None:
        raise OperationalError("the database is locked")

    with pytest.raises(OperationalError):
        swept(tmp_path, away)
    assert names(tmp_path) == {"1.txt"}


def test_what_is_said_of_a_file_holds_nothing_private(tmp_path: Path) -> None:
    (tmp_path / "card 4111111111111111.csv").write_bytes(
        b"type,occurred_at,amount,transaction\nscan,4111111111111111,1,1\n"
    )
    (tmp_path / "headless.csv").write_bytes(b"Maria,4111111111111111,9.99\n")
    monitor = swept(tmp_path, Store().keep, adapter="csv")
    [reasons] = [path.read_text() for path in (tmp_path / "done").glob("*.txt")]
    assert "4111" not in reasons and reasons
    assert "4111" not in said(monitor)
    assert "Maria" not in (tmp_path / "failed" / "headless.csv.txt").read_text()
