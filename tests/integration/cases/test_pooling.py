"""What a store's lanes have taught, for a lane that begins tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.domain.alignment.pooling import experience
from cases.domain.alignment.state import LaneState
from cases.domain.alignment.tally import Tally
from cases.models import LaneCheckpoint, LaneJudgement, LaneMark, TaughtRates
from cases.selectors.gathering import gather
from cases.services.pooling import CHAIN_WORTH, STORE_WORTH, rates_pool
from cases.tasks import pool_rates
from lanes.models import Lane
from tests.factories.stores import SmallStore, small_store

TODAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


def learnt(lane: Lane, *, items: float = 4_000.0, repeats: float = 0.3, until: datetime = TODAY) -> None:
    """`lane` has seen so many items, and so large a share of them twice."""
    tally = Tally(items=items, passes=items)
    tally.after[8] = repeats * items
    state = LaneState(until=until.timestamp(), free_from=until.timestamp(), tally=tally)
    LaneCheckpoint.objects.create(lane=lane, until=until, free_from=until, state=state.dump())


def prior_of(lane: Lane, at: datetime) -> Tally:
    """What a lane with news at `at` is judged from."""
    judgement, _ = LaneJudgement.objects.get_or_create(lane=lane)
    gathered = gather(lane, judgement, [LaneMark(lane=lane, witness=LaneMark.Witness.VISION, earliest_at=at)], at)
    assert gathered is not None
    return next((tally for since, tally in reversed(gathered.priors) if since <= at.timestamp()), Tally())


def test_a_new_lane_begins_where_its_store_is(shop: SmallStore) -> None:
    busy, new = shop.lanes
    learnt(busy)
    rates_pool(now=TODAY)
    prior = prior_of(new, MIDNIGHT)
    assert experience(prior) == pytest.approx(STORE_WORTH)
    assert prior.after[8] == pytest.approx(0.3 * STORE_WORTH)


def test_a_day_that_was_judged_is_not_judged_otherwise(shop: SmallStore) -> None:
    learnt(shop.lanes[0])
    rates_pool(now=TODAY)
    assert experience(prior_of(shop.lanes[1], MIDNIGHT - timedelta(microseconds=1))) == 0.0


def test_running_it_again_makes_and_changes_nothing(shop: SmallStore) -> None:
    learnt(shop.lanes[0])
    assert rates_pool(now=TODAY) == 2
    made = list(TaughtRates.objects.values())
    learnt(shop.lanes[0], repeats=0.9, until=TODAY + timedelta(hours=1))
    assert rates_pool(now=TODAY + timedelta(hours=2)) == 0
    assert list(TaughtRates.objects.values()) == made
    assert {(row.store, row.effective_from) for row in TaughtRates.objects.all()} == {
        (None, MIDNIGHT),
        (shop.store, MIDNIGHT),
    }


def test_each_day_has_its_own(shop: SmallStore) -> None:
    learnt(shop.lanes[0])
    rates_pool(now=TODAY)
    learnt(shop.lanes[0], repeats=0.1, until=TODAY + timedelta(hours=20))
    rates_pool(now=TODAY + timedelta(days=1))
    days = [prior_of(shop.lanes[1], MIDNIGHT + timedelta(days=n)).after[8] for n in (0, 1)]
    assert days == [pytest.approx(0.3 * STORE_WORTH), pytest.approx(0.1 * STORE_WORTH)]


def test_a_lane_speaks_with_what_it_carries_last(shop: SmallStore) -> None:
    learnt(shop.lanes[0], repeats=0.9, until=TODAY - timedelta(hours=3))
    learnt(shop.lanes[0], repeats=0.2)
    rates_pool(now=TODAY)
    own = TaughtRates.objects.get(store=shop.store)
    assert (own.lanes, own.items) == (1, 4_000.0)
    assert Tally.load(own.tally).after[8] == pytest.approx(0.2 * STORE_WORTH)


def test_a_new_store_begins_where_all_stores_are(shop: SmallStore) -> None:
    for lane in shop.lanes:
        learnt(lane)
    rates_pool(now=TODAY)
    prior = prior_of(small_store("S002").lanes[0], MIDNIGHT)
    assert experience(prior) == pytest.approx(CHAIN_WORTH)
    assert prior.after[8] == pytest.approx(0.3 * CHAIN_WORTH)


def test_a_young_store_leans_on_the_others(shop: SmallStore) -> None:
    young = small_store("S002")
    learnt(shop.lanes[0])
    learnt(young.lanes[0], items=400.0, repeats=0.0)
    rates_pool(now=TODAY)
    prior = prior_of(young.lanes[1], MIDNIGHT)
    assert experience(prior) == pytest.approx(STORE_WORTH)
    assert prior.after[8] == pytest.approx(0.3 * 200.0), "only as far as its own experience leaves room"


@pytest.mark.parametrize("items", [0.0, 40.0])
def test_who_has_seen_next_to_nothing_teaches_nobody(shop: SmallStore, items: float) -> None:
    learnt(shop.lanes[0], items=items)
    assert (rates_pool(now=TODAY), TaughtRates.objects.count()) == (0, 0)


def test_what_another_version_wrote_is_passed_over(shop: SmallStore) -> None:
    learnt(shop.lanes[0])
    LaneCheckpoint.objects.update(state={"version": -1})
    assert rates_pool(now=TODAY) == 0


def test_the_task_is_its_door(shop: SmallStore) -> None:
    learnt(shop.lanes[0])
    pool_rates()
    assert TaughtRates.objects.count() == 2
