"""Where documents of other systems come from by themselves: called by them (webhooks), or asked by us (polling)."""

import secrets

from django.db import models


def token_new() -> str:
    return secrets.token_urlsafe(24)


class Connection(models.Model):
    """One system of one store. Its secrets are stored, because signatures and calls are made with them, and shown
    nowhere.

    ``received``: documents heard; ``refused``: those of which something could
    not be taken, see RefusedDocument; ``last_error``: what is wrong now, empty
    when the last document was taken whole.
    """

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    terminal = models.CharField(max_length=64, blank=True, help_text="The till's code where a document names none.")
    options = models.JSONField(default=dict, blank=True, help_text="How its documents are read: docs/tills.md.")
    enabled = models.BooleanField(default=True)
    last_heard_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    received = models.PositiveIntegerField(default=0, editable=False)
    refused = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.store}/{self.name}"


class PosWebhook(Connection):
    """A system that calls us. ``token``: the last part of the address that it calls."""

    class Provider(models.TextChoices):
        SQUARE = "square", "Square"
        SHOPIFY = "shopify", "Shopify"
        JSON = "json", "JSON, signed by HMAC-SHA256 in a header"

    provider = models.CharField(max_length=16, choices=Provider)
    token = models.CharField(max_length=64, unique=True, default=token_new, editable=False)
    secret = models.CharField(max_length=300, help_text="The key that the provider signs with.")
    signature_header = models.CharField(
        max_length=64, default="X-Signature", help_text="For JSON: the header that holds the signature."
    )
    notification_url = models.CharField(
        max_length=300,
        blank=True,
        help_text="For Square, which signs it: the address exactly as registered there. Empty: as the call came.",
    )

    class Meta:
        ordering = ["store", "name"]
        verbose_name = "POS webhook"
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="pos_webhook_name_once_per_store")]


class PosPoll(Connection):
    """A system that we ask for what changed since ``cursor``; webhooks get lost."""

    class Provider(models.TextChoices):
        SQUARE = "square", "Square"
        SHOPIFY = "shopify", "Shopify"

    provider = models.CharField(max_length=16, choices=Provider)
    base_url = models.CharField(
        max_length=200, help_text="https://connect.squareup.com, or https://SHOP.myshopify.com/admin/api/2026-01"
    )
    access_token = models.CharField(max_length=300, help_text="A token that may read orders and payments.")
    locations = models.JSONField(default=list, blank=True, help_text='For Square: a list of location ids, like ["L1"].')
    cursor = models.DateTimeField(help_text="What changed since is asked for; it moves by itself.")
    not_before = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["store", "name"]
        verbose_name = "POS poll"
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="pos_poll_name_once_per_store")]


class RefusedDocument(models.Model):
    """A document of a connection of which something can never be read: kept a week for a person to see.

    ``excerpt`` shows how it is built and nothing that it says: letters are x,
    digits are 0.
    """

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="+")
    connection = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, editable=False)
    reason = models.CharField(max_length=500)
    excerpt = models.TextField(blank=True)
    received_at = models.DateTimeField(db_index=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(fields=["store", "connection", "digest"], name="refused_document_once")]

    def __str__(self) -> str:
        return f"{self.connection}: {self.reason[:60]}"
