"""Where the two witnesses are compared, and what people did about it."""

import uuid

from django.conf import settings
from django.db import models


class LaneJudgement(models.Model):
    """How far a lane has been judged, and the clock it was judged on."""

    class Quality(models.TextChoices):
        GOOD = "good"
        DEGRADED = "degraded"
        BAD = "bad"

    lane = models.OneToOneField("lanes.Lane", on_delete=models.CASCADE, related_name="judgement")
    correlated_until = models.DateTimeField(null=True)
    judged_from = models.DateTimeField(null=True, help_text="Earliest event not yet judged.")
    next_look_at = models.DateTimeField(null=True, help_text="When waiting for the other witness ends.")
    looked_at = models.DateTimeField(null=True, help_text="When it was judged last.")
    incidents_from = models.DateTimeField(
        null=True, help_text="Earliest of what the incidents were not asked about yet."
    )
    incidents_at = models.DateTimeField(null=True, help_text="When the incidents are asked about next.")
    clock_offset_s = models.FloatField(default=0.0, help_text="Till clock minus camera clock.")
    clock_skew_ppm = models.FloatField(default=0.0)
    clock_sd_s = models.FloatField(null=True)
    clock_quality = models.CharField(max_length=10, choices=Quality, default=Quality.BAD)
    clock_support = models.FloatField(default=0.0, help_text="How many scans the clock rests on.")
    claimed_by = models.CharField(max_length=120, blank=True, help_text="The process that judges.")
    claimed_until = models.DateTimeField(null=True, help_text="A worker is judging until then, or died.")
    state = models.JSONField(default=dict, help_text="What the judge carries, small and serialisable.")
    protocol_offset_s = models.FloatField(null=True, help_text="Till minus camera by how events arrive.")
    protocol_at = models.DateTimeField(null=True, help_text="When the newest of those events arrived.")
    disagrees_since = models.DateTimeField(null=True, help_text="Since when it cannot be squared with the clock above.")

    def __str__(self) -> str:
        return f"{self.lane} until {self.correlated_until}"


class LaneCheckpoint(models.Model):
    """What the judge carried on from a stretch of a lane: from here it goes on, or goes back to when something is told
    late. With the clock beside it, for the chart."""

    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, related_name="checkpoints")
    until = models.DateTimeField(help_text="Everything before is judged; camera clock.")
    free_from = models.DateTimeField(help_text="What happens from here on changes nothing of it; camera clock.")
    clock_offset_s = models.FloatField(null=True, help_text="Till clock minus camera clock.")
    clock_sd_s = models.FloatField(null=True)
    clock_skew_ppm = models.FloatField(null=True)
    clock_quality = models.CharField(max_length=10, choices=LaneJudgement.Quality, blank=True)
    state = models.JSONField(help_text="Small, serialisable, with a version.")

    class Meta:
        ordering = ["lane", "until"]
        constraints = [models.UniqueConstraint(fields=["lane", "until"], name="checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.lane_id} until {self.until}"


class TaughtRates(models.Model):
    """What the lanes of a store, or of all stores, have taught the judge by a day: where a lane begins that has not
    seen much itself. Never changed: a day is judged again as it was judged."""

    store = models.ForeignKey("lanes.Store", null=True, on_delete=models.CASCADE, related_name="+")
    effective_from = models.DateTimeField(help_text="Events from here on are judged by it.")
    lanes = models.PositiveIntegerField(help_text="How many lanes taught it.")
    items = models.FloatField(help_text="On how many items it rests.")
    tally = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "taught rates"
        ordering = ["-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "effective_from"], name="taught_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.store or 'all stores'} from {self.effective_from:%Y-%m-%d}"


class LaneMark(models.Model):
    """Something new was said about a lane. Written beside the events, deleted with the verdicts they led to:
    so no event is ever forgotten, and writing events never waits for the judge."""

    class Witness(models.TextChoices):
        POS = "pos"
        VISION = "vision"

    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, related_name="+")
    witness = models.CharField(max_length=8, choices=Witness)
    earliest_at = models.DateTimeField(help_text="Of what was said, on the witness's own clock.")

    def __str__(self) -> str:
        return f"{self.lane_id} {self.witness} from {self.earliest_at}"


class ItemLook(models.Model):
    """How an article looked once, when its line was surely paid for by a pass: what a swap is told by."""

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, db_index=False, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, related_name="+")
    sighting = models.CharField(max_length=240, help_text="Camera and external id of the pass.")
    gtin = models.CharField(max_length=14)
    seen_at = models.DateTimeField()
    label = models.CharField(max_length=64, blank=True)
    area_n = models.FloatField(null=True)
    colour_lab = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "sighting"], name="look_once_per_pass")]
        indexes = [models.Index(fields=["store", "gtin", "-seen_at"])]

    def __str__(self) -> str:
        return f"{self.gtin} {self.label}"


