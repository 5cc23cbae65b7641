from django.urls import path

from vision.api import VisualEventsView

api_urlpatterns = [path("vision/events", VisualEventsView.as_view(), name="api-vision-events")]
