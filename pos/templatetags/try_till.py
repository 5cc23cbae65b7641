"""Who is shown the way to the till that people can try."""

from django import template

from lanes.permissions import may_somewhere
from privacy.domain.roles import Permission
from privacy.models import User

register = template.Library()


@register.simple_tag
def may_try_till(user: User) -> bool:
    return may_somewhere(user, Permission.MAP_EDIT)
