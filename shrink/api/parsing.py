"""What the API reads as JSON, batches of events excepted (``lanes.batches``)."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JSONBody(JSONParser):
    """The project's DEFAULT_PARSER_CLASSES: brackets without end are the caller's mistake, not ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.", "too_deep") from error
