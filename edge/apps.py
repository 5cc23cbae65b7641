from django.apps import AppConfig


class EdgeConfig(AppConfig):
    """What runs where, by each process's own word."""

    name = "edge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from edge import heartbeat

        heartbeat.connect()
