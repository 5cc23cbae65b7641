"""What the map tells the apps above. Ids only."""

from django.dispatch import Signal

# A store's lanes, terminals, cameras or zones were changed: ``store_id``.
# Sent inside the transaction of the change.
map_changed = Signal()
