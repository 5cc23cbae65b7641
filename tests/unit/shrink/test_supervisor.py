import pytest

from shrink.supervisor import backoff_s


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
