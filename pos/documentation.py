"""What the OpenAPI document says of a POS event. The same fields as ``pos.serializers.PosEventIn``, which a test
holds it to."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from pos.domain.approvals.rules import Outcome
from pos.domain.events import EntryMethod, PosType

TYPES = [kind.value for kind in PosType]
OUTCOMES = [outcome.value for outcome in Outcome]
MONEY = "Decimal string, for example 7.95. A JSON number is taken too, and flagged."


@extend_schema_serializer(component_name="PosEventData")
class PosEventDataSerializer(serializers.Serializer):
    """What the event is about. Other names may be added; card data, loyalty numbers and names are removed."""

    gtin = serializers.CharField(required=False, allow_blank=True, allow_null=True, help_text="8 to 14 digits.")
    description = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    quantity = serializers.FloatField(
        required=False, allow_null=True, help_text="A number, or one as text. Weights in kilograms."
    )
    unit_price = serializers.CharField(required=False, allow_null=True, help_text=MONEY)
    amount = serializers.CharField(
        required=False, allow_null=True, help_text=MONEY + " As it changes what the customer owes."
    )
    entry_method = serializers.ChoiceField([m.value for m in EntryMethod], required=False)
    voids_line = serializers.IntegerField(required=False, allow_null=True, help_text="For a void: the line it voids.")
    reason = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    approver = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, help_text="Who allowed it; pseudonymised before storing."
    )


@extend_schema_serializer(component_name="PosEvent")
class PosEventSerializer(serializers.Serializer):
    id = serializers.CharField(
        max_length=200, help_text="Unique for the terminal, never used again. Sending it again changes nothing."
    )
    terminal = serializers.CharField(max_length=64, help_text="The terminal's code, as provisioned.")
    type = serializers.ChoiceField(TYPES)
    occurred_at = serializers.DateTimeField(
        help_text="The terminal's own clock, RFC 3339. Without an offset it is read in the store's zone and flagged."
    )
    transaction = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=120)
    line = serializers.IntegerField(required=False, allow_null=True, min_value=-(2**31) + 1, max_value=2**31 - 1)
    operator = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=200, help_text="Pseudonymised before storing."
    )
    data = PosEventDataSerializer(required=False, allow_null=True)


class WebhookReplySerializer(serializers.Serializer):
    accepted = serializers.IntegerField(help_text="Events that were new, and stored.")
    duplicates = serializers.IntegerField(help_text="Events that were stored before.")
    refused = serializers.IntegerField(help_text="Parts and events that were not taken, with nothing to send again.")


class WebhookScheme(OpenApiAuthenticationExtension):
    target_class = "pos.authentication.WebhookAuthentication"
    name = "WebhookSignature"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-Signature",
            "description": "HMAC-SHA256 of the body with the webhook's secret; Square and Shopify have headers of "
            "their own.",
        }


@extend_schema_serializer(component_name="ApprovalAsk")
class ApprovalAskSerializer(PosEventSerializer):
    """The POS event that is about to happen."""

    basket_total = serializers.CharField(
        required=False, allow_null=True, help_text=MONEY + " What the basket comes to before the event."
    )


class OverrideHowSerializer(serializers.Serializer):
    how = serializers.CharField(help_text="What to call to go on all the same.")


@extend_schema_serializer(component_name="ApprovalAnswer")
class ApprovalAnswerSerializer(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True, help_text="null where the answer could not be kept.")
    outcome = serializers.ChoiceField(
        OUTCOMES,
        help_text="approve: a person at the till decides. note: go on, it is kept in mind.",
    )
    mode = serializers.ChoiceField(["shadow", "live"], help_text="In the shadow the outcome is always allow.")
    would_be = serializers.ChoiceField(OUTCOMES, help_text="What the rules say, whatever the mode.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Sentences to show to a person.")
    rule_version = serializers.CharField(allow_blank=True, help_text="Which rules it was.")
    state = serializers.ChoiceField(
        ["answered", "overridden", "withdrawn", "annotated"], help_text="The latest of what became of it."
    )
    override = OverrideHowSerializer()


@extend_schema_serializer(component_name="ApprovalOverride")
class OverrideSerializer(serializers.Serializer):
    approver = serializers.CharField(max_length=200, help_text="Who lets it happen; pseudonymised before storing.")
    reason = serializers.CharField(max_length=500, help_text="Why. No names: who is meant stands in approver.")
