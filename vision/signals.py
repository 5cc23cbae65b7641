"""What others may want to know about the cameras. Sent inside the transaction that stored the facts."""

from django.dispatch import Signal

# lane_ids: list[int], earliest: datetime (the camera's clock) of what was recorded together
visual_events_recorded = Signal()
# lane_id: int, until: datetime: video of the lane has been looked at up to here
segments_analysed = Signal()
# camera_id: int: a segment waits to be looked at
segment_stored = Signal()
# fault_id: int: something is wrong with a camera's picture, and there is none of it yet
camera_fault_told = Signal()
