"""Exception rules: what they say in which version, when which was in force, and what they would have found."""

from __future__ import annotations

from typing import Any

from django.db import models


class RuleVersionFixed(Exception):
    """A version is never changed: what people decided rests on it. Write another."""


class ExceptionRule(models.Model):
    """A rule by its code, of all stores or of one, whose rule then stands for that of all stores."""

    class State(models.TextChoices):
        DRAFT = "draft"
        LIVE = "live"
        RETIRED = "retired"

    store = models.ForeignKey(
        "lanes.Store", null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: all stores."
    )
    code = models.CharField(max_length=8)
    title = models.CharField(max_length=80, help_text="Of its latest version.")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    live = models.ForeignKey("ExceptionRuleVersion", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["code", "store_id"]
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="rule_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ExceptionRuleVersion(models.Model):
    """What a rule says, once and for all. A discrepancy names it: R03@2."""

    rule = models.ForeignKey(ExceptionRule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document.")
    note = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once")]

    def __str__(self) -> str:
        return f"{self.rule.code}@{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RuleVersionFixed(f"{self} is not changed: add another version.")
        super().save(*args, **kwargs)


class RuleTerm(models.Model):
    """From when until when (of events, on the common clock) a version was in force: what happened then is judged by it
    whenever it is judged again."""

    rule = models.ForeignKey(ExceptionRule, on_delete=models.CASCADE, related_name="terms")
    version = models.ForeignKey(ExceptionRuleVersion, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["rule"], condition=models.Q(until=None), name="rule_one_in_force")
        ]

    def __str__(self) -> str:
        return f"{self.version} from {self.since:%Y-%m-%d %H:%M}"


class RuleBacktest(models.Model):
    """What a version would have found in a store's past days. Until one is done the version cannot go live."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    version = models.ForeignKey(ExceptionRuleVersion, on_delete=models.CASCADE, related_name="backtests")
    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When it last got on.")
    days_done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} at {self.store.code}, {self.first_day} to {self.last_day}"
