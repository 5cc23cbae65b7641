"""The camera's word, and how well it is heard."""

from django.core.validators import RegexValidator
from django.db import models

from vision.domain.load import Load
from vision.domain.versions import MOTION, NAME


class CameraFeed(models.Model):
    """How a camera's stream is doing, who pulls it, and what seeing carries over.

    One row per camera. ``lease_*`` says which worker pulls it and until when; a
    lease that ran out may be taken by anybody with a conditional update.
    """

    class State(models.TextChoices):
        OFF = "off"
        CONNECTING = "connecting"
        RUNNING = "running"
        LOST = "lost"
        NO_VIDEO = "no_video"  # answers, but carries no video we can read
        TRUNCATED = "truncated"
        REFUSED = "refused"  # wrong address, password or protocol
        ENDED = "ended"  # a file that has been read to its end

    camera = models.OneToOneField("lanes.Camera", on_delete=models.CASCADE, related_name="feed")
    state = models.CharField(max_length=16, choices=State, default=State.OFF)
    detail = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(null=True)
    source = models.CharField(max_length=500, blank=True, help_text="The address that all of this is about.")
    playback = models.JSONField(default=dict, help_text="Which recording is being played, and since when.")
    lost_at = models.DateTimeField(null=True, help_text="Since when the video is missing, once that was announced.")
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    lease_holder = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    analysis_holder = models.CharField(max_length=120, blank=True)
    analysis_expires_at = models.DateTimeField(null=True)
    last_segment_at = models.DateTimeField(null=True, help_text="When a whole segment last came in.")
    seen_until = models.DateTimeField(null=True, help_text="Video analysed without a hole up to here.")
    clock_source = models.CharField(max_length=16, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    fps = models.FloatField(null=True)
    lag_s = models.FloatField(null=True, help_text="From the end of a segment to its verdict.")
    vision_state = models.BinaryField(null=True, help_text="What seeing carries across segment borders.")
    picture_state = models.BinaryField(null=True, help_text="What the camera's picture is usually like.")
    snapshot = models.BinaryField(null=True, help_text="JPEG, blurred, for drawing zones.")
    snapshot_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.camera} {self.state}"


class Segment(models.Model):
    """About two seconds of one camera's video, stream-copied, without sound."""

    class ClockSource(models.TextChoices):
        RTCP = "rtcp"
        ARRIVAL = "arrival"
        FILE = "file"

    class State(models.TextChoices):
        PENDING = "pending"
        ANALYSED = "analysed"
        UNREADABLE = "unreadable"
        SKIPPED = "skipped"  # more video than machine: named, never silent

    camera = models.ForeignKey("lanes.Camera", on_delete=models.CASCADE, related_name="segments")
    started_at = models.DateTimeField()
    duration_s = models.FloatField()
    clock_source = models.CharField(max_length=16, choices=ClockSource)
    path = models.CharField(max_length=500, blank=True, help_text="Relative to DATA_DIR; empty once expired.")
    size_bytes = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=0)
    continues = models.BooleanField(default=False, help_text="Starts where the previous one ended.")
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    detail = models.CharField(max_length=300, blank=True)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["camera", "started_at"]
        constraints = [models.UniqueConstraint(fields=["camera", "started_at"], name="segment_once")]
        indexes = [models.Index(fields=["camera", "state", "started_at"])]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.started_at:%H:%M:%S.%f} {self.state}"


class VisualEvent(models.Model):
    """What a camera saw, on the camera's clock. From our own eyes or sent in."""

    store = models.ForeignKey("lanes.Store", on_delete=models.CASCADE, db_index=False, related_name="+")
    lane = models.ForeignKey("lanes.Lane", on_delete=models.CASCADE, db_index=False, related_name="+")
    camera = models.ForeignKey("lanes.Camera", on_delete=models.CASCADE, db_index=False, related_name="+")
    external_id = models.CharField(max_length=200)
    type = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    flags = models.JSONField(default=list)
    confidence = models.FloatField()
    track = models.CharField(max_length=64, blank=True)
    path = models.JSONField(default=list)
    label = models.CharField(max_length=64, blank=True)
    attributes = models.JSONField(default=dict)

    class Meta:
        ordering = ["occurred_at", "id"]
        constraints = [models.UniqueConstraint(fields=["camera", "external_id"], name="visual_event_once_per_camera")]
        indexes = [models.Index(fields=["lane", "occurred_at"])]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"


