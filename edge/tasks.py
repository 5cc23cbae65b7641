"""Doors for background work."""

from celery import shared_task
from django.utils import timezone

from edge import services


@shared_task(name="edge.nodes_forget", queue="default", ignore_result=True)
def nodes_forget() -> None:
    services.nodes_forget(now=timezone.now())
