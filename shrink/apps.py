from django.apps import AppConfig


class ShrinkConfig(AppConfig):
    """The house itself: its commands and its checks."""

    name = "shrink"

    def ready(self) -> None:
        from shrink import checks  # noqa: F401  registers the checks
