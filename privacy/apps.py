from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "People and history"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from privacy import receivers  # noqa: F401  connects itself
        from privacy.guard import guard_after_migrate
        from privacy.models import User

        post_migrate.connect(guard_after_migrate, dispatch_uid="privacy.audit_guard")
        auditlog.register(User, exclude_fields=["password", "last_login"])
