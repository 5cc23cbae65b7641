"""What the doors of tills are decided by: who may talk, how long to wait, what may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.adapters.reading import Reading, Refusal
from pos.adapters.receipt_text import Config
from pos.domain.controls import controls_read, controls_shown
from pos.domain.preview import bytes_redacted, printed_redacted
from pos.domain.senders import networks_read, sender_allowed
from pos.domain.waiting import LONGEST_S, wait_before
from pos.listening.monitor import RAW_KEPT, Monitor, Ring, printed_of_printer
from pos.listening.spool import Piece
from pos.services.documents import Taken

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("address", "named", "may", "reason"),
    [
        ("127.0.0.1", "", True, "this machine"),
        ("192.168.4.17", "", True, "a private network"),
        ("::ffff:10.0.0.9", "", True, "a private network, as an IPv6 socket names it"),
        ("fe80::1%eth0", "", True, "link-local, with its interface"),
        ("203.0.113.9", "", False, "from outside"),
        ("2001:db8::1", "", False, "from outside, IPv6"),
        ("203.0.113.9", "203.0.113.0/24", True, "named"),
        ("192.168.4.17", "192.168.5.0/24, 192.168.4.18", False, "once some are named only those may"),
        ("192.168.4.17", "192.168.4.1/24", True, "a network by one of its addresses"),
        ("till.local", "", False, "no address"),
    ],
)
def test_who_may_talk(address: str, named: str, may: bool, reason: str) -> None:
    assert sender_allowed(address, networks_read(named)) is may, reason


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"192\.168\.4 is no address: write for example"):
        networks_read("10.0.0.0/8 192.168.4")


@pytest.mark.parametrize(
    ("failures", "share", "waited"), [(1, 0.0, 0.5), (1, 1.0, 1.0), (3, 1.0, 4.0), (50, 1.0, 60.0), (50, 0.0, 30.0)]
)
def test_a_door_is_tried_later_each_time(failures: int, share: float, waited: float) -> None:
    assert wait_before(failures, share) == waited <= LONGEST_S


def test_control_characters_are_shown_as_they_can_be_told() -> None:
    assert controls_shown("\x02Milk\x1b@\r\nOil\x9b\n") == "<STX>Milk<ESC>@<CR><LF>\nOil<0x9B><LF>\n"
    assert controls_read("<STX>TOTAL<0x9B><b>") == b"\x02TOTAL\x9b<b>"
    with pytest.raises(ValueError, match="write it as <0x9B>"):
        controls_read("€")


@given(st.binary(max_size=60).map(lambda data: data.replace(b"<", b"")))
def test_any_bytes_can_be_told_as_they_are_shown(data: bytes) -> None:
    shown = controls_shown(data.decode("latin-1"))
    assert controls_read(shown.replace("<LF>\n", "<LF>").replace("<CR>\n", "<CR>")) == data


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (f"VISA {CARD}", "VISA [card]"),
        ("Bonus card 123456789", "Bonus card [loyalty]"),
        ("Cashier: Maria Lopez", "Cashier: [removed]"),
        ("Ticket 0042    Cashier 17", "Ticket 0042    Cashier [removed]"),
        ("You were served by Anna", "You were served by [removed]"),
        ("Es bediente Sie: Frau Schmidt", "Es bediente Sie: [removed]"),
        ("Customer name: John Smith   12", "Customer name: [removed]   12"),
        ("Thank you, Mr Miller", "Thank you, Mr [removed]"),
        ("ana@example.org", "[e-mail]"),
        ("Milk 1 l              1.20", "Milk 1 l              1.20"),
        ("TOTAL                 5.20", "TOTAL                 5.20"),
        ("CUSTOMER COPY", "CUSTOMER COPY"),
    ],
)
def test_what_of_a_printed_line_may_be_shown(printed: str, shown: str) -> None:
    assert printed_redacted(printed) == shown


def shown(raw: bytes) -> bytes:
    return bytes_redacted(raw, "cp437", printed_of_printer())


@pytest.mark.parametrize(
    ("raw", "expected", "reason"),
    [
        (b"\x02Milk  1.20\r\n\x1dV\x00", b"\x02Milk  1.20\r\n\x1dV\x00", "nothing private: byte for byte"),
        (f"\x02VISA {CARD}\x03\r\n".encode(), b"\x02VISA [card]\x03\r\n", "masks around it stay"),
        (b"4111 11\x1bE\x0111 1111 1111\n", b"[card]\x01\n", "a command between its digits does not hide it"),
        (b"Milk  1.20\n4111 1111 11", b"Milk  1.20\n#### #### ##", "a line that has not ended may become one"),
    ],
)
def test_bytes_lose_what_is_private_and_keep_their_masks(raw: bytes, expected: bytes, reason: str) -> None:
    assert shown(raw) == expected, reason


@given(cuts=st.lists(st.integers(0, 40), max_size=4))
def test_no_card_number_is_shown_wherever_commands_stand_in_it(cuts: list[int]) -> None:
    number = CARD.encode()
    for place in sorted(cuts, reverse=True):  # between digits, never inside a command
        number = number[:place] + b"\x1b!\x00" + number[place:]
    assert b"1" not in shown(b"Milk\nVISA " + number + b"\n")


@given(noise=st.binary(max_size=30))
def test_no_card_number_is_shown_whatever_noise_came_before_it(noise: bytes) -> None:
    assert b"4111 1111" not in shown(noise + b"\nVISA " + CARD.encode() + b"\n")


def test_two_messages_are_never_one_line() -> None:
    monitor = Monitor(1, Config())
    for message in (b"VISA 4111 1111 1111 1111", b"12 x Milk  1.20"):
        monitor.heard("mqtt", [Piece(1, message), Piece(1, ends=True)])
    news = monitor.news()
    assert news is not None and news.preview is not None
    assert news.preview.raw == b"VISA [card]\n12 x Milk  1.20\n"
    assert monitor.news() is None


def test_only_the_last_whole_lines_are_kept() -> None:
    ring = Ring()
    for number in range(1_000):
        ring.add(b"line %d\n" % number)
    assert len(ring.raw) <= RAW_KEPT
    assert ring.raw.startswith(b"line ") and ring.raw.endswith(b"line 999\n")
    ring.add(b"x" * (RAW_KEPT + 1))
    assert ring.raw == b"", "the middle of a line is nothing"
    ring.add(b"1111\nnext\n")
    assert ring.raw == b"next\n"


def test_no_error_and_no_refusal_shows_what_is_private() -> None:
    monitor = Monitor(1, None)
    refused = Refusal("Ticket[4111111111111111]", "bad", f"The amount '{CARD}' is none.")
    monitor.kept(Reading((), (refused,), ()), Taken(rejected=[("e1", "bad", "It names ann@example.org.")]))
    monitor.failed(f"It failed over {CARD}")
    news = monitor.news()
    assert news is not None and news.preview is not None
    assert news.error == "It failed over [card]"
    assert [row["detail"] for row in news.preview.refused] == ["The amount '[card]' is none.", "It names [e-mail]."]
    assert "4111" not in str(news.preview.refused)
