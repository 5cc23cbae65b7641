"""The database is what the models say, and operators can see every model."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command

OURS = ("privacy", "lanes", "pos", "vision", "cases", "edge")
NOT_IN_ADMIN: dict[str, str] = {
    "cases.Evidence": "a clip is watched on its case's page, where watching is recorded",
    "cases.ExceptionRuleVersion": "listed on the page of its rule, where it is tried and put into force",
    "cases.ItemLook": "state of a computation: how articles look",
    "cases.LaneMark": "state of a computation: which lanes have news",
    "cases.RuleBacktest": "listed on the page of its rule",
    "cases.RuleTerm": "told on the page of its rule",
    "lanes.Zone": "drawn on its camera's picture, on the camera's own page of the admin",
    "pos.FeedMark": "state of a computation: which batches nobody has looked at yet",
    "pos.FeedTicket": "state of a computation: where a till's tickets lie",
    "pos.PeerComparison": "a page of its own (/peers/), which asks whether it may be seen",
    "pos.HeldEvent": "counted on the page of its unknown terminal; nobody reads events that were never asked for",
    "pos.SourcePreview": "shown on the page of its source, where looking at it is recorded",
    "vision.DetectorVersion": "listed on the page of its detector, where it is put into use",
    "vision.ShadowEvent": "counted and named on the page of its detector",
    "vision.ShadowRun": "summed on the page of its detector",
    "vision.ShadowState": "state of a computation: what a shadow remembers of a camera",
}


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_every_model_is_in_the_admin_or_says_why_not() -> None:
    models = {model._meta.label for app in OURS for model in apps.get_app_config(app).get_models()}
    shown = {model._meta.label for model in admin.site._registry}
    inlined = {
        inline.model._meta.label for registered in admin.site._registry.values() for inline in registered.inlines or ()
    }
    assert sorted(models - shown - inlined - NOT_IN_ADMIN.keys()) == []
