"""What every test of the till's side shares."""

import pytest

from pos.services import approvals


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a till asks is answered by the rules, however busy the machine that runs the tests."""
    monkeypatch.setattr(approvals, "BUDGET_S", 30.0)
    monkeypatch.setattr(approvals, "LOG_S", 30.0)
