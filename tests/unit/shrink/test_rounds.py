"""Which rounds `make test` plans, by what answers on the machine, and that ending it ends what they started."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

from tests.rounds import InTurn, Round, end, environment_of
from tests.run import rounds
from tests.services import POSTGRES, RABBITMQ, REDIS, Server

PG, RD, MQ = "postgres://h/shrink", "redis://h/15", "amqp://h//"
ALL = {POSTGRES: PG, REDIS: RD, RABBITMQ: MQ}
WHOLE, SQLITE, SERVERS, BROKER = range(4)


@pytest.mark.parametrize(
    ("found", "expected", "reason"),
    [
        ({}, [], "no server: the embedded default alone"),
        ({POSTGRES: PG}, [{"DATABASE_URL": PG}], "PostgreSQL alone"),
        ({POSTGRES: "", REDIS: RD, RABBITMQ: ""}, [{"REDIS_URL": RD}], "Redis alone"),
        (ALL, [{"DATABASE_URL": PG, "REDIS_URL": RD}, {"BROKER_URL": MQ, "DATABASE_URL": PG}], "all three"),
    ],
)
def test_rounds(found: dict[Server, str], expected: list[dict[str, str]], reason: str) -> None:
    assert [planned.environment for planned in rounds(found, [])] == [{}, {}, *expected], reason


@pytest.mark.parametrize(
    ("marks", "expected", "reason"),
    [
        (set(), {SQLITE}, "touches no server: once is enough"),
        ({"servers"}, {SQLITE, SERVERS}, "asks for a database"),
        ({"servers", "broker"}, {SQLITE, SERVERS, BROKER}, "tried on every broker"),
        ({"e2e"}, {WHOLE}, "a whole system"),
        ({"browser"}, {WHOLE}, "a browser"),
        ({"e2e", "servers", "media"}, {WHOLE}, "a whole way, beside the test's own database"),
    ],
)
def test_every_test_has_its_rounds(marks: set[str], expected: set[int], reason: str) -> None:
    assert {number for number, planned in enumerate(rounds(ALL, [])) if picks(planned, marks)} == expected, reason


def test_what_is_asked_for_is_asked_of_every_round() -> None:
    planned = rounds(ALL, ["-k", "lease", "-m", "media", "tests/e2e"])
    assert all(each.arguments[2:5] == ["-k", "lease", "tests/e2e"] for each in planned)
    assert [picks(each, {"e2e", "media"}) for each in planned] == [True, False, False, False]
    assert [picks(each, {"servers", "media"}) for each in planned] == [False, True, True, False]
    assert not any(picks(each, {"e2e", "servers", "broker"}) for each in planned), "not media"


def picks(planned: Round, marks: set[str]) -> bool:
    option, expression = planned.arguments[:2]
    assert option == "-m"
    return Expression.compile(expression).evaluate(lambda name, **_: name in marks)


def test_a_round_sees_no_servers_but_its_own() -> None:
    ours = {
        "DATABASE_URL": PG,
        "REDIS_URL_FILE": "/run/secrets/redis",
        "BROKER_URL": MQ,
        "DATA_DIR": "/var",
        "HOME": "/",
    }
    assert environment_of(ours) == {"HOME": "/"}


FIXTURE = """
import pathlib, time, pytest

@pytest.fixture
def system():
    pathlib.Path("started").touch()
    yield
    pathlib.Path("stopped").touch()

def test_it(system):
    time.sleep(60)
"""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As in `make test`. A shell's background jobs ignore interrupts, and hand that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_round_that_is_ended_stops_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_it.py").write_text(FIXTURE)
    monkeypatch.chdir(tmp_path)
    begun = Round("a system", ["-p", "no:django", "-p", "no:cacheprovider", "test_it.py"])
    begun.start()
    deadline = time.monotonic() + 120
    while not Path("started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    end([begun, Round("never begun", [])])
    begun.show()
    assert Path("stopped").exists()
    assert (begun.passed, begun.code) == (False, pytest.ExitCode.INTERRUPTED)


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file into which every test of a round in this folder writes its name when it begins and ends."""
    body = "def test_{0}():\n    f = open('log', 'a')\n    f.write('{0}+ ')\n    f.flush()\n    f.write('{0}- ')\n"
    for name in ("a", "b"):
        (tmp_path / f"test_{name}.py").write_text(body.format(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "log"


def in_turn(names: str) -> tuple[InTurn, list[Round]]:
    rounds = [Round(name, ["-p", "no:django", "-p", "no:cacheprovider", f"test_{name}.py"]) for name in names]
    return InTurn(rounds), rounds


def test_rounds_in_turn_wait_for_each_other(logged: Path) -> None:
    beside, rounds = in_turn("ab")
    beside.start()
    beside.show()
    assert all(each.passed for each in rounds)
    assert logged.read_text() == "a+ a- b+ b- "


def test_what_has_not_begun_when_all_is_ended_never_begins(logged: Path) -> None:
    beside, rounds = in_turn("ab")
    beside.no_more()
    beside._run()
    assert not rounds[0].begun.is_set() and not logged.exists()
