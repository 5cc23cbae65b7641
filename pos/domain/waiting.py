"""How long to wait before trying a door again."""

FIRST_S, LONGEST_S = 0.5, 60.0


def wait_before(failures: int, share: float) -> float:
    """Seconds after so many failures in a row (1 or more): doubled each time up to a minute, and of that between half
    and all, as ``share`` (0..1, drawn at random) says, so that many doors do not knock together."""
    longest = min(LONGEST_S, FIRST_S * 2.0 ** min(failures, 16))
    return longest * (0.5 + share / 2)
