"""What belongs to the API as a whole: time, its own description, and what is not there."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.authentication import ApiKeyAuthentication
from shrink.api.documentation import documentation

T1_LONGEST = 100
T1 = {"type": "string", "maxLength": T1_LONGEST}


class TimeSerializer(serializers.Serializer):
    t1 = serializers.CharField(allow_null=True, help_text="What was sent as t1, unread and unchanged.")
    t2 = serializers.DateTimeField(help_text="When the server received the request.")
    t3 = serializers.DateTimeField(help_text="When the server sent this answer.")


class TimeView(APIView):
    """Server time, for a four-timestamp clock exchange.

    Note the instant of your answer's arrival as t4. With t1 in your own clock,
    your clock's error is `((t1 - t2) + (t4 - t3)) / 2` and the round trip took
    `(t4 - t1) - (t3 - t2)`; of several exchanges trust the one with the shortest.
    """

    authentication_classes = [ApiKeyAuthentication]
    required_scope = None

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        self.received_at = timezone.now()  # before the key is looked up
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="time",
        tags=["time"],
        parameters=[OpenApiParameter("t1", T1, description="The caller's clock at sending, in any form.")],
        responses={200: TimeSerializer, 400: OpenApiResponse(description="A t1 of more than 100 characters.")},
    )
    def get(self, request: Request) -> Response:
        t1 = request.query_params.get("t1")
        if t1 is not None and len(t1) > T1_LONGEST:
            raise exceptions.ValidationError({"t1": f"Send at most {T1_LONGEST} characters."})
        reply = Response({"t1": t1, "t2": _instant(self.received_at), "t3": _instant(timezone.now())})
        reply["Cache-Control"] = "no-store"
        return reply


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, for anyone."""

    authentication_classes: list[type] = []

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


def docs(request: HttpRequest) -> Any:
    """The same for people: one page, no script, nothing fetched from elsewhere."""
    return render(request, "api/docs.html", documentation())


class NotHereView(APIView):
    """Any other address under the API: a problem, not a page."""

    authentication_classes: list[type] = []
    permission_classes: list[type] = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound("There is no such call. GET /api/v1/docs lists those there are.")
