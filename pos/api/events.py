"""The door for tills."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.authentication import ApiKeyAuthentication
from lanes.batches import batch_items
from lanes.documentation import BatchReplySerializer
from lanes.models import ApiKey
from pos.documentation import PosEventSerializer
from pos.services.intake import events_take


class PosEventsView(APIView):
    """Take a batch of 1 to 1,000 POS events.

    Every event is judged on its own: a bad one is listed in `rejected` and never
    costs the good ones beside it. An event whose id is known changes nothing and
    counts as a duplicate, so a batch may be sent again whenever the answer was lost.
    """

    authentication_classes = [ApiKeyAuthentication]
    batch_of = PosEventSerializer
    required_scope = ApiKey.Scope.POS_WRITE

    @extend_schema(operation_id="pos_events", tags=["events"], responses=BatchReplySerializer)
    def post(self, request: Request) -> Response:
        reply = events_take(store=request.auth.store, items=batch_items(request), now=timezone.now())
        return Response(reply.as_dict())
