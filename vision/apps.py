from django.apps import AppConfig


class VisionConfig(AppConfig):
    name = "vision"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lanes.health import health_register
        from lanes.snapshots import snapshot_register
        from privacy.presenters import phrases_register
        from vision import personal_data, receivers  # noqa: F401 - they register themselves
        from vision.health import cameras_health
        from vision.phrases import PHRASES
        from vision.selectors import snapshot_of_camera

        phrases_register(PHRASES)
        health_register("cameras", many=cameras_health)
        snapshot_register(snapshot_of_camera)
