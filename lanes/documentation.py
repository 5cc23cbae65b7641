"""What the OpenAPI document says of batches. Described here, read by msgspec: nothing of it runs on the way in."""

from rest_framework import serializers


class RejectedSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="Its place in the list that was sent, from 0.")
    code = serializers.CharField(help_text="Why, for programs.")
    detail = serializers.CharField(help_text="Why and what to write instead, for people.")


class BatchReplySerializer(serializers.Serializer):
    accepted = serializers.IntegerField(help_text="New, and stored.")
    duplicates = serializers.IntegerField(help_text="Stored before, or earlier in this batch: nothing changed.")
    rejected = RejectedSerializer(many=True, help_text="Those that could not be taken; send them again corrected.")
