"""The admin site: the map, the people, and history to read."""

from django.contrib import admin
from django.contrib.auth.models import Group
from rest_framework_api_key.models import APIKey

from lanes.admin import cameras, history, keys, stores, users

__all__ = ["cameras", "history", "keys", "stores", "users"]

admin.site.site_header = "Shrink"
admin.site.site_title = "Shrink"
admin.site.index_title = "Stores, lanes and people"
admin.site.unregister([Group, APIKey])  # roles are code, and a key belongs to a store
