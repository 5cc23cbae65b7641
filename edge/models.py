"""What runs where. The edge app carries a store's facts to the centre."""

from django.db import models


class Node(models.Model):
    """One process that works for this installation, by its own word."""

    host = models.CharField(max_length=120)
    role = models.CharField(max_length=40)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["host", "role"]
        constraints = [models.UniqueConstraint(fields=["host", "role", "pid"], name="node_once")]

    def __str__(self) -> str:
        return f"{self.role}@{self.host}#{self.pid}"
