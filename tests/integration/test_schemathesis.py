"""Whatever fits the document, and much that does not, is answered as documented and never with a 500.

Twelve examples of a call each; more, and other ones at every run: `API_EXAMPLES=500`, see docs/api.md.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cases.models import Case, Decision
from lanes.models import ApiKey
from pos.models import HeldEvent, PosEvent
from privacy.models import AuditEvent
from tests.factories.cases import case_at, evidence_of
from tests.factories.stores import SmallStore, key_of, small_store
from vision.models import VisualEvent

pytestmark = pytest.mark.django_db(transaction=True)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A batch is taken event by event: what breaks the document inside it is listed in the answer and no error of the call.
# A decision's words may be numbers.
LENIENT = {"/api/v1/pos/events", "/api/v1/vision/events", "/api/v1/time", "/api/v1/cases/{case_id}/decision"}
# A reason that is owed and a case that is decided are no matter of shapes.
OUGHT_TO_BE_TAKEN = {"/api/v1/pos/events", "/api/v1/vision/events", "/api/v1/lanes", "/api/v1/time"}
UNNAMED = {405, 406, 415}
EXAMPLES = int(os.environ.get("API_EXAMPLES", "12"))
DEEP = "API_EXAMPLES" in os.environ
FEW = 3
CALLS = 13
KEPT = (PosEvent, VisualEvent, HeldEvent, Decision)


Attempt = Callable[[Any, schemathesis.Case, bool], None]
"""Operation, call, whether it is to speak of what there is."""


def attempted(operation: Any, attempt: Attempt, examples: int, mode: GenerationMode) -> None:
    @given(case=operation.as_strategy(generation_mode=mode), home=st.booleans())
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=not DEEP,
        database=None,
        phases=[Phase.generate, Phase.shrink] if DEEP else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: schemathesis.Case, home: bool) -> None:
        attempt(operation, case, home)

    check()


def attempt_every_call(
    api: schemathesis.BaseSchema,
    attempt: Attempt,
    *,
    examples: int = EXAMPLES,
    mode: GenerationMode = GenerationMode.POSITIVE,
) -> set[str]:
    """The paths that were tried."""
    found = [each.ok() for each in api.get_all_operations()]
    for operation in found:
        attempted(operation, attempt, examples, mode)
    return {operation.path for operation in found}


@pytest.fixture
def api() -> schemathesis.BaseSchema:
    found = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", get_wsgi_application())
    found.config.generation.update(with_security_parameters=False)  # who calls is what each test says
    return found


@pytest.fixture
def shop() -> SmallStore:
    return small_store()


@pytest.fixture
def undecided(shop: SmallStore) -> Callable[[], Case]:
    """A case with a clip and two stills; whenever it is asked for nobody has decided it."""
    case = case_at(shop)
    evidence_of(case, seconds=1.0)

    def again() -> Case:
        Decision.objects.filter(case=case).delete()
        Case.objects.filter(pk=case.pk).update(status=Case.Status.OPEN, resolved_at=None)
        return case

    return again


def stored() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in KEPT}


def scopes_of(operation: Any) -> list[str]:
    return [scope for way in operation.definition.raw.get("security", []) for scope in way.get("ApiKey", [])]


def at_home(asked: schemathesis.Case, case: Case) -> None:
    """Speak of what there is: this store's case, terminal and camera."""
    if "case_id" in (asked.path_parameters or {}):
        asked.path_parameters |= {"case_id": str(case.pk)}
    if "position" in (asked.path_parameters or {}):
        asked.path_parameters |= {"position": 1}
    for event in events_in(asked.body):
        for name, code in (("terminal", "T1"), ("camera", "L1-top")):
            if name in event:
                event[name] = code


