"""GET time: a four-timestamp exchange."""

from datetime import datetime

from django.utils import timezone
from rest_framework.test import APIClient

URL = "/api/v1/time"


def test_it_tells_when_it_received_and_when_it_answered(till: APIClient) -> None:
    before = timezone.now()
    reply = till.get(URL, {"t1": "whatever you like"})
    after = timezone.now()
    body = reply.json()
    t2, t3 = datetime.fromisoformat(body["t2"]), datetime.fromisoformat(body["t3"])
    assert before <= t2 <= t3 <= after
    assert body["t1"] == "whatever you like"
    assert reply.headers["cache-control"] == "no-store"


def test_t1_may_be_left_out(till: APIClient) -> None:
    assert till.get(URL).json()["t1"] is None


def test_a_novel_as_t1_is_refused(till: APIClient) -> None:
    problem = till.get(URL, {"t1": "x" * 101})
    assert problem.status_code == 400
    assert problem.json()["errors"] == [{"pointer": "/t1", "code": "invalid", "detail": "Send at most 100 characters."}]
