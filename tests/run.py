"""`make test`: the whole suite on the embedded default, then what touches servers again on those that answer.

Whole systems and the browser mostly wait for what happens in real time, so they run beside all the rest.
"""

import argparse
import signal
import sys

from tests.rounds import Round, end, say
from tests.services import POSTGRES, RABBITMQ, REDIS, Server

WHOLE = "(e2e or browser)"
CACHE_APART = ["-o", "cache_dir=.pytest_cache/whole"]  # two that run at once would lose each other's failures


def rounds(found: dict[Server, str], extra: list[str]) -> list[Round]:
    """The round to run beside the others, then those to run in turn. `found`: the address of each server that answers.

    What runs again on servers is decided in tests/conftest.py: what asks for a database, a broker or a layer.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", dest="only", default="")
    given, others = parser.parse_known_args(extra)

    def marked(marks: str) -> list[str]:
        return ["-m", f"{marks} and ({given.only})" if given.only else marks, *others]

    planned = [
        Round("Whole systems and browser on SQLite", [*marked(WHOLE), *CACHE_APART]),
        Round("SQLite, embedded queue and layer", marked(f"not {WHOLE}")),
    ]
    if servers := _on(found, POSTGRES, REDIS):
        names = " and ".join(server.name for server in (POSTGRES, REDIS) if server.setting in servers)
        planned.append(Round(names, marked(f"servers and not {WHOLE}"), servers))
    if found.get(RABBITMQ):
        planned.append(Round("RabbitMQ", marked("broker"), _on(found, RABBITMQ, POSTGRES)))
    return planned


def _on(found: dict[Server, str], *servers: Server) -> dict[str, str]:
    """The settings for those of these servers that answer."""
    return {server.setting: found[server] for server in servers if found.get(server)}


def run(planned: list[Round]) -> None:
    beside, *in_turn = planned
    try:
        beside.start()
        for each in in_turn:
            each.start()
            each.show()
        say(f"\n=== {beside.name}: what it has said so far ===")
        beside.show()
    finally:
        end(planned)


def told_to_end(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, told_to_end)
    found = {server: server.url() for server in (POSTGRES, REDIS, RABBITMQ)}
    for server, url in found.items():
        say(f"{server.name}: {'answers; the suite runs on it too' if url else 'does not answer here; left out'}")
    planned = rounds(found, sys.argv[1:])
    run(planned)
    for each in planned:
        if not each.passed:  # again, as a long output is often cut to its end
            say(f"\n=== {each.name}: how it ended ===\n" + "\n".join(each.last))
    say("\n=== Summary ===")
    for each in planned:
        say(each.line())
    for server, url in found.items():
        if not url:
            say(f"{server.name}: left out, it does not answer on this machine")
    return 0 if all(each.passed for each in planned) else 1


if __name__ == "__main__":
    raise SystemExit(main())
