"""The till's word, as it was given."""

from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, NullIf

# Nine of ten events; a search for one of them goes by time, as the next is never far.
COMMON = ("scan", "heartbeat")


def _named(name: str) -> NullIf:
    """The ticket that ``data`` names so. Cut: it may be longer than any ticket's name. SQLite has "null" for null."""
    return NullIf(Left(KT(f"data__{name}"), 120), models.Value("null"))


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
    # The sale that a refund gives back, or the ticket that voids this one.
    other_ticket = models.GeneratedField(
        expression=Coalesce(_named("original_transaction"), _named("voided_by")),
        output_field=models.CharField(max_length=120, null=True),
        db_persist=True,
    )

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
            # All below: the search of the tickets page (pos.selectors.ticket_search). By time alone, newest first;
            # what belongs to no ticket (heartbeats) is left out. (SQLite, which has no figures of its tables, takes a
            # range for a way in: hence no "> ''" here.)
            models.Index(
                fields=["store", "occurred_at"], condition=~models.Q(transaction=""), name="pos_event_tickets"
            ),
            models.Index(fields=["store", "gtin", "occurred_at"], name="pos_event_items"),
            # By text: its different texts are found by hopping from one to the next. Without a condition, as SQLite
            # would start every hop from the condition's bound.
            models.Index(fields=["store", "description", "occurred_at"], name="pos_event_descriptions"),
            models.Index(
                fields=["store", "amount", "occurred_at"],
                condition=models.Q(amount__isnull=False),
                name="pos_event_amounts",
            ),
            # by type; also the approvals, which count a terminal's latest no-sales
            models.Index(
                fields=["store", "type", "occurred_at"], condition=~models.Q(type__in=COMMON), name="pos_event_rare"
            ),
            # from a sale to what came back of it: the ticket's page, and the approvals before more is given back
            models.Index(
                fields=["store", "other_ticket"],
                condition=models.Q(other_ticket__isnull=False),
                name="pos_event_others",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"
