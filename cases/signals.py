"""What happens to cases, told upwards with ids only. Sent inside the transaction; receivers act on commit."""

from django.dispatch import Signal

# case_id: UUID, store_id: int, what: "created", "changed", "withdrawn", "decided", "evidence", ...
case_changed = Signal()
