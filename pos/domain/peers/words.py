"""Scores in plain words. They compare counts; they say nothing about anybody's intentions."""

from __future__ import annotations

from pos.domain.peers.seen import Kind


def number(value: float) -> str:
    """As many digits as a reader wants: 0.42, 5.2, 38."""
    if value < 0.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 19.95 else f"{value:.0f}"


def counted(count: int, kind: Kind) -> str:
    return f"{count or 'No'} {kind.one if count == 1 else kind.many}"


def compared(
    count: int, expected: float, ratio: tuple[float, float, float], coverage: float, kind: Kind, sort: str
) -> str:
    """What was seen against what was to be expected; `ratio`: mean, low and high; `sort`: allowed for, or ""."""
    was = "was" if number(expected) == "1.0" else "were"
    allowing = f", allowing for “{sort}”" if sort else ""
    mean, low, high = (number(value) for value in ratio)
    where = f"at these lanes, hours and baskets{allowing}"
    return (
        f"{counted(count, kind)} where {number(expected)} {was} to be expected {where}: "
        f"{mean} times as often, {coverage * 100:g} % between {low} and {high}."
    )


def standing_out(chance: float, peers: int, share: float) -> str:
    return (
        f"More than chance and the usual differences between the {peers} peers explain: {one_in(chance)} would have as "
        f"many. At most about {share * 100:g} % of what is pointed out like this is chance. There may be a good reason "
        f"that the till does not know."
    )


def within(peers: int) -> str:
    return f"Within what is usual among the {peers} peers."


def one_in(chance: float) -> str:
    """How rare, rounded to one digit: 0.00023 is "about one in 4,000"."""
    if chance < 1e-6:
        return "fewer than one in a million"
    times = 1.0 / chance
    step = 10 ** max(len(str(int(times))) - 1, 0)
    return f"about one in {round(times / step) * step:,}"
