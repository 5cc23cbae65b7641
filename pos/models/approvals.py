"""What tills ask before an unusual act, by which rules they were answered, and what people made of it."""

import uuid

from django.db import models
from django.db.models import Q

from pos.domain.approvals.rules import Condition, Outcome, Subject

OUTCOMES = [(outcome.value, outcome.value) for outcome in Outcome]


def _choices(names: type[Subject] | type[Condition]) -> list[tuple[str, str]]:
    return [(name.value, name.value.replace("_", " ")) for name in names]


class ApprovalPolicy(models.Model):
    """How a store answers its tills. Without one: the shipped drafts, in the shadow.

    ``version`` counts the changes of its rules; ``reason``: why it is in the mode it is in.
    """

    class Mode(models.TextChoices):
        SHADOW = "shadow"
        LIVE = "live"

    store = models.OneToOneField("lanes.Store", on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(
        max_length=8,
        choices=Mode,
        default=Mode.SHADOW,
        help_text="Shadow: tills are always answered 'allow', and what the rules would have said is kept. Live: they "
        "are answered what the rules say. Either way a person decides at the till, and may go on with a reason.",
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    reason = models.CharField(max_length=500, blank=True)
    changed_by = models.CharField(max_length=150, editable=False)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name_plural = "approval policies"
        constraints = [
            models.CheckConstraint(
                name="approvals_live_only_with_reason", condition=Q(mode="shadow") | (Q(mode="live") & ~Q(reason=""))
            )
        ]

    def __str__(self) -> str:
        return f"{self.store.code}: {self.mode}"


class ApprovalRule(models.Model):
    """One version of one rule. Rows are never changed but for ``until_version``: a changed rule is a new row."""

    policy = models.ForeignKey(ApprovalPolicy, on_delete=models.CASCADE, related_name="rules")
    subject = models.CharField(max_length=16, choices=_choices(Subject))
    condition = models.CharField(max_length=24, choices=_choices(Condition))
    outcome = models.CharField(max_length=8, choices=OUTCOMES[1:], help_text="approve: a person decides at the till.")
    limit = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Money, per cent or a number of times, as the condition has it.",
    )
    minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Within how long, for 'repeated'.")
    opens_at = models.TimeField(null=True, blank=True, help_text="In the store's time, for 'outside hours'.")
    closes_at = models.TimeField(null=True, blank=True)
    since_version = models.PositiveIntegerField(editable=False)
    until_version = models.PositiveIntegerField(null=True, editable=False)
    made_by = models.CharField(max_length=150, editable=False)
    made_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["policy", "until_version", "id"]
        indexes = [models.Index(fields=["policy"], condition=Q(until_version=None), name="approval_rules_in_force")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.condition}".replace("_", " ")


class Approval(models.Model):
    """One question of a till and its answer, exactly once per event id. Written by the service only.

    ``asked``: the parts of the event that rules look at. ``outcome`` is what the till was answered, ``would_be`` what
    the rules said; ``state`` is the latest of what became of it, ``steps`` is all of that.
    """

    class State(models.TextChoices):
        ANSWERED = "answered"
        OVERRIDDEN = "overridden"
        WITHDRAWN = "withdrawn"
        ANNOTATED = "annotated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, db_index=False, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, db_index=False, related_name="+")
    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, db_index=False, related_name="+")
    external_id = models.CharField(max_length=200)
    type = models.CharField(max_length=32)
    occurred_at = models.DateTimeField(help_text="The terminal's own clock.")
    asked_at = models.DateTimeField()
    transaction = models.CharField(max_length=120, blank=True)
    line = models.IntegerField(null=True)
    operator = models.CharField(max_length=64, blank=True, help_text="Keyed pseudonym, never the till's id.")
    asked = models.JSONField(default=dict)
    mode = models.CharField(max_length=8, choices=ApprovalPolicy.Mode)
    outcome = models.CharField(max_length=8, choices=OUTCOMES)
    would_be = models.CharField(max_length=8, choices=OUTCOMES)
    reasons = models.JSONField(default=list)
    rule_version = models.CharField(max_length=16)
    took_ms = models.FloatField()
    state = models.CharField(max_length=12, choices=State, default=State.ANSWERED)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["terminal", "external_id"], name="approval_once_per_event")]
        indexes = [
            models.Index(fields=["store", "-asked_at"]),  # the list in the administration
            models.Index(fields=["asked_at"]),  # expiry
            # a subject's request
            models.Index(fields=["store", "operator"], condition=Q(operator__gt=""), name="approval_operators"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}: {self.would_be}".replace("_", " ")


class ApprovalStep(models.Model):
    """What became of an answer. ``by``: a user's name, or for an override the approver's keyed pseudonym."""

    class Kind(models.TextChoices):
        OVERRIDDEN = "overridden"
        WITHDRAWN = "withdrawn"
        ANNOTATED = "annotated"

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"  # never by whom: an approver is a pseudonym
