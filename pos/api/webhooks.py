"""The door for systems that call us by themselves."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pos.adapters.options import OptionsRefused
from pos.authentication import IsSignedDelivery, WebhookAuthentication
from pos.documentation import WebhookReplySerializer
from pos.services.feeds import feed_failed, feed_take


class NotConfigured(APIException):
    """For the sender to try again: once the options are right, nothing is lost."""

    status_code = 503
    default_code = "not_configured"
    default_detail = "This webhook's options cannot be used. Nothing was taken; correct them and send it again."


class JsonDescribed(BaseParser):
    """Names the kind of body in the OpenAPI document. Never parses: the authentication reads the bytes."""

    media_type = "application/json"


class PosWebhookView(APIView):
    """Take one document of a system that was set up under *POS webhooks*, in that system's own shape.

    The body must be signed as the provider signs it: Square over address and body in `x-square-hmacsha256-signature`,
    Shopify over the body in `X-Shopify-Hmac-Sha256`, others by HMAC-SHA256 of the body, base64 or hexadecimal, in the
    header that the webhook names. Answered with 200 once everything is stored. A document that can never be read is
    kept for a person to see and answered with 200 too, for sending it again would not help. The same document again
    changes nothing.
    """

    authentication_classes = [WebhookAuthentication]
    permission_classes = [IsSignedDelivery]
    parser_classes = [JsonDescribed]

    @extend_schema(
        operation_id="pos_webhook",
        tags=["events"],
        request=OpenApiTypes.OBJECT,
        responses={
            200: WebhookReplySerializer,
            401: OpenApiResponse(description="No webhook has this address and this signature."),
            413: OpenApiResponse(description="Larger than 2 MiB: nothing was taken."),
            503: OpenApiResponse(description="The webhook's options cannot be used. Send it again later."),
        },
    )
    def post(self, request: Request, token: str) -> Response:
        delivery = request.auth
        webhook = delivery.webhook
        try:
            taken = feed_take(feed=webhook, kind=webhook.provider, document=delivery.body, now=timezone.now())
        except OptionsRefused as error:
            feed_failed(feed=webhook, error=str(error))
            raise NotConfigured from error
        refused = len(taken.refused) + len(taken.rejected)
        return Response({"accepted": taken.accepted, "duplicates": taken.duplicates, "refused": refused})
