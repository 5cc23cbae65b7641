"""The door for tills that ask before they act."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from lanes.authentication import ApiKeyAuthentication, WaitingKeyAuthentication, actor_of
from lanes.batches import batch_items, batch_read
from lanes.domain.payload import Refused
from lanes.models import ApiKey
from pos.documentation import ApprovalAnswerSerializer, ApprovalAskSerializer, OverrideSerializer
from pos.models import Approval
from pos.services.approvals import ApprovalIn, approval_answer, approval_decode, approval_override


class ApprovalsView(APIView):
    """Ask before an unusual discount, refund, void, price override, no-sale or change of tender goes through.

    The body is the POS event that is about to happen, as `pos/events` takes it, and may carry `basket_total`. The event
    itself is sent to `pos/events` as ever, once it has happened. `approve` means that a person at the till decides,
    `note` that it goes through and is kept in mind; nothing is refused. The same event id is answered the same again.
    Treat every other answer than 200, and none within 100 ms, as `allow`.
    """

    # The event itself follows to pos/events with the same key, and marks it.
    authentication_classes = [WaitingKeyAuthentication]
    required_scope = ApiKey.Scope.POS_WRITE

    @extend_schema(
        operation_id="pos_approvals",
        tags=["approvals"],
        request=ApprovalAskSerializer,
        responses=ApprovalAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        sent = _sent(request)
        try:
            answer = approval_answer(store=request.auth.store, sent=sent, now=timezone.now())
        except Refused as refused:
            raise ParseError(refused.detail, refused.code) from refused
        return Response(_shown(answer, request))


class ApprovalOverrideView(APIView):
    """Go on all the same: always possible, with who lets it happen and why. The same again changes nothing."""

    authentication_classes = [ApiKeyAuthentication]
    required_scope = ApiKey.Scope.POS_WRITE

    @extend_schema(
        operation_id="pos_approvals_override",
        tags=["approvals"],
        request=OverrideSerializer,
        responses=ApprovalAnswerSerializer,
    )
    def post(self, request: Request, approval_id: UUID) -> Response:
        sent = OverrideSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            answer = approval_override(
                store=request.auth.store,
                approval_id=approval_id,
                now=timezone.now(),
                **actor_of(request),
                **sent.validated_data,
            )
        except Approval.DoesNotExist as missing:
            raise Http404 from missing
        except Refused as refused:
            raise ParseError(refused.detail, refused.code) from refused
        return Response(_shown(answer, request))


def _sent(request: Request) -> ApprovalIn:
    """The one event of the body. Raises ParseError, with the words that `pos/events` would have for it."""
    items = batch_items(request)
    if len(items) > 1:
        raise ParseError("Ask about one event at a time: send the event itself, not a list.", "too_many_events")
    rows, rejected = batch_read(items, approval_decode, lambda sent: sent)
    if rejected:
        raise ParseError(rejected[0]["detail"], rejected[0]["code"])
    return rows[0]


def _shown(answer: Approval, request: Request) -> dict[str, Any]:
    path = reverse("api-pos-approval-override", args=[answer.pk]) if answer.pk else ""
    return {
        "id": answer.pk,
        "outcome": answer.outcome,
        "mode": answer.mode,
        "would_be": answer.would_be,
        "reasons": answer.reasons,
        "rule_version": answer.rule_version,
        "state": answer.state,
        "override": {
            "how": f"POST {path} with approver and reason; it is always possible."
            if path
            else "Go on: nothing holds it up, and this answer could not be kept."
        },
    }