class CameraFault(models.Model):
    """Something was wrong with a camera's picture, its rate or its clock. ``ended_at``: None while it lasts."""

    class Kind(models.TextChoices):
        BLACK = "black"
        FROZEN = "frozen"
        COVERED = "covered"
        BLURRED = "blurred"
        GLARE = "glare"
        MOVED = "moved"
        SLOW = "slow", "Too few pictures"
        CLOCK_JUMP = "clock_jump", "Clock set"

    camera = models.ForeignKey("lanes.Camera", on_delete=models.CASCADE, related_name="faults")
    kind = models.CharField(max_length=16, choices=Kind)
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(help_text="When it was noticed, on our clock.")
    ended_at = models.DateTimeField(null=True)
    sentence = models.CharField(max_length=300)
    measured = models.JSONField(default=dict)
    picture = models.BinaryField(null=True, help_text="JPEG of what it looked like, blurred.")
    picture_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["camera", "kind", "began_at"], name="camera_fault_once"),
            models.UniqueConstraint(
                fields=["camera", "kind"], condition=models.Q(ended_at=None), name="camera_fault_lasts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera} {self.kind} {self.began_at:%Y-%m-%d %H:%M:%S}"


class CameraDay(models.Model):
    """What a camera's picture was like on one day, for what changes over weeks. ``hours``: how often it was noted."""

    camera = models.ForeignKey("lanes.Camera", on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    hours = models.PositiveSmallIntegerField(default=0)
    sharpness = models.FloatField(default=0.0)
    luma = models.FloatField(default=0.0)
    fps = models.FloatField(default=0.0)
    drift = models.FloatField(
        default=0.0, help_text="Of the view since the camera was got to know, share of its width."
    )
    losses = models.PositiveIntegerField(default=0)
    noted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["camera", "day"]
        constraints = [models.UniqueConstraint(fields=["camera", "day"], name="camera_day_once")]

    def __str__(self) -> str:
        return f"{self.camera} {self.day}"


class AnalysisLoad(models.Model):
    """The one row that says how much of the video is looked at. ``state``: of ``vision.domain.load.Load``."""

    ONLY = 1

    state = models.JSONField(default=dict)
    resting = models.JSONField(default=list, help_text="Ids of the cameras that are not looked at.")
    waits_s = models.FloatField(default=0.0, help_text="How long the oldest video waits.")
    sentence = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.sentence or "All video is looked at."

    @property
    def share(self) -> float:
        """Of the usual pictures a second."""
        return Load(**self.state).share


class Detector(models.Model):
    """A detector by its name, and which of its versions looks. Cameras name it in ``Camera.detector``: ``lane`` for
    the version in use, ``lane@3`` for that very one.

    ``shadow``: looks at the same pictures beside the one in use and is never heeded. ``shadow_on``: with these cameras
    only; with all that use this detector where empty.
    """

    name = models.CharField(
        max_length=63,
        unique=True,
        validators=[
            RegexValidator(rf"^(?!{MOTION}$){NAME.pattern}$", "Small letters, digits, - and _; not the word motion.")
        ],
    )
    used = models.ForeignKey("DetectorVersion", on_delete=models.PROTECT, null=True, related_name="+")
    used_since = models.DateTimeField(null=True)
    used_before = models.ForeignKey(
        "DetectorVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="What a roll-back returns to.",
    )
    chosen_by = models.CharField(max_length=150, blank=True, help_text="Who promoted it; empty: as it was shipped.")
    shadow = models.ForeignKey("DetectorVersion", on_delete=models.PROTECT, null=True, related_name="+")
    shadow_since = models.DateTimeField(null=True)
    shadow_on = models.ManyToManyField("lanes.Camera", blank=True, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DetectorVersion(models.Model):
    """Weights that a store may look with. Nothing of them changes once they are here; their file is a copy of our own.

    ``told``: what came beside the weights about how they were made and measured (``figures.json``). ``measured``: what
    this machine found out about them, by ``manage.py model benchmark``.
    """

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    path = models.CharField(max_length=300, help_text="Relative to DATA_DIR.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the weights.")
    classes = models.JSONField(default=dict, help_text="What the model calls things, by number.")
    mapping = models.JSONField(default=dict, blank=True, help_text="What we call them; empty: by the usual names.")
    training_data = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what it was trained on.")
    told = models.JSONField(default=dict)
    measured = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["detector", "-number"]
        constraints = [models.UniqueConstraint(fields=["detector", "number"], name="detector_version_number_once")]

    def __str__(self) -> str:
        return f"{self.detector.name}@{self.number}"


class ShadowRun(models.Model):
    """How long, on one day, a version looked in the shadow of another at one camera, and what both of them cost."""

    camera = models.ForeignKey("lanes.Camera", on_delete=models.CASCADE, related_name="+")
    used = models.CharField(max_length=300, help_text="What was in use.")
    shadow = models.ForeignKey(DetectorVersion, on_delete=models.CASCADE, related_name="runs")
    day = models.DateField()
    seconds = models.FloatField(default=0.0)
    used_ms = models.FloatField(default=0.0)
    shadow_ms = models.FloatField(default=0.0)
    failures = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["camera", "day"]
        constraints = [
            models.UniqueConstraint(fields=["camera", "used", "shadow", "day"], name="shadow_run_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.shadow} in the shadow of {self.used} at {self.camera_id}, {self.day}"


class ShadowEvent(models.Model):
    """What either of two detectors saw while both looked. Heeded by nobody but who compares them."""

    run = models.ForeignKey(ShadowRun, on_delete=models.CASCADE, related_name="events")
    by_shadow = models.BooleanField()
    type = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    confidence = models.FloatField()
    label = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["occurred_at", "id"]

    def __str__(self) -> str:
        return f"{self.type} {self.occurred_at}"


class ShadowState(models.Model):
    """What a version that looks in the shadow carries from segment to segment of one camera."""

    camera = models.OneToOneField("lanes.Camera", on_delete=models.CASCADE, related_name="+")
    shadow = models.ForeignKey(DetectorVersion, on_delete=models.CASCADE, related_name="+")
    state = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.camera_id}"
