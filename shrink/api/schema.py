"""How a view becomes an entry of the OpenAPI document.

Beside what drf-spectacular reads from a view: the scope it requires, the
problems it may answer with, and, for a view with ``batch_of``, that its body
may be a list, an object with ``events``, or one event.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from lanes.batches import MAX_EVENTS

PROBLEM_TYPE = "application/problem+json"
NEEDS_KEY = {
    "401": "No key, or one that is unknown, revoked or expired; the detail says which.",
    "403": "The key lacks the scope, or the person the role.",
}
BATCH = {"400": "Not a batch of events at all: nothing was taken.", "413": "Larger than 8 MiB: nothing was taken."}
OTHERS = {"default": "Any other error."}


class ProblemErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="Which field, as a JSON pointer.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField(help_text="A URI reference that names the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do, for people.")
    code = serializers.CharField(help_text="What is wrong, for programs; never changes.")
    errors = ProblemErrorSerializer(many=True, required=False)


class ContractSchema(AutoSchema):
    """The project's DEFAULT_SCHEMA_CLASS."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if getattr(self.view, "batch_of", None):
            operation["requestBody"] = self._batch_body(operation["requestBody"])
        operation["responses"] = self._with_problems(operation["responses"])
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        scope = getattr(self.view, "required_scope", None)
        ways = super().get_auth()
        # OpenAPI 3.1 lets every kind of scheme name the roles that a call needs.
        return [{"ApiKey": [str(scope)]} if "ApiKey" in way and scope else way for way in ways if self._open_to(way)]

    def _open_to(self, way: dict[str, list[str]]) -> bool:
        return "cookieAuth" not in way or getattr(self.view, "person_permission", None) is not None

    def get_request_serializer(self) -> Any:
        batch_of = getattr(self.view, "batch_of", None)
        return batch_of(many=True) if batch_of else super().get_request_serializer()

    def _batch_body(self, body: dict[str, Any]) -> dict[str, Any]:
        content = body["content"]["application/json"]
        events = {**content["schema"], "minItems": 1, "maxItems": MAX_EVENTS}
        wrapped = {"type": "object", "properties": {"events": events}, "required": ["events"]}
        content["schema"] = {"oneOf": [events, wrapped, events["items"]]}
        return {**body, "required": True}

    def _with_problems(self, responses: dict[str, Any]) -> dict[str, Any]:
        """``responses`` with those every call like this may give; one the view names itself keeps its words."""
        problem = self.resolve_serializer(ProblemSerializer, "response").ref
        content = {PROBLEM_TYPE: {"schema": problem}}
        known = {status: {"description": says} for status, says in self._problems().items()} | responses
        return {
            status: said if status.startswith(("2", "3")) else {**said, "content": content}
            for status, said in sorted(known.items())
        }

    def _problems(self) -> dict[str, str]:
        known = NEEDS_KEY | OTHERS if hasattr(self.view, "required_scope") else OTHERS
        if getattr(self.view, "batch_of", None):
            known = known | BATCH
        elif self.path.count("{") or self._is_list_view():
            known = known | {"404": "Not there, or not yours to see."}
        if self.method not in ("GET", "HEAD") or self._is_list_view():
            known = {"400": "A value cannot be used; errors says which and why."} | known
        return known


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "lanes.authentication.ApiKeyAuthentication"
    match_subclasses = True
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key <key>`. A key belongs to one store and carries scopes.",
        }
