from django.urls import path

from pos.api.events import PosEventsView
from pos.api.webhooks import PosWebhookView
from pos.views import peers, try_till

urlpatterns = [
    path("peers/", peers.peers, name="peers"),
    path("peers/again/", peers.again, name="peers-again"),
    path("till/", try_till.page, name="try-till"),
    path("till/read/", try_till.read, name="try-till-read"),
    path("till/<str:store_code>/events/", try_till.send, name="try-till-send"),
]

api_urlpatterns = [
    path("pos/events", PosEventsView.as_view(), name="api-pos-events"),
    path("pos/webhooks/<token>", PosWebhookView.as_view(), name="api-pos-webhook"),
]
