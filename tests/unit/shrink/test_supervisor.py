import signal

import pytest

from shrink.supervisor import backoff_s, deaths_in_a_row


@pytest.mark.parametrize(
    ("deaths", "pause", "reason"),
    [
        (0, 0.2, "it had run for long: at once"),
        (1, 0.5, "one quick death"),
        (3, 2.0, "it keeps dying"),
        (50, 2.0, "never longer: capture has to resume within 15 s"),
    ],
)
def test_pause_before_a_restart(deaths: int, pause: float, reason: str) -> None:
    assert backoff_s(deaths) == pause, reason


@pytest.mark.parametrize(
    ("code", "ran_s", "deaths", "reason"),
    [
        (1, 0.5, 3, "it fails again as it starts"),
        (1, 60.0, 0, "it had run for long"),
        (-signal.SIGSEGV, 0.5, 3, "its own failure too"),
        (-signal.SIGKILL, 0.5, 0, "somebody killed it: nothing is wrong with it"),
    ],
)
def test_quick_deaths_in_a_row(code: int, ran_s: float, deaths: int, reason: str) -> None:
    assert deaths_in_a_row(2, code=code, ran_s=ran_s) == deaths, reason
