"""Discrepancies, cases and lanes as the contract shows them (section 2): codes instead of keys, money as text."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.domain.lifecycle import OUTCOME_STATUS
from cases.models import Case, Discrepancy, Evidence
from lanes.models import Lane


class DiscrepancyOut(serializers.ModelSerializer):
    lane = serializers.CharField(source="lane.code")
    pos_events = serializers.ListField(child=serializers.CharField())
    visual_event = serializers.SerializerMethodField()
    explanation = serializers.DictField()

    class Meta:
        model = Discrepancy
        fields = (
            "id",
            "lane",
            "kind",
            "occurred_at",
            "score",
            "alerted",
            "visual_event",
            "pos_events",
            "explanation",
            "rule_version",
        )

    def get_visual_event(self, row: Discrepancy) -> str | None:
        return row.visual_event or None


class CaseOut(serializers.ModelSerializer):
    store = serializers.CharField(source="store.code")
    lane = serializers.CharField(source="lane.code")
    discrepancies = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()
    clip = serializers.SerializerMethodField()
    key_frames = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = (
            "id",
            "kind",
            "status",
            "risk",
            "occurred_at",
            "store",
            "lane",
            "transaction",
            "amount_at_risk",
            "discrepancies",
            "explanation",
            "clip",
            "key_frames",
            "created_at",
            "resolved_at",
        )

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_discrepancies(self, case: Case) -> list[str]:
        return [str(case.discrepancy_id)]

    @extend_schema_field(serializers.DictField())
    def get_explanation(self, case: Case) -> dict[str, Any]:
        """What the judge said, with why it was withdrawn and what was learnt after a decision."""
        told = dict(case.explanation)
        if case.status == Case.Status.WITHDRAWN:
            told["withdrawn_reason"] = case.discrepancy.withdrawn_reason
        if case.annotations:
            told["annotations"] = case.annotations
        return told

    def get_clip(self, case: Case) -> str | None:
        held = any(row.kind == Evidence.Kind.CLIP for row in case.evidence.all())
        return self._url("api-case-clip", case.pk) if held else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_key_frames(self, case: Case) -> list[str]:
        frames = [row for row in case.evidence.all() if row.kind == Evidence.Kind.KEY_FRAME]
        return [self._url("api-case-key-frame", case.pk, row.position) for row in frames]

    def _url(self, name: str, *args: object) -> str:
        path = reverse(name, args=args)
        request = self.context.get("request")
        return request.build_absolute_uri(path) if request else path


class DecisionIn(serializers.Serializer):
    """`reason` is owed to confirm and to dismiss."""

    outcome = serializers.ChoiceField(choices=list(OUTCOME_STATUS))
    reason = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    action = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class ClockOut(serializers.Serializer):
    offset_s = serializers.FloatField(help_text="Till clock minus camera clock.")
    skew_ppm = serializers.FloatField()
    sd_s = serializers.FloatField(allow_null=True)
    quality = serializers.ChoiceField(choices=["good", "degraded", "bad"])


class HealthOut(serializers.Serializer):
    level = serializers.CharField()
    subject = serializers.CharField()
    sentence = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)


class LaneOut(serializers.ModelSerializer):
    """A lane is named by `code`; `lane` says the same, as the other lists call it."""

    lane = serializers.CharField(source="code")
    store = serializers.CharField(source="store.code")
    correlated_until = serializers.SerializerMethodField()
    clock = serializers.SerializerMethodField()
    health = serializers.SerializerMethodField()

    class Meta:
        model = Lane
        fields = ("code", "lane", "store", "kind", "correlated_until", "clock", "health")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_correlated_until(self, lane: Lane) -> str | None:
        judgement = getattr(lane, "judgement", None)
        until = judgement.correlated_until if judgement else None
        return serializers.DateTimeField().to_representation(until) if until else None

    @extend_schema_field(ClockOut())
    def get_clock(self, lane: Lane) -> dict[str, Any]:
        judgement = getattr(lane, "judgement", None)
        if judgement is None or judgement.clock_sd_s is None:
            return {"offset_s": 0.0, "skew_ppm": 0.0, "sd_s": None, "quality": "bad"}
        return {
            "offset_s": judgement.clock_offset_s,
            "skew_ppm": judgement.clock_skew_ppm,
            "sd_s": judgement.clock_sd_s,
            "quality": judgement.clock_quality,
        }

    @extend_schema_field(HealthOut(many=True))
    def get_health(self, lane: Lane) -> list[dict[str, Any]]:
        items = self.context.get("health", {}).get(lane.pk, [])
        return [
            {
                "level": str(item.level.value),
                "subject": item.subject,
                "sentence": item.sentence,
                "since": item.since.isoformat() if item.since else None,
            }
            for item in items
        ]
