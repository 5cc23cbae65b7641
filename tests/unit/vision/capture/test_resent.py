"""What a source sends again to whoever comes back."""

from dataclasses import dataclass

import pytest

from vision.capture.cutting import Timed
from vision.capture.resent import SEARCH_S, Resent, packet_mark


@dataclass
class Bytes:
    """As much of a packet as a mark is made of."""

    content: bytes

    def __bytes__(self) -> bytes:
        return self.content


def packet(number: int, t: float | None = None, arrived_at: float = 0.0) -> Timed:
    t = number / 25 if t is None else t
    return Timed(t, number % 25 == 0, 1, arrived_at, packet=Bytes(f"picture {number}".encode()))


def gone_on_with(stored: str, packets: list[Timed]) -> tuple[list[int], list[float]]:
    """(numbers of the packets that are taken, stream times at which the stream was said to go on)"""
    resumed: list[float] = []
    resent = Resent(stored, resumed.append)
    taken = [one for p in packets for one in resent.push(p)] + resent.rest()
    return [int(bytes(p.packet).split()[1]) for p in taken], resumed


@pytest.mark.parametrize(
    ("stored", "packets", "taken", "resumed", "why"),
    [
        ("", range(3), [0, 1, 2], [], "nothing is stored: all is new"),
        (packet_mark(packet(4)), range(8), [5, 6, 7], [0.2], "up to the last one that is stored"),
        (packet_mark(packet(4)), range(5), [], [], "nothing new yet"),
        (packet_mark(packet(4)), range(5, 8), [5, 6, 7], [], "the source begins later: there is a hole"),
        (packet_mark(packet(4, t=9.0)), range(8), [*range(8)], [], "the same picture at another time: a loop"),
        (packet_mark(packet(99, t=0.16)), range(8), [*range(8)], [], "another picture at the same time: a new encoder"),
    ],
)
def test_what_is_passed_over(stored: str, packets: range, taken: list[int], resumed: list[float], why: str) -> None:
    assert gone_on_with(stored, [packet(n) for n in packets]) == (taken, resumed), why


def test_the_search_ends_and_then_nothing_is_held_back() -> None:
    resent = Resent(packet_mark(packet(99)), lambda t: None)
    assert resent.push(packet(0)) == resent.push(packet(1, arrived_at=SEARCH_S)) == []
    assert len(resent.push(packet(2, arrived_at=SEARCH_S + 0.1))) == 3
    assert len(resent.push(packet(99, arrived_at=SEARCH_S + 0.2))) == 1, "found too late, it is taken as it is"
