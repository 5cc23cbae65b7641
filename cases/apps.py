from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import holds, live, personal_data, receivers  # noqa: F401  connect themselves
        from cases.phrases import PHRASES
        from privacy.presenters import phrases_register

        phrases_register(PHRASES)
