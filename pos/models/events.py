"""The till's word, as it was given."""

from django.db import models


class PosEvent(models.Model):
    """One POS event, exactly once (unique per terminal and external id).

    ``occurred_at`` is what the terminal's own clock said, in UTC: never corrected
    here. Written in bulk by the ingest only; ids of store and lane are stored
    beside the terminal so that readers need no join.
    """

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, db_index=False, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, db_index=False, related_name="+")
    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, db_index=False, related_name="+")
    external_id = models.CharField(max_length=200)
    type = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    flags = models.JSONField(default=list, help_text="What was assumed, for example zone_assumed.")
    transaction = models.CharField(max_length=120, blank=True)
    line = models.IntegerField(null=True)
    operator = models.CharField(max_length=64, blank=True, help_text="Keyed pseudonym, never the till's id.")
    gtin = models.CharField(max_length=14, blank=True)
    description = models.CharField(max_length=200, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    entry_method = models.CharField(max_length=16, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["occurred_at", "id"]
        constraints = [models.UniqueConstraint(fields=["terminal", "external_id"], name="pos_event_once_per_terminal")]
        indexes = [
            models.Index(fields=["lane", "occurred_at"]),  # the judge reads a lane's window
            models.Index(fields=["store", "transaction"]),  # the receipt
            # the few gaps of a lane, however long ago, without walking its events
            models.Index(fields=["lane", "occurred_at"], condition=models.Q(type="gap"), name="pos_event_gaps"),
            # whether heartbeats had been regular
            models.Index(
                fields=["lane", "occurred_at"], condition=models.Q(type="heartbeat"), name="pos_event_heartbeats"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"
