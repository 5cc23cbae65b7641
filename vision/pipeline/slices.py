"""What a packet of H.264 says of its picture before anything of it is decoded (ITU-T H.264, 7.3.1 and 7.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import av

if TYPE_CHECKING:
    Packet = av.Packet[Any]  # generic to type checkers alone

SLICES = (1, 2, 5)
AFRESH = 5


class Slices:
    """Reads the first slice of the packets of one stream. Of other codecs nothing is known."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._head = _head_told(stream)

    def disposable(self, packet: Packet) -> bool:
        """No other picture is made from this one."""
        head = self._head(packet)
        return head is not None and not head >> 5 & 3

    def afresh(self, packet: Packet) -> bool:
        """Neither this picture nor any after it is made from those before."""
        head = self._head(packet)
        return head is not None and head & 31 == AFRESH


def _head_told(stream: av.VideoStream) -> Callable[[Packet], int | None]:
    if stream.codec_context.name != "h264":
        return lambda packet: None
    extra = bytes(stream.codec_context.extradata or b"")
    if extra[:1] == b"\x01" and len(extra) > 4:  # avcC (ISO/IEC 14496-15): each unit begins with its length
        width = (extra[4] & 3) + 1
        return lambda packet: _first_counted(bytes(packet), width)
    return lambda packet: _first_marked(bytes(packet))


def _first_counted(data: bytes, width: int) -> int | None:
    at = 0
    while at + width < len(data):
        head = data[at + width]
        if head & 31 in SLICES:
            return head
        at += width + int.from_bytes(data[at : at + width], "big")
    return None


def _first_marked(data: bytes) -> int | None:
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        head = data[at + 3]
        if head & 31 in SLICES:
            return head
        at = data.find(b"\0\0\1", at + 3)
    return None
