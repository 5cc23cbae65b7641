from django.urls import path

from pos.api.events import PosEventsView
from pos.api.webhooks import PosWebhookView

api_urlpatterns = [
    path("pos/events", PosEventsView.as_view(), name="api-pos-events"),
    path("pos/webhooks/<token>", PosWebhookView.as_view(), name="api-pos-webhook"),
]
