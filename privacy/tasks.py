"""Background work of the privacy app."""

from celery import shared_task
from django.utils import timezone

from privacy.services import personal_data_expire


@shared_task(name="privacy.expire", queue="default")
def expire() -> None:
    """Hourly: whatever is past its time goes (P21)."""
    personal_data_expire(now=timezone.now())
