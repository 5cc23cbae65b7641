"""The door for tills."""

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.authentication import ApiKeyAuthentication
from lanes.batches import BatchReply, batch_items, batch_read
from lanes.documentation import BatchReplySerializer
from lanes.models import ApiKey, Store, Terminal
from pos.documentation import PosEventSerializer
from pos.serializers import Intake, pos_event_decode, pos_event_row
from pos.services import pos_events_record
from privacy.pseudonyms import pseudonym


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
        intake = _intake(request.auth.store)
        items = batch_items(request)
        rows, rejected = batch_read(items, pos_event_decode, lambda sent: pos_event_row(sent, intake))
        accepted = pos_events_record(rows=rows)
        return Response(BatchReply(accepted, len(rows) - accepted, rejected).as_dict())


def _intake(store: Store) -> Intake:
    terminals = Terminal.objects.filter(store=store).values_list("code", "id", "lane_id")
    return Intake(
        store_id=store.pk,
        zone=ZoneInfo(store.timezone),
        received_at=timezone.now(),
        terminals={code: (terminal_id, lane_id) for code, terminal_id, lane_id in terminals},
        person=_person(store.code),
    )


def _person(store_code: str) -> Callable[[str], str]:
    """Operators' pseudonyms in this store, each made once per batch."""

    @cache
    def of(value: str) -> str:
        return pseudonym(store_code, "operator", value)

    return of
