from django.apps import AppConfig


class LanesConfig(AppConfig):
    name = "lanes"
    verbose_name = "Map"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lanes import receivers  # noqa: F401  connects itself
        from lanes.history import history_register
        from lanes.phrases import PHRASES
        from privacy.presenters import phrases_register

        history_register()
        phrases_register(PHRASES)
