from django.urls import path, re_path

from shrink.api import views

api_urlpatterns = [
    path("time", views.TimeView.as_view(), name="api-time"),
    path("schema", views.SchemaView.as_view(), name="api-schema"),
    path("docs", views.docs, name="api-docs"),
    re_path(r"", views.NotHereView.as_view(), name="api-not-here"),  # last: shrink.api is the last to be mounted
]
