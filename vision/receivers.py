"""What follows from facts of this app."""

from typing import Any

from django.dispatch import receiver

from vision.signals import segment_stored
from vision.tasks import camera_analyse


@receiver(segment_stored)
def look_at_it(camera_id: int, **kwargs: Any) -> None:
    camera_analyse.delay_on_commit(camera_id)
