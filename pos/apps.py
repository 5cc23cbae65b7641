from django.apps import AppConfig


class PosConfig(AppConfig):
    name = "pos"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lanes.health import health_register
        from pos.health import tills_health

        health_register("tills", many=tills_health)