class Discrepancy(models.Model):
    """A judged mismatch between what was seen and what was rung up."""

    class Kind(models.TextChoices):
        NO_SCAN = "no_scan"
        BYPASS = "bypass"
        SCAN_WITHOUT_ITEM = "scan_without_item"
        RETURN_WITHOUT_ITEM = "return_without_item"
        DISCOUNT_WITHOUT_SUPPORT = "discount_without_support"
        REPEATED_VOIDS = "repeated_voids"
        NO_SALE_DRAWER = "no_sale_drawer"
        ITEM_SWAP = "item_swap"
        WALK_AWAY = "walk_away"
        EXCEPTION = "exception"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, related_name="discrepancies")
    kind = models.CharField(max_length=32, choices=Kind)
    anchor = models.CharField(max_length=240, help_text="Kind and event it hangs on: judged again, found again.")
    occurred_at = models.DateTimeField(help_text="On the estimated common clock.")
    score = models.FloatField()
    alerted = models.BooleanField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    visual_event = models.CharField(max_length=200, blank=True, help_text="External id.")
    camera = models.ForeignKey("lanes.Camera", on_delete=models.SET_NULL, null=True, related_name="+")
    pos_events = models.JSONField(default=list, help_text="External ids.")
    transaction = models.CharField(max_length=120, blank=True)
    explanation = models.JSONField(default=dict)
    rule_version = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "discrepancies"
        ordering = ["-occurred_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["lane", "anchor"], name="discrepancy_once")]
        indexes = [
            models.Index(fields=["store", "-occurred_at", "-id"]),
            models.Index(fields=["lane", "occurred_at"]),  # the judge compares a stretch with what it said before
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M:%S}"


class Case(models.Model):
    """What a reviewer gets: one question, with the evidence to answer it."""

    class Status(models.TextChoices):
        OPEN = "open"
        IN_REVIEW = "in_review"
        NEEDS_CONTEXT = "needs_context"
        CONFIRMED = "confirmed"
        DISMISSED = "dismissed"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, related_name="cases")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, related_name="cases")
    discrepancy = models.OneToOneField(Discrepancy, on_delete=models.CASCADE, related_name="case")
    kind = models.CharField(max_length=32)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    risk = models.FloatField()
    occurred_at = models.DateTimeField()
    transaction = models.CharField(max_length=120, blank=True)
    amount_at_risk = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    explanation = models.JSONField(default=dict)
    annotations = models.JSONField(default=list, help_text="What was learnt after a person decided.")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["store", "-created_at", "-id"]),
            models.Index(fields=["store", "status", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M:%S} {self.status}"


class Evidence(models.Model):
    """A clip or key frame of a case, blurred before it was written."""

    class Kind(models.TextChoices):
        CLIP = "clip"
        KEY_FRAME = "key_frame"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=16, choices=Kind)
    position = models.PositiveSmallIntegerField(default=0)
    path = models.CharField(max_length=500, help_text="Relative to DATA_DIR.")
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    starts_at = models.DateTimeField(help_text="Camera clock.")
    duration_s = models.FloatField(default=0.0)
    blur = models.JSONField(default=dict, help_text="What was blurred, by which model, frame counts.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["case", "kind", "position"]
        constraints = [models.UniqueConstraint(fields=["case", "kind", "position"], name="evidence_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} of {self.case_id}"


class Decision(models.Model):
    """What a person decided. Kept as it was: undoing writes another."""

    class Outcome(models.TextChoices):
        CONFIRM = "confirm"
        DISMISS = "dismiss"
        MORE_CONTEXT = "more_context"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=16, choices=Outcome)
    reason = models.CharField(max_length=64, blank=True)
    note = models.TextField(blank=True)
    action = models.CharField(max_length=64, blank=True)
    decided_by = models.CharField(max_length=150, help_text="User name or key prefix.")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]

    def __str__(self) -> str:
        return f"{self.outcome} by {self.decided_by}"
