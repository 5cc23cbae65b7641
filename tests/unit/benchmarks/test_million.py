"""What the million events are: every one sent, some twice, in no order, and the same ones every time."""

from itertools import chain

from benchmarks.million import DOUBLED, batches, event, row_of

COUNT = 9_000


def test_every_event_is_sent_and_some_twice() -> None:
    sent = list(chain.from_iterable(batches("k", 0, COUNT, seed=3)))
    assert set(sent) == set(range(COUNT))
    assert len(sent) - COUNT > 0.5 * DOUBLED * COUNT
    assert sent != sorted(sent)


def test_batches_are_within_what_the_contract_takes() -> None:
    assert all(1 <= len(batch) <= 1_000 for batch in batches("k", 0, COUNT, seed=3))


def test_the_same_seed_sends_the_same_in_the_same_order() -> None:
    assert list(batches("k", 1, COUNT, seed=3)) == list(batches("k", 1, COUNT, seed=3))
    assert list(batches("k", 1, COUNT, seed=3)) != list(batches("k", 2, COUNT, seed=3))


def test_an_event_is_always_the_same_and_no_other() -> None:
    assert event("k", 1, 7) == event("k", 1, 7)
    assert len({row_of(event("k", 1, number)) for number in range(500)}) == 500
