import pytest

from cases.domain.footage import LONGEST_S, SHORTEST_S, footage_of_line, footage_of_pass

TABLE = [
    # entered_at, left_at, reason
    (99.0, 100.0, "an ordinary pass"),
    (99.9, 100.0, "a quick pass still gives three seconds"),
    (None, 100.0, "an event from elsewhere may not say when it began"),
    (40.0, 100.0, "an item that lay on the scanner for a minute is cut short"),
    (101.0, 100.0, "a device that says it left before it came"),
]


@pytest.mark.parametrize(("entered_at", "left_at", "reason"), TABLE)
def test_footage_holds_the_pass_and_is_neither_too_short_nor_too_long(entered_at, left_at, reason):
    footage = footage_of_pass(entered_at=entered_at, left_at=left_at)

    length = footage.ends_at - footage.starts_at
    assert length + 1e-9 >= SHORTEST_S, reason
    assert length <= LONGEST_S + 1e-9, reason
    assert footage.starts_at < left_at < footage.ends_at, reason
    assert all(footage.starts_at <= t <= footage.ends_at for t in footage.key_instants), reason
    assert list(footage.key_instants) == sorted(footage.key_instants), reason


def test_footage_of_a_line_looks_mostly_at_what_came_before_it():
    footage = footage_of_line(at=50.0)

    assert (footage.starts_at, footage.ends_at) == (46.0, 52.0)
    assert footage.key_instants == (48.0, 50.0)
