from django.urls import path

from pos.api.events import PosEventsView

api_urlpatterns = [path("pos/events", PosEventsView.as_view(), name="api-pos-events")]
