"""Whatever fits the document, and much that does not, is answered as documented and never with a 500."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories.stores import key_of, small_store

pytestmark = pytest.mark.django_db(transaction=True)
# That what breaks the document must be a 4xx is not among them, on purpose: a bad event is listed in the answer and
# is no error of the call.
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12


@pytest.fixture
def api() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", get_wsgi_application())


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_every_call_keeps_to_its_document(api: schemathesis.BaseSchema, mode: GenerationMode) -> None:
    key = key_of(small_store().store, "pos.write", "vision.write", "cases.read", "cases.decide", name="all")
    asked = []
    for found in api.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Api-Key {key}"}, checks=CHECKS)
            asked.append(case.path)

        check()
    assert {"/api/v1/pos/events", "/api/v1/vision/events", "/api/v1/time"} <= set(asked)
