"""`make test`: the whole suite on the embedded default, then what touches servers again on those that answer.

Whole systems and the browser mostly wait for what happens in real time, so they run beside the embedded default; the
rounds on servers follow them.
"""

import argparse
import signal
import sys

from tests.rounds import InTurn, Round, end, say
from tests.services import POSTGRES, RABBITMQ, REDIS, Server

WHOLE = "(e2e or browser)"


def rounds(found: dict[Server, str], extra: list[str]) -> list[Round]:
    """Whole systems, the embedded default, and those on servers. `found`: the address of each server that answers.

    What runs again on servers is decided in tests/conftest.py: what asks for a database, a broker or a layer.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", dest="only", default="")
    given, others = parser.parse_known_args(extra)

    def marked(marks: str, cache: str) -> list[str]:
        """Rounds that run at once would lose each other's failures in one cache."""
        apart = ["-o", f"cache_dir=.pytest_cache/{cache}"] if cache else []
        return ["-m", f"{marks} and ({given.only})" if given.only else marks, *others, *apart]

    planned = [
        Round("Whole systems and browser on SQLite", marked(WHOLE, "whole")),
        Round("SQLite, embedded queue and layer", marked(f"not {WHOLE}", "")),
    ]
    if servers := _on(found, POSTGRES, REDIS):
        names = " and ".join(server.name for server in (POSTGRES, REDIS) if server.setting in servers)
        planned.append(Round(names, marked(f"servers and not {WHOLE}", "servers"), servers))
    if found.get(RABBITMQ):
        planned.append(Round("RabbitMQ", marked("broker", "broker"), _on(found, RABBITMQ, POSTGRES)))
    return planned


def _on(found: dict[Server, str], *servers: Server) -> dict[str, str]:
    """The settings for those of these servers that answer."""
    return {server.setting: found[server] for server in servers if found.get(server)}


def run(planned: list[Round]) -> None:
    whole, embedded, *on_servers = planned
    beside = InTurn([whole, *on_servers])
    try:
        beside.start()
        embedded.start()
        embedded.show()
        beside.show()
    finally:
        beside.no_more()
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
