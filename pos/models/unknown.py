"""Tills that nobody has mapped, and what they sent meanwhile."""

from django.db import models


class UnknownTerminal(models.Model):
    """A terminal that sends events and that belongs to no lane yet: offered for mapping.

    ``passed_over``: events that came after as many as are held had come.
    """

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    passed_over = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="unknown_terminal_once_per_store")]

    def __str__(self) -> str:
        return f"{self.store}/{self.code}"


class HeldEvent(models.Model):
    """An event of an unknown terminal, as it will be stored once that is mapped: checked, without what must not be
    stored, the operator a pseudonym. ``row``: the columns of PosEvent but store, lane and terminal."""

    terminal = models.ForeignKey(UnknownTerminal, on_delete=models.CASCADE, related_name="held")
    external_id = models.CharField(max_length=200)
    received_at = models.DateTimeField(db_index=True)
    row = models.JSONField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["terminal", "external_id"], name="held_event_once")]

    def __str__(self) -> str:
        return f"held {self.external_id}"
