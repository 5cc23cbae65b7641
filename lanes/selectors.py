"""Reading the map."""

from django.db import models
from django.db.models.fields.reverse_related import ManyToOneRel, OneToOneRel

from lanes.models import Governance, Store


def operator_views_allowed(store: Store) -> bool:
    """Whether the store's governance lets anybody look at what one operator did."""
    return Governance.objects.filter(store=store, operator_views=True).exclude(consultation="").exists()


def has_history(row: models.Model) -> bool:
    """Whether anything outside the map hangs on ``row`` (events, video, cases), so
    that deleting it would delete what was accepted. State of which there is one
    per row (a camera's feed) does not count."""
    for relation in row._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or isinstance(relation, OneToOneRel):
            continue
        model = relation.field.model
        rows = model._base_manager.filter(**{relation.field.name: row})
        if model._meta.app_label == row._meta.app_label:
            if any(has_history(child) for child in rows):
                return True
        elif rows.exists():
            return True
    return False
