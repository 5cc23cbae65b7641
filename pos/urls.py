from django.urls import path

from pos.api import PosEventsView

api_urlpatterns = [path("pos/events", PosEventsView.as_view(), name="api-pos-events")]
