"""What can be wrong with a source, in a word for the machine and a sentence for the installer."""

from __future__ import annotations

import errno
import socket
from enum import StrEnum
from urllib.parse import urlsplit

import av.error

from lanes.domain.sources import source_redacted


class Trouble(StrEnum):
    REFUSED = "refused"  # wrong address, password or protocol: somebody must change something
    NO_VIDEO = "no_video"  # answers, but with nothing we can read as video
    TRUNCATED = "truncated"  # begins as video and breaks off
    LOST = "lost"  # silent or gone; it may come back by itself
    ENDED = "ended"  # a recording that has been played to its end


class SourceFault(Exception):
    """A source cannot be pulled any further; the message is a plain sentence without passwords.

    `passing`: it may be a camera that is off or restarts, as well as a wrong address.
    """

    def __init__(self, trouble: Trouble, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.trouble, self.passing = trouble, passing


def source_shown(source: str) -> str:
    """The source without its password, fit for a log or a page."""
    return source_redacted(source)


def fault_opening(error: Exception, source: str) -> SourceFault:
    """Why a source could not be opened."""
    shown = source_shown(source)
    for kinds, trouble, sentence in _OPENING:
        if isinstance(error, kinds):
            passing = isinstance(error, ConnectionRefusedError)
            return SourceFault(trouble, sentence.format(shown=shown), passing=passing)
    if (host := urlsplit(source).hostname) and not _resolves(host):
        return SourceFault(Trouble.REFUSED, f"The name {host} is not known here. Check the address of the camera.")
    return SourceFault(Trouble.LOST, f"{shown} cannot be opened: {_plain(error, source)}")


def fault_reading(error: Exception, source: str) -> SourceFault:
    """Why a source that was open gave no more."""
    if isinstance(error, av.error.InvalidDataError):
        return SourceFault(Trouble.TRUNCATED, "The stream broke off in the middle of a picture.")
    if isinstance(error, (TimeoutError, av.error.ExitError)):
        return SourceFault(Trouble.LOST, "The camera is connected but sends nothing.")
    if getattr(error, "errno", None) == errno.EIO:  # how HTTP without a length ends
        return SourceFault(Trouble.LOST, "The camera ended the stream.")
    return SourceFault(Trouble.LOST, f"The connection broke: {_plain(error, source)}")


_OPENING: list[tuple[tuple[type[Exception], ...], Trouble, str]] = [
    (
        (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
        Trouble.REFUSED,
        "{shown} refuses the user name or password. Write them as rtsp://user:password@host/path.",
    ),
    (
        (av.error.HTTPNotFoundError,),
        Trouble.REFUSED,
        "{shown} exists but has no stream at this path. Check the path.",
    ),
    (
        (av.error.HTTPError, av.error.HTTPClientError, av.error.HTTPServerError),
        Trouble.REFUSED,
        "{shown} answers with an error instead of a stream.",
    ),
    (
        (ConnectionRefusedError,),
        Trouble.REFUSED,
        "Nothing listens at {shown}. Check address and port, and whether the camera is on.",
    ),
    ((FileNotFoundError,), Trouble.REFUSED, "There is no file or folder at {shown}."),
    ((PermissionError,), Trouble.REFUSED, "{shown} may not be read by this program."),
    (
        (av.error.InvalidDataError, av.error.DemuxerNotFoundError, av.error.DecoderNotFoundError),
        Trouble.NO_VIDEO,
        "{shown} answers, but not with video.",
    ),
    (
        (av.error.ProtocolNotFoundError,),
        Trouble.REFUSED,
        "{shown} is no address we can open: rtsp://, http(s):// or the path of a file or folder.",
    ),
    ((TimeoutError, av.error.ExitError), Trouble.LOST, "{shown} does not answer."),
    ((av.error.EOFError,), Trouble.TRUNCATED, "{shown} ended before any picture came."),
]


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True


def _plain(error: Exception, source: str) -> str:
    """The library's own words, without the address that it appends (it holds the password)."""
    words = str(getattr(error, "strerror", "") or error).replace(source, source_shown(source))
    return source_redacted(words)[:160]
