"""What others may want to know about the till. Sent inside the transaction that stored the events."""

from django.dispatch import Signal

# lane_ids: list[int], earliest: datetime (the till's clock) of what was sent in the batch
pos_events_recorded = Signal()
