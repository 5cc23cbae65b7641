"""Paths into JSON, in the language JMESPath (jmespath.org)."""

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from lanes.domain.payload import Refused
from pos.adapters.reading import ConfigRefused

LENGTH_LIMIT = 300
PIECES_LIMIT = 60
"""Names, filters and calls in one path: lists that are doubled again and again would otherwise fill any memory."""


def path_compiled(option: str, path: object) -> ParsedResult:
    """``path`` ready for use. Raises ConfigRefused."""
    if not isinstance(path, str) or not path.strip() or len(path) > LENGTH_LIMIT:
        raise ConfigRefused(
            f"{option} is no path. Write a JMESPath of at most {LENGTH_LIMIT} characters, like sale.total."
        )
    try:
        compiled = jmespath.compile(path)
        pieces = _pieces(compiled.parsed)
    except (JMESPathError, ValueError, RecursionError) as error:
        shown = " ".join(str(error).split())[:120]
        raise ConfigRefused(f"{option}: {path[:60]!r} is no JMESPath ({shown}). Write one like sale.total.") from error
    if pieces > PIECES_LIMIT:
        raise ConfigRefused(
            f"{option}: {path[:60]!r} has {pieces} pieces; at most {PIECES_LIMIT} are run. Simplify it."
        )
    return compiled


def value_at(path: ParsedResult, holder: Any, name: str) -> Any:
    """What stands there, None for nothing; true and false as words. Raises Refused (``bad_path``)."""
    try:
        found = path.search(holder)
    except (JMESPathError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError):
        raise Refused(
            "bad_path", f"The path of {name} cannot be followed here: a value is not of the kind it expects. Check it."
        ) from None
    return str(found).lower() if isinstance(found, bool) else found


def _pieces(node: Any) -> int:
    return 1 + sum(_pieces(child) for child in node.get("children", ()) if isinstance(child, dict))
