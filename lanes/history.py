"""Which configuration auditlog keeps diffs of, and what it never sees."""

from typing import Any

from auditlog.registry import auditlog
from django.db.models import Model

from lanes.models import ApiKey, Camera, Governance, Lane, Store, StoreMembership, Terminal, Zone


def history_register() -> None:
    for model in (Store, Governance, Lane, Terminal, Zone, StoreMembership):
        model_history_register(model)
    # Camera addresses carry passwords.
    model_history_register(Camera, mask_fields=["source"], mask_callable="lanes.domain.sources.source_redacted")
    model_history_register(ApiKey, without={"hashed_key", "last_used_at"})


def model_history_register(
    model: type[Model], *, without: frozenset[str] | set[str] = frozenset(), **options: Any
) -> None:
    """A model's own columns only: left to itself auditlog also asks every reverse
    one-to-one, which is another app's row and a query for each save."""
    own = [column.name for column in model._meta.concrete_fields if column.name not in without]
    auditlog.register(model, include_fields=own, **options)
