"""Once a day: what the lanes of each store, and of all stores, have taught, for lanes that have not seen much yet.

What is made today counts from midnight UTC on, so nothing that was judged already would be judged otherwise; and it is
never changed once made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max

from cases.domain.alignment.pooling import experience, pooled
from cases.domain.alignment.state import LaneState
from cases.domain.alignment.tally import Tally
from cases.models import LaneCheckpoint, TaughtRates

STORE_WORTH = 600.0
CHAIN_WORTH = 300.0
"""Stores are less alike than the lanes of one."""
LEAST = 100.0
"""Fewer items teach nobody."""


def rates_pool(*, now: datetime) -> int:
    """Make what is missing for the coming day: one row per store with experience, and one for all. Returns how many."""
    begins = effective_from(now)
    wanted = {None, *LaneCheckpoint.objects.values_list("lane__store_id", flat=True).distinct()} - _done(begins)
    rows = _rows(wanted, begins) if wanted else []
    with transaction.atomic():  # SQLite holds two rows for all stores to be different: nulls are distinct there
        done = _done(begins)
        return len(TaughtRates.objects.bulk_create([row for row in rows if row.store_id not in done]))


def effective_from(now: datetime) -> datetime:
    """The next midnight UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _done(begins: datetime) -> set[int | None]:
    return set(TaughtRates.objects.filter(effective_from=begins).values_list("store_id", flat=True))


def _rows(wanted: Iterable[int | None], begins: datetime) -> list[TaughtRates]:
    taught = _taught()
    pools = {store: pooled(lanes, STORE_WORTH) for store, lanes in taught.items()}
    rows = []
    for store in sorted(wanted, key=lambda store: store or 0):
        lanes = [tally for of, found in taught.items() if store in (None, of) for tally in found]
        items = sum(experience(tally) for tally in lanes)
        if items < LEAST:
            continue
        tally = pooled(list(pools.values()), CHAIN_WORTH) if store is None else _with_others(store, pools)
        rows.append(
            TaughtRates(
                store_id=store, effective_from=begins, lanes=len(lanes), items=round(items, 1), tally=tally.dump()
            )
        )
    return rows


def _with_others(store: int, pools: dict[int, Tally]) -> Tally:
    """A store's own experience; as long as it is young, the others' beside it."""
    own = pools[store]
    room = min(CHAIN_WORTH, STORE_WORTH - experience(own))
    if room < 1.0:
        return own
    return own.plus(pooled([pool for of, pool in pools.items() if of != store], room))


def _taught() -> dict[int, list[Tally]]:
    """By store, what each of its lanes carries on from its last checkpoint."""
    last = LaneCheckpoint.objects.values("lane").annotate(last=Max("until")).values_list("lane_id", "last")
    found: dict[int, list[Tally]] = {}
    for lane_id, until in sorted(last):
        row = LaneCheckpoint.objects.select_related("lane").get(lane_id=lane_id, until=until)
        state = LaneState.load(row.state)
        if state is not None and experience(state.tally) > 0:
            found.setdefault(row.lane.store_id, []).append(state.tally)
    return found
