"""One question to a provider: bounded in time and size, never redirected, and every failure a sentence."""

from time import monotonic
from typing import Any

import httpx

ANSWER_LIMIT = 16 * 2**20
TIMEOUT_S = 20.0
ANSWER_S = 60.0
"""For a whole answer: one that trickles must not hold a worker for ever."""
RETRY_S = 60
RETRY_MOST_S = 3_600


class PollFailed(Exception):
    """Nothing came of it now. The message says what to do; ``retry_s``: how long the provider wants no call."""

    def __init__(self, message: str, retry_s: int = 0) -> None:
        super().__init__(message)
        self.retry_s = retry_s


def client_made(headers: dict[str, str]) -> httpx.Client:
    return httpx.Client(headers=headers, timeout=TIMEOUT_S, follow_redirects=False)


def answered(client: httpx.Client, method: str, url: str, **asked: Any) -> tuple[bytes, httpx.Headers]:
    """The body and the headers of a good answer. Raises PollFailed."""
    try:
        with client.stream(method, url, **asked) as response:
            _status_checked(response)
            return _body(response, monotonic() + ANSWER_S), response.headers
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PollFailed(
            f"The provider could not be asked ({type(error).__name__}). It is asked again in a few minutes; check the "
            "address and the network if it stays so."
        ) from error


def _body(response: httpx.Response, ends_s: float) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > ANSWER_LIMIT:
            raise PollFailed(f"An answer has more than {ANSWER_LIMIT:,} bytes. Report it to us.")
        if monotonic() > ends_s:
            raise PollFailed("An answer takes too long. It is asked for again in a few minutes; nothing to do.")
    return bytes(body)


def _status_checked(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = _retry_s(response.headers.get("Retry-After", ""))
        raise PollFailed(f"The provider asks to be left alone for {wait} s. Nothing to do.", wait)
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise PollFailed("The provider refuses the access token. Enter one that may read orders and payments.")
    if status >= 500:
        raise PollFailed(f"The provider has a fault ({status}). It is asked again in a few minutes; nothing to do.")
    if not 200 <= status < 300:
        raise PollFailed(f"The provider answers {status}. Check the base address and the locations.")


def _retry_s(said: str) -> int:
    try:
        return min(max(1, round(float(said))), RETRY_MOST_S)
    except (ValueError, OverflowError):
        return RETRY_S
