"""Batches through HTTP, as a till sends them: each until it is answered, so nothing is lost and nothing doubles."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from pos.adapters.reading import Event

TIMEOUT_S = 10.0
AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
TRIES = 20
"""More than seven minutes: longer than a restart takes."""


class Refused(Exception):
    """The server understood the batch and does not want it: sending it again would change nothing."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said}")
        self.status = status


class GaveUp(Exception):
    """The server stayed away. What was not answered is as before; sending everything again doubles nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock that sending goes by: `now` in seconds that only grow; `until` comes back at that second."""

    now: Callable[[], float]
    until: Callable[[float], None]


@dataclass(slots=True)
class Sent:
    """What the server has answered so far. `rejected`: `(id, code, detail)`."""

    batches: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: list[tuple[str, str, str]] = field(default_factory=list)

    def count(self, batch: Sequence[Event], reply: dict[str, Any]) -> None:
        self.batches += 1
        self.accepted += int(reply["accepted"])
        self.duplicates += int(reply["duplicates"])
        self.rejected += [
            (str(batch[one["index"]].get("id", "-")), one["code"], one["detail"]) for one in reply["rejected"]
        ]


def real_pace() -> Pace:
    never = threading.Event()

    def until(at_s: float) -> None:
        never.wait(max(0.0, at_s - time.monotonic()))

    return Pace(time.monotonic, until)


def post(url: str, key: str, events: Sequence[Event], timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """One batch to `POST pos/events`. Raises Refused on a 4xx that repeating cannot cure, OSError else."""
    request = urllib.request.Request(  # noqa: S310  (http, to the address that was given)
        f"{url.rstrip('/')}/api/v1/pos/events",
        data=json.dumps(events).encode(),
        method="POST",
        headers={"Authorization": f"Api-Key {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            return _reply(json.load(answer))
    except urllib.error.HTTPError as error:
        if error.code < HTTPStatus.INTERNAL_SERVER_ERROR and error.code not in AGAIN:
            raise Refused(error.code, error.read().decode(errors="replace")[:500]) from error
        raise
    except (HTTPException, ValueError) as error:
        raise OSError(f"The answer broke off or is none of ours: {error!r}") from error


def _reply(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict) or not {"accepted", "duplicates", "rejected"} <= told.keys():
        raise ValueError("no reply to a batch; is this the address of the server?")
    return told


def send(
    batches: Iterator[Sequence[Event]],
    *,
    post: Callable[[Sequence[Event]], dict[str, Any]],
    pace: Pace,
    told: Callable[[str], None],
) -> Sent:
    """Every batch in turn. Raises Refused, GaveUp."""
    sent = Sent()
    for batch in batches:
        sent.count(batch, _answered(batch, post, pace, told))
    return sent


def in_batches(events: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    return (events[first : first + size] for first in range(0, len(events), size))


def when_due(
    events: Sequence[Event], due_s: Sequence[float], *, speed: float, size: int, pace: Pace
) -> Iterator[Sequence[Event]]:
    """What is due, up to `size` at once, `speed` times as fast as it happened; what fell behind goes at once."""
    start_s, first = pace.now(), 0
    while first < len(events):
        pace.until(start_s + due_s[first] / speed)
        passed_s = (pace.now() - start_s) * speed
        last = first + 1
        while last < min(len(events), first + size) and due_s[last] <= passed_s:
            last += 1
        yield events[first:last]
        first = last


def _answered(
    batch: Sequence[Event],
    post: Callable[[Sequence[Event]], dict[str, Any]],
    pace: Pace,
    told: Callable[[str], None],
) -> dict[str, Any]:
    for tried in range(TRIES):
        try:
            return post(batch)
        except OSError as error:
            wait_s = BACKOFF_S[min(tried, len(BACKOFF_S) - 1)]
            told(f"No answer ({error}); the same batch again in {wait_s:g} s.")
            pace.until(pace.now() + wait_s)
    raise GaveUp(f"The server did not answer {TRIES} times. Send the file again when it is back: nothing doubles.")
