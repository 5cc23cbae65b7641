"""The websockets of this app."""

from django.urls import path

from cases.consumers import CasesConsumer

websocket_urlpatterns = [path("ws/cases/", CasesConsumer.as_asgi())]
