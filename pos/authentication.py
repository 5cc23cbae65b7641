"""Who calls a webhook: whoever knows its address and its signing secret, and nobody else."""

from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from lanes.authentication import Caller
from pos.adapters import shopify, square
from pos.adapters.signatures import hmac_sha256_header_valid
from pos.models import PosWebhook
from pos.services.connections import connection_failed

MAX_BYTES = 2 * 1024 * 1024
SQUARE_HEADER = "x-square-hmacsha256-signature"
SHOPIFY_HEADER = "X-Shopify-Hmac-Sha256"
WRONG = (
    "No webhook has this address and this signature. Check the address, the signing secret, and that the body is sent "
    "as it was signed."
)


class DeliveryTooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = f"The body is larger than {MAX_BYTES // 2**20} MiB. Nothing was taken."


@dataclass(frozen=True, slots=True)
class SignedDelivery:
    """``request.auth``: a body that its webhook's secret signed."""

    webhook: PosWebhook
    body: bytes


class WebhookCaller(Caller):
    def __init__(self, webhook: PosWebhook) -> None:
        self.webhook = webhook

    def get_username(self) -> str:
        return f"webhook {self.webhook.name}"


class WebhookAuthentication(BaseAuthentication):
    """The token in the address finds the webhook, its secret must have signed the body. An unknown address and a wrong
    signature answer alike."""

    def authenticate(self, request: Request) -> tuple[WebhookCaller, SignedDelivery]:
        body = request._request.read(MAX_BYTES + 1)  # the bytes that were signed, before any parser
        if len(body) > MAX_BYTES:
            raise DeliveryTooLarge
        token = str(request.parser_context["kwargs"].get("token", ""))
        webhook = PosWebhook.objects.select_related("store").filter(token=token, enabled=True).first()
        if webhook is None:
            raise AuthenticationFailed(WRONG, "not_signed")
        if not signature_valid(webhook, request, body):
            connection_failed(
                connection=webhook, error="A call came whose signature is wrong. Check the signing secret."
            )
            raise AuthenticationFailed(WRONG, "not_signed")
        return WebhookCaller(webhook), SignedDelivery(webhook, body)

    def authenticate_header(self, request: Request) -> str:
        return 'Signature realm="shrink"'


class IsSignedDelivery(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, SignedDelivery)


def signature_valid(webhook: PosWebhook, request: Any, body: bytes) -> bool:
    """Whether the provider's way of signing says so."""
    if webhook.provider == PosWebhook.Provider.SQUARE:
        url = webhook.notification_url or request.build_absolute_uri()
        return square.signature_valid(
            signature=request.headers.get(SQUARE_HEADER, ""), key=webhook.secret, url=url, body=body
        )
    if webhook.provider == PosWebhook.Provider.SHOPIFY:
        return shopify.signature_valid(
            signature=request.headers.get(SHOPIFY_HEADER, ""), secret=webhook.secret, body=body
        )
    header = request.headers.get(webhook.signature_header, "")
    return hmac_sha256_header_valid(header=header, key=webhook.secret, body=body)
