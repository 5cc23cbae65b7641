"""Whether to show the way somewhere."""

from django import template
from django.contrib.auth.models import AnonymousUser

from lanes.permissions import may_somewhere
from privacy.domain.roles import Permission
from privacy.models import User

register = template.Library()


@register.filter
def may(user: User | AnonymousUser, permission: str) -> bool:
    """`{% if user|may:"reports.view" %}`: whether the person may do it in any store."""
    return may_somewhere(user, Permission(permission))
