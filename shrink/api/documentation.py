"""The OpenAPI document, turned into what one page shows."""

import json
from collections.abc import Iterator
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import spectacular_settings


def openapi() -> dict[str, Any]:
    """The document as GET schema serves it, for anyone."""
    return SchemaGenerator().get_schema(request=None, public=True)


def documentation() -> dict[str, Any]:
    """``{title, description, calls, shapes}``."""
    document = openapi()
    return {
        "title": spectacular_settings.TITLE,
        "description": spectacular_settings.DESCRIPTION,
        "calls": list(_calls(document)),
        "shapes": [_shape(name, schema) for name, schema in document["components"]["schemas"].items()],
    }


def _calls(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "id": operation["operationId"],
                "description": operation.get("description", ""),
                "scopes": [scope for way in operation.get("security", []) for scope in way.get("ApiKey", [])],
                "parameters": operation.get("parameters", []),
                "takes": _names(operation.get("requestBody", {})),
                "responses": [
                    {"status": status, "description": said.get("description", ""), "gives": _names(said)}
                    for status, said in operation["responses"].items()
                ],
            }


def _shape(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    return {
        "name": name,
        "description": schema.get("description", ""),
        "values": schema.get("enum", []),
        "fields": [
            {"name": field, "kind": _kind(said), "required": field in required, "says": said.get("description", "")}
            for field, said in schema.get("properties", {}).items()
        ],
    }


def _kind(schema: dict[str, Any]) -> str:
    """A field's type in a few words."""
    if names := _names(schema):
        return ("list of " if schema.get("type") == "array" else "") + " or ".join(names)
    kind = schema.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words


def _names(schema: dict[str, Any]) -> list[str]:
    """The shapes that ``schema`` refers to, each once."""
    text = json.dumps(schema)
    parts = text.split('"#/components/schemas/')[1:]
    return list(dict.fromkeys(part.partition('"')[0] for part in parts))
