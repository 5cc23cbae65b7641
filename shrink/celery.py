"""The Celery application. Tasks are `@shared_task` in the apps; nobody imports this but `shrink`."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

from shrink.embedded import worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shrink.settings")
TRANSPORT_ALIASES["embedded"] = "shrink.embedded.transport:Transport"

app = Celery("shrink")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

worker.connect()
