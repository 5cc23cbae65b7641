"""The house: settings, web entry point, background work and the one-command start."""

from shrink.celery import app as celery_app

__all__ = ["celery_app"]
