from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import holds, live, personal_data, receivers  # noqa: F401  connect themselves
        from cases.health import clocks_health
        from cases.phrases import PHRASES
        from lanes.health import health_register
        from privacy.presenters import phrases_register

        phrases_register(PHRASES)
        health_register("cases.clock", many=clocks_health)
