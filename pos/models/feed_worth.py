"""What is known of a till's feed: how much came, where its tickets lie, which are missing, which do not add up."""

from datetime import datetime

from django.db import models
from django.db.models import Q

OPEN = Q(closed_at=None)
HELD = Q(released_at=None)


class FeedMark(models.Model):
    """What one batch said of one terminal. Written beside the events, deleted once it has been looked at: so nothing
    is forgotten, and the till never waits for the look."""

    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField()
    transactions = models.JSONField(default=list, help_text="Tickets of which something new came.")
    earliest_at = models.DateTimeField(null=True, help_text="Of what came, on the till's clock.")
    latest_at = models.DateTimeField(null=True)
    sent = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    zone_assumed = models.PositiveIntegerField(default=0)
    whole_seconds = models.PositiveIntegerField(default=0)
    whole_minutes = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.terminal_id} {self.received_at:%H:%M:%S}"


class FeedDay(models.Model):
    """What a terminal sent in a day (UTC, by when it came), in numbers. `sent`: that could be read, duplicates too."""

    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, related_name="feed_days")
    day = models.DateField()
    sent = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    zone_assumed = models.PositiveBigIntegerField(default=0, help_text="Whose time had no offset.")
    whole_seconds = models.PositiveBigIntegerField(default=0, help_text="Whose time had no fraction of a second.")
    whole_minutes = models.PositiveBigIntegerField(default=0, help_text="Whose time had no seconds either.")
    last_at = models.DateTimeField(help_text="When it was last heard.")

    class Meta:
        ordering = ["-day", "terminal"]
        constraints = [models.UniqueConstraint(fields=["terminal", "day"], name="feed_day_once")]

    def __str__(self) -> str:
        return f"{self.terminal} {self.day}"


class FeedTicket(models.Model):
    """Where a ticket lies in a terminal's day, from its events there. A name that is used again is another ticket."""

    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, db_index=False, related_name="+")
    transaction = models.CharField(max_length=120)
    series = models.CharField(max_length=130, blank=True)
    number = models.BigIntegerField(null=True)
    starts_at = models.DateTimeField(help_text="Its first event, on the till's clock.")
    ends_at = models.DateTimeField()
    events = models.PositiveIntegerField()
    adds_up = models.BooleanField(null=True, help_text="Whether its lines agree with its total; empty: unknown.")
    came_first_at = models.DateTimeField(help_text="When the first of its events arrived here.")
    came_last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["terminal", "transaction", "starts_at"], name="feed_ticket_once")
        ]
        indexes = [models.Index(fields=["terminal", "starts_at"])]

    def __str__(self) -> str:
        return self.transaction


class MissingTickets(models.Model):
    """Numbers between two tickets of a terminal whose tickets never came; closed where they came after all."""

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, db_index=False, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, db_index=False, related_name="+")
    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, db_index=False, related_name="+")
    series = models.CharField(max_length=130, blank=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    starts_at = models.DateTimeField(help_text="When the ticket before ended, on the till's clock.")
    ends_at = models.DateTimeField(help_text="When the ticket after began.")
    sentence = models.CharField(max_length=300)
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "missing tickets"
        ordering = ["-ends_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["terminal", "ends_at", "series", "first", "last"], name="missing_once")
        ]
        indexes = [models.Index(fields=["lane", "ends_at"], condition=OPEN, name="missing_open")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class QuarantinedTicket(models.Model):
    """A ticket that does not add up. Where the till's other tickets do, nothing is concluded from it until it does
    too, or a person takes it as it is."""

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, db_index=False, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, db_index=False, related_name="+")
    terminal = models.ForeignKey("lanes.Terminal", on_delete=models.CASCADE, db_index=False, related_name="+")
    transaction = models.CharField(max_length=120)
    closing = models.CharField(max_length=200, help_text="External id of the event that named the total.")
    reason = models.CharField(max_length=300)
    declared = models.DecimalField(max_digits=18, decimal_places=2, help_text="The till's own total.")
    found = models.DecimalField(max_digits=18, decimal_places=2, help_text="What its lines come to.")
    tendered = models.DecimalField(max_digits=18, decimal_places=2)
    starts_at = models.DateTimeField(help_text="On the till's clock.")
    ends_at = models.DateTimeField()
    stretches = models.JSONField(
        default=list,
        help_text="Where and when it was rung: lane, from, to. Between them it was laid aside. Empty: all the time.",
    )
    found_at = models.DateTimeField()
    doubted = models.BooleanField(
        default=False,
        help_text="Nothing is concluded from it: the till's other tickets around it mostly add up. Else its totals"
        " tell nothing.",
    )
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=150, blank=True, help_text="User name; empty where it adds up by now.")
    release_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-ends_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["terminal", "closing"], name="quarantined_once")]
        indexes = [
            models.Index(fields=["store", "ends_at"], condition=HELD, name="quarantined_held"),
            models.Index(fields=["store", "transaction"]),
        ]

    def __str__(self) -> str:
        return f"{self.terminal} {self.transaction}"

    @property
    def rung(self) -> list[tuple[int, datetime, datetime]]:
        """`(lane, from, to)` of each stretch in which it was rung."""
        told = [(lane, *map(datetime.fromisoformat, instants)) for lane, *instants in self.stretches]
        return told or [(self.lane_id, self.starts_at, self.ends_at)]


class FeedGrade(models.Model):
    """What a terminal's feed was worth over the last 24 hours, and what costs it the grade."""

    class Grade(models.TextChoices):
        A = "A"
        B = "B"
        C = "C"
        D = "D"

    terminal = models.OneToOneField("lanes.Terminal", on_delete=models.CASCADE, related_name="feed_grade")
    grade = models.CharField(max_length=1, choices=Grade, blank=True, help_text="Empty where nothing came.")
    granularity = models.CharField(max_length=16, blank=True, help_text="How its tickets came; empty: too few.")
    resolution = models.CharField(max_length=16, blank=True, help_text="Of its clock; empty: too few events.")
    reasons = models.JSONField(default=list, help_text="Sentences, the worst first.")
    graded_at = models.DateTimeField()

    class Meta:
        ordering = ["-grade", "terminal"]

    def __str__(self) -> str:
        return f"{self.terminal}: {self.grade}"
