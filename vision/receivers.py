"""What follows from facts of this app."""

from typing import Any

from django.dispatch import receiver

from vision.signals import camera_fault_told, segment_stored
from vision.tasks import camera_analyse, fault_picture


@receiver(segment_stored)
def look_at_it(camera_id: int, **kwargs: Any) -> None:
    camera_analyse.delay_on_commit(camera_id)


@receiver(camera_fault_told)
def picture_it(fault_id: int, **kwargs: Any) -> None:
    fault_picture.delay_on_commit(fault_id)
