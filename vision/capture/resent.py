"""Passing over what is stored already: HLS sends the last pieces of its playlist again to whoever comes back."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from vision.capture.cutting import Timed

# The pieces that are sent again are fetched one right after the other.
SEARCH_S = 3.0


def packet_mark(packet: Timed) -> str:
    """Eight digits for a packet's time on the stream's own clock and its content: both are the same again in HLS.

    Either alone would take new video for old: an encoder that restarts begins at zero, a looped clip repeats itself.
    """
    return f"{zlib.crc32(bytes(packet.packet), zlib.crc32(f'{packet.t:.6f}'.encode())):08x}"


class Resent:
    """At the beginning of a connection. `stored`: the mark of the last packet that is stored; empty: there is none.

    `resumed` is told the stream time at which what is new begins, where what is stored was found.
    """

    def __init__(self, stored: str, resumed: Callable[[float], None]) -> None:
        self._stored, self._resumed = stored, resumed
        self._held: list[Timed] = []
        self._found = False

    def push(self, packet: Timed) -> list[Timed]:
        """The packets to go on with: none while it is not known whether they are new."""
        if self._found:
            self._found = False
            self._resumed(packet.t)
        if not self._stored:
            return [packet]
        self._held.append(packet)
        if packet_mark(packet) == self._stored:
            self._stored, self._held, self._found = "", [], True
        elif packet.arrived_at - self._held[0].arrived_at > SEARCH_S:
            self._stored = ""
        return [] if self._stored else self.rest()

    def rest(self) -> list[Timed]:
        """What is held back still: new, as far as anybody can tell."""
        held, self._held = self._held, []
        return held
