"""What the OpenAPI document says of a visual event. The same fields as ``vision.serializers.VisualEventIn``, which a
test holds it to."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from vision.domain.types import VisualType


@extend_schema_serializer(component_name="VisualEvent")
class VisualEventSerializer(serializers.Serializer):
    id = serializers.CharField(
        max_length=200, help_text="Unique for the camera, never used again. Sending it again changes nothing."
    )
    camera = serializers.CharField(max_length=64, help_text="The camera's code, as provisioned.")
    type = serializers.ChoiceField([t.value for t in VisualType])
    occurred_at = serializers.DateTimeField(
        help_text="The camera's clock, RFC 3339; for a pass the instant the item left the scanner zone."
    )
    confidence = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1, help_text="Absent: taken as 1 and flagged."
    )
    track = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=64)
    path = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, max_length=64, help_text="The zones in order."
    )
    label = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=64)
    attributes = serializers.DictField(child=serializers.JSONField(), required=False, allow_null=True)
