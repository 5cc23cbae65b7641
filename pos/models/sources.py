"""The doors by which tills reach us that speak no HTTP, and what an installer is shown of them."""

import secrets
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

PREVIEW_FOR = timedelta(hours=1)


def mqtt_id_made() -> str:
    """The name under which a broker keeps our messages; two installations must not share one."""
    return f"shrink-{secrets.token_hex(8)}"


class PosSource(models.Model):
    """One door: where a till's bytes or documents come in, and how they are read.

    ``quiet_s``: a receipt that nobody ends is ended after so long without a byte. ``FARES``: how it
    does, written by the listener alone with ``update``.
    """

    class Door(models.TextChoices):
        TCP_LISTEN = "tcp_listen", "TCP: the till connects to us"
        TCP_CONNECT = "tcp_connect", "TCP: we connect to it"
        UDP = "udp", "UDP: it sends to us"
        SERIAL = "serial", "Serial line"
        MQTT = "mqtt", "MQTT"
        FOLDER = "folder", "Folder of documents"

    class Parity(models.TextChoices):
        NONE = "N", "none"
        EVEN = "E", "even"
        ODD = "O", "odd"

    FARES = ("last_heard_at", "last_error", "last_error_at", "events", "refusals", "strangers")

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="pos_sources")
    name = models.CharField(max_length=64)
    terminal = models.ForeignKey(
        "lanes.Terminal", on_delete=models.CASCADE, null=True, blank=True, related_name="pos_sources"
    )
    door = models.CharField(max_length=16, choices=Door)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(65_535)])
    device = models.CharField(max_length=200, blank=True)
    baud = models.PositiveIntegerField(default=9_600)
    parity = models.CharField(max_length=1, choices=Parity, default=Parity.NONE)
    topic = models.CharField(max_length=300, blank=True)
    username = models.CharField(max_length=200, blank=True)
    password = models.CharField(max_length=200, blank=True)
    tls = models.BooleanField("TLS", default=False)
    folder = models.CharField(max_length=200, blank=True)
    adapter = models.CharField(max_length=32)
    options = models.JSONField(default=dict, blank=True)
    allowed = models.CharField("allowed senders", max_length=500, blank=True)
    quiet_s = models.PositiveIntegerField(
        "quiet seconds", default=300, validators=[MinValueValidator(1), MaxValueValidator(3_600)]
    )
    enabled = models.BooleanField(default=False)
    mqtt_id = models.CharField(max_length=64, default=mqtt_id_made, editable=False)

    last_heard_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    events = models.PositiveBigIntegerField(default=0, editable=False)
    refusals = models.PositiveBigIntegerField(default=0, editable=False)
    strangers = models.PositiveBigIntegerField("senders refused", default=0, editable=False)

    class Meta:
        verbose_name = "till source"
        ordering = ["store", "name"]
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="pos_source_name_once_per_store")]

    def __str__(self) -> str:
        return f"{self.store.code}/{self.name}"

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()


class SourcePreview(models.Model):
    """The last that a source sent and what was understood of it, for whoever sets its masks: an hour, without what may
    not be stored. ``raw``: bytes with card and loyalty numbers and names already replaced."""

    source = models.OneToOneField(PosSource, on_delete=models.CASCADE, related_name="preview")
    raw = models.BinaryField()
    understood = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    updated_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"preview of {self.source}"
