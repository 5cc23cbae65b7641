"""What others may want to know about the till. Sent inside the transaction that stored it."""

from django.dispatch import Signal

# lane_ids: list[int], earliest: datetime (the till's clock) of what was sent in the batch,
# tickets: frozenset[str], its tickets and those that they name
pos_events_recorded = Signal()

# lane_ids: list[int], earliest: datetime (the till's clock) from which on other tickets are missing or do not add up
pos_gaps_changed = Signal()
