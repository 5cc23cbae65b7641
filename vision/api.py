"""The door for detectors outside: edge boxes and third parties."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.authentication import ApiKeyAuthentication
from lanes.batches import BatchReply, batch_items, batch_read
from lanes.documentation import BatchReplySerializer
from lanes.models import ApiKey, Camera, Store
from vision.documentation import VisualEventSerializer
from vision.serializers import Intake, visual_event_decode, visual_event_row
from vision.services.events import visual_events_record


class VisualEventsView(APIView):
    """Take a batch of 1 to 1,000 visual events.

    Every event is judged on its own: a bad one is listed in `rejected` and never
    costs the good ones beside it. An event whose id is known changes nothing and
    counts as a duplicate, so a batch may be sent again whenever the answer was lost.
    """

    authentication_classes = [ApiKeyAuthentication]
    batch_of = VisualEventSerializer
    required_scope = ApiKey.Scope.VISION_WRITE

    @extend_schema(operation_id="vision_events", tags=["events"], responses=BatchReplySerializer)
    def post(self, request: Request) -> Response:
        intake = _intake(request.auth.store)
        items = batch_items(request)
        rows, rejected = batch_read(items, visual_event_decode, lambda sent: visual_event_row(sent, intake))
        accepted = visual_events_record(rows=rows)
        return Response(BatchReply(accepted, len(rows) - accepted, rejected).as_dict())


def _intake(store: Store) -> Intake:
    cameras = Camera.objects.filter(store=store).values_list("code", "id", "lane_id")
    return Intake(
        store_id=store.pk,
        zone=ZoneInfo(store.timezone),
        received_at=timezone.now(),
        cameras={code: (camera_id, lane_id) for code, camera_id, lane_id in cameras},
    )
