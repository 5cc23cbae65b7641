"""How a store's lanes, or its operators, compare with each other."""

from django.db import models


class PeerComparison(models.Model):
    """The latest comparison of a store's lanes or operators over some weeks; `report`: see pos/services/peers.py.

    One by operator exists only while the store's governance allows such views, and goes when it no longer does.
    """

    class By(models.TextChoices):
        LANE = "lane", "lanes"
        OPERATOR = "operator", "operators"

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="+")
    by = models.CharField(max_length=16, choices=By)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_at = models.DateTimeField()
    version = models.CharField(max_length=32)
    report = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "by"], name="peer_comparison_latest_of_store")]

    def __str__(self) -> str:
        return f"{self.store_id} by {self.by} of {self.made_at:%Y-%m-%d}"