def events_in(body: Any) -> list[dict[str, Any]]:
    sent = body.get("events", [body]) if isinstance(body, dict) else body
    return [event for event in sent if isinstance(event, dict)] if isinstance(sent, list) else []


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_every_call_keeps_to_its_document(
    api: schemathesis.BaseSchema, shop: SmallStore, undecided: Callable[[], Case], mode: GenerationMode
) -> None:
    key = key_of(shop.store, *ApiKey.Scope.values, name="all")

    def attempt(operation: Any, case: schemathesis.Case, home: bool) -> None:
        if home:
            at_home(case, undecided())
        before = stored()
        answer = case.call(headers={"Authorization": f"Api-Key {key}"})
        case.validate_response(answer, checks=checks_for(case, mode))
        assert str(answer.status_code) in operation.definition.raw["responses"] or answer.status_code in UNNAMED
        if answer.status_code >= 400:
            assert stored() == before, "nothing of what is refused is kept"
        elif operation.path.endswith("/events"):
            all_is_accounted_for(case.body, answer.json(), before)

    assert len(attempt_every_call(api, attempt, mode=mode)) == CALLS


def checks_for(case: schemathesis.Case, mode: GenerationMode) -> list[Any]:
    path = case.operation.path
    if mode is GenerationMode.NEGATIVE:
        lenient = path in LENIENT or asks_beside_the_document(case)
        return CHECKS if lenient else [*CHECKS, negative_data_rejection]
    return [*CHECKS, positive_data_acceptance] if path in OUGHT_TO_BE_TAKEN else CHECKS


def asks_beside_the_document(case: schemathesis.Case) -> bool:
    """Whether the query has what is passed over: a filter left empty, as forms send it, or a name that there is not."""
    documented = {parameter["name"] for parameter in case.operation.definition.raw.get("parameters", [])}
    return any(name not in documented or value in ("", [""]) for name, value in (case.query or {}).items())


def all_is_accounted_for(body: Any, said: dict[str, Any], before: dict[str, int]) -> None:
    """Every event of a batch is new, known or refused, and the new ones are stored."""
    sent = body if isinstance(body, list) else body.get("events", [body])
    assert said["accepted"] + said["duplicates"] + len(said["rejected"]) == len(sent)
    after = stored()
    assert sum(after[name] - before[name] for name in ("PosEvent", "VisualEvent")) == said["accepted"]


@pytest.mark.parametrize("scope", [*ApiKey.Scope.values, ""], ids=lambda scope: scope or "no scope")
def test_a_key_opens_what_its_scope_says_and_nothing_else(
    api: schemathesis.BaseSchema, shop: SmallStore, undecided: Callable[[], Case], scope: str
) -> None:
    key = key_of(shop.store, *filter(None, [scope]), name="one")

    def attempt(operation: Any, case: schemathesis.Case, home: bool) -> None:
        at_home(case, undecided())
        before = stored()
        answer = case.call(headers={"Authorization": f"Api-Key {key}"})
        case.validate_response(answer, checks=CHECKS)
        wanted = scopes_of(operation)
        refused = bool(wanted) and scope not in wanted
        assert (answer.status_code == 403) == refused
        if refused:
            assert (answer.json()["code"], stored()) == ("scope_missing", before)

    attempt_every_call(api, attempt, examples=FEW)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Api-Key abcdefgh.secret"}], ids=["no key", "unknown key"])
def test_without_a_key_every_call_is_refused_and_changes_nothing(
    api: schemathesis.BaseSchema, undecided: Callable[[], Case], header: dict[str, str]
) -> None:
    def attempt(operation: Any, case: schemathesis.Case, home: bool) -> None:
        at_home(case, undecided())
        before = stored()
        answer = case.call(headers=header)
        case.validate_response(answer, checks=CHECKS)
        assert answer.status_code == 401
        assert (stored(), AuditEvent.objects.count()) == (before, known)

    known = AuditEvent.objects.count()
    attempt_every_call(api, attempt, examples=FEW)


def test_a_key_of_another_store_finds_nothing_of_this_one(
    api: schemathesis.BaseSchema, undecided: Callable[[], Case]
) -> None:
    key = key_of(small_store("S002").store, *ApiKey.Scope.values, name="other")

    def attempt(operation: Any, case: schemathesis.Case, home: bool) -> None:
        at_home(case, undecided())
        answer = case.call(headers={"Authorization": f"Api-Key {key}"})
        case.validate_response(answer, checks=CHECKS)
        assert answer.status_code == 404 or "{case_id}" not in operation.path

    attempt_every_call(api, attempt, examples=FEW)
