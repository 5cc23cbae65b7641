from django.apps import AppConfig


class PosConfig(AppConfig):
    name = "pos"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lanes.health import health_register
        from lanes.history import model_history_register
        from pos import personal_data, receivers  # noqa: F401  connect themselves
        from pos.health import tills_health
        from pos.models import PosSource
        from pos.phrases import PHRASES
        from privacy.presenters import phrases_register

        phrases_register(PHRASES)
        health_register("tills", many=tills_health)
        model_history_register(PosSource, without={"password", *PosSource.FARES})
