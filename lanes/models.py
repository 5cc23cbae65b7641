"""The map of a store: what stands where, what looks at it, and who may see it."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from rest_framework_api_key.models import AbstractAPIKey, APIKeyManager

from lanes.domain.codes import CODE, CODE_RULE
from privacy.domain.roles import Permission, Role

code_validator = RegexValidator(rf"^{CODE.pattern}\Z", f"Not a code: {CODE_RULE}.")


def grant_codename(permission: Permission) -> str:
    """The name under which guardian holds a grant of ``permission`` on a Store."""
    return permission.value.replace(".", "_")


class Store(models.Model):
    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, help_text="IANA name, for example Europe/Madrid.")
    currency = models.CharField(max_length=3, help_text="ISO 4217, for example EUR.")
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2, for example ES.")

    class Meta:
        ordering = ["code"]
        permissions = [(grant_codename(p), p.value.replace(".", ": ")) for p in Permission]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_additional_data(self) -> dict[str, str]:
        """What auditlog keeps beside a diff: the store, by which its readers are limited."""
        return {"store": self.code}


class Governance(models.Model):
    """Why a store may look at all (GDPR Art. 5(1)(b), 6(1)(f), 35; P01)."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="governance")
    purpose = models.CharField(max_length=300, blank=True)
    legal_basis = models.CharField(max_length=64, blank=True)
    assessment = models.CharField(max_length=64, blank=True, help_text="Reference of the balancing test.")
    dpia = models.CharField(max_length=64, blank=True)
    owner = models.CharField(max_length=200, blank=True, help_text="Who answers for it.")
    operator_views = models.BooleanField(
        default=False,
        help_text="Whether searches, comparisons and rules by an operator's pseudonym are allowed. It needs the notice "
        "to employees and the consultation of their representatives, recorded below (GDPR 13, 88; AI Act 26(7)).",
    )
    consultation = models.CharField(
        max_length=200, blank=True, help_text="Reference of that notice and consultation. Without one they stay off."
    )

    class Meta:
        verbose_name_plural = "governance"
        constraints = [
            models.CheckConstraint(
                name="operator_views_only_with_consultation",
                condition=Q(operator_views=False) | ~Q(consultation=""),
                violation_error_message="Operator views need the notice to employees and the consultation of their "
                "representatives: give the reference under consultation, or leave them off.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.store.code}: {self.purpose or 'no purpose recorded'}"

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()


class Lane(models.Model):
    class Kind(models.TextChoices):
        STAFFED = "staffed"
        SELF_CHECKOUT = "self_checkout"
        SERVICE = "service"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="lanes")
    code = models.CharField(max_length=32, validators=[code_validator])
    kind = models.CharField(max_length=16, choices=Kind)

    class Meta:
        ordering = ["store", "code"]
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="lane_code_once_per_store")]

    def __str__(self) -> str:
        return f"{self.store.code}/{self.code}"

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()


class Terminal(models.Model):
    class Granularity(models.TextChoices):
        LINE = "line"
        TRANSACTION = "transaction"
        BATCH = "batch"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="terminals")
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="terminals")
    code = models.CharField(max_length=64)
    granularity = models.CharField(max_length=16, choices=Granularity, default=Granularity.LINE)

    class Meta:
        ordering = ["store", "code"]
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="terminal_code_once_per_store")]

    def __str__(self) -> str:
        return f"{self.lane}/{self.code}"

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()


class Camera(models.Model):
    """One camera of one lane. Whether it runs is a decision (``enabled``) that the
    database refuses to hold without the papers; how it runs is ``vision.CameraFeed``."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="cameras")
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="cameras")
    code = models.CharField(max_length=64, validators=[code_validator])
    source = models.CharField(max_length=500, help_text="rtsp://, http(s):// or the path of a file or folder.")
    detector = models.CharField(max_length=300, blank=True, help_text="Empty: the installation's default.")
    priority = models.PositiveSmallIntegerField(
        default=5,
        validators=[MaxValueValidator(9)],
        help_text="0 to 9: with more video than machine those of the lowest rest first.",
    )
    enabled = models.BooleanField(default=False)
    # Per camera, because EDPB 3/2019 wants the purpose documented camera by camera.
    purpose = models.CharField(max_length=300, blank=True)
    legal_basis = models.CharField(max_length=64, blank=True)
    assessment = models.CharField(max_length=64, blank=True)
    owner = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["store", "code"]
        constraints = [
            models.UniqueConstraint(fields=["store", "code"], name="camera_code_once_per_store"),
            models.CheckConstraint(
                name="camera_on_only_with_papers",
                condition=Q(enabled=False) | ~(Q(purpose="") | Q(legal_basis="") | Q(assessment="") | Q(owner="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lane}/{self.code}"

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()


class Zone(models.Model):
    class Kind(models.TextChoices):
        BELT = "belt"
        SCANNER = "scanner"
        BAGGING = "bagging"
        COUNTER = "counter"
        DRAWER = "drawer"
        CUSTOMER = "customer"
        CASHIER = "cashier"
        RESTRICTED = "restricted"
        ENTRANCE = "entrance"
        SHELF = "shelf"
        EXIT = "exit"
        IGNORE = "ignore"

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="zones")
    kind = models.CharField(max_length=16, choices=Kind)
    polygon = models.JSONField(help_text="[[x, y], ...], three or more corners, each 0..1 of the image.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["camera", "position", "id"]

    def __str__(self) -> str:
        return f"{self.camera.code}/{self.kind}"

    def get_additional_data(self) -> dict[str, str]:
        return self.camera.store.get_additional_data()


class StoreMembership(models.Model):
    """Who works with a store, and as what. Mirrored into guardian grants on Store."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.value, r.value.replace("_", " ")) for r in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "store", "role"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.store.code}"

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()


class ApiKeyManager(APIKeyManager):
    def assign_key(self, obj: AbstractAPIKey) -> str:
        """The prefix alone is the primary key: the library would put the hash into
        it, and with it into every address of the admin and every line of history."""
        key = super().assign_key(obj)
        obj.id = obj.prefix
        return key


class ApiKey(AbstractAPIKey):
    """A key of one store with scopes; the secret is shown once and only its hash kept."""

    class Scope(models.TextChoices):
        POS_WRITE = "pos.write"
        VISION_WRITE = "vision.write"
        CASES_READ = "cases.read"
        CASES_DECIDE = "cases.decide"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="api_keys")
    scopes = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")

    objects: ClassVar[ApiKeyManager] = ApiKeyManager()

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="api_key_name_once_per_store")]

    def get_additional_data(self) -> dict[str, str]:
        return self.store.get_additional_data()
