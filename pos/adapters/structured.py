"""JSON from strangers: amounts stay decimal, sizes are limited, and anything may be missing or of another type."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from pos.adapters.reading import DocumentNotUnderstood, size_checked

SIZE_LIMIT = 16 * 2**20


def json_read(document: bytes) -> Any:
    """``document`` with numbers as int or Decimal. Raises DocumentNotUnderstood."""
    size_checked(document, SIZE_LIMIT)
    try:
        return json.loads(document, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError as error:
        raise DocumentNotUnderstood("The JSON is nested too deeply to be an order. Send the order alone.") from error
    except (ValueError, ArithmeticError) as error:
        if isinstance(error, DocumentNotUnderstood):
            raise
        raise DocumentNotUnderstood(
            "This is no JSON. Send the body of the webhook or of the answer as it came, whole."
        ) from error


def _no_number(name: str) -> NoReturn:
    raise DocumentNotUnderstood(f"The JSON holds {name}, which is no number. Send the body as it came.")


def record(value: Any) -> dict[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def records(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Place and content of each object in the list ``value``; of nothing else."""
    found = value if isinstance(value, list) else []
    return ((place, item) for place, item in enumerate(found) if isinstance(item, dict))
