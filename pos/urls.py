from django.urls import path

from pos.api.events import PosEventsView
from pos.views import peers

urlpatterns = [
    path("peers/", peers.peers, name="peers"),
    path("peers/again/", peers.again, name="peers-again"),
]

api_urlpatterns = [path("pos/events", PosEventsView.as_view(), name="api-pos-events")]
