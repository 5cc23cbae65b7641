"""What is wrong with a camera's picture, told from a few figures of it twice a second.

Relative faults are held against what is usual for this camera, learnt while nothing seems wrong; a fault is told when
it has held for four seconds, and is over when it has gone for three. A camera that has only just begun is judged by
absolute limits alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import exp, isfinite


class Fault(StrEnum):
    BLACK = "black"
    FROZEN = "frozen"
    COVERED = "covered"
    BLURRED = "blurred"
    GLARE = "glare"
    MOVED = "moved"
    SLOW = "slow"
    CLOCK_JUMP = "clock_jump"


BLINDING = frozenset({Fault.BLACK, Fault.FROZEN, Fault.COVERED, Fault.BLURRED, Fault.MOVED})
"""While one of them lasts, that nothing was seen means nothing."""
OF_PICTURES = (Fault.BLACK, Fault.COVERED, Fault.FROZEN, Fault.GLARE, Fault.BLURRED, Fault.MOVED)
"""Those that single pictures tell."""
SAMPLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Picture:
    """Figures of one picture at `at` (Unix s). Brightness and its spread in grey levels, 0..255.

    `sharpness`: variance of the Laplacian. `detail`: mean strength of edges. `change`: mean difference to the picture
    half a second before, grey levels; NaN where there is none. `bright`: share that is overexposed. `flat`: share of
    the parts of the view that usually show something and now show nothing. `agreement`: correlation of the edges with
    those of the usual view, -1..1. `shift`: how far the view lies from the usual one, as a share of its width, and
    `shift_sure`: how clearly, 0..1.
    """

    at: float
    luma: float
    spread: float
    sharpness: float
    detail: float
    change: float
    bright: float
    flat: float
    agreement: float
    shift: tuple[float, float]
    shift_sure: float


@dataclass(frozen=True)
class FaultConfig:
    black_luma: float = 14.0
    black_spread: float = 6.0
    flat_spread: float = 5.0
    """A picture without any contrast shows nothing, whatever is usual."""
    covered_share: float = 0.35
    """Of the view: a label or a hand over so much of the lens."""
    covered_detail: float = 0.3
    blurred_sharpness: float = 0.3
    """Shares of the usual."""
    glare_share: float = 0.07
    """Of the picture, beyond what is usual."""
    moved_agreement: float = 0.35
    moved_detail: float = 0.45
    moved_share: float = 0.03
    """Zones that are off by so much of the width no longer fit."""
    shift_sure: float = 0.25
    still: float = 0.1
    """Share of the usual change; noise alone makes more."""
    still_least: float = 0.15
    """A camera that usually shows less change than that cannot be told from a frozen one."""
    window: int = 8
    raise_at: int = 7
    still_raise_at: int = 6
    """Key frames of a frozen picture differ a little."""
    clear_at: int = 2
    young: int = 20
    usual_s: float = 120.0
    slow_share: float = 0.6
    jump_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What this camera's picture is like. `n`: samples so far; `stir`: the change of a quiet picture."""

    n: int = 0
    luma: float = 0.0
    sharpness: float = 0.0
    detail: float = 0.0
    bright: float = 0.0
    stir: float = 0.0
    fps: float = 0.0
    delay_s: float = 0.0
    segments: int = 0


@dataclass(frozen=True, slots=True)
class FaultState:
    """`evidence`: per fault the latest answers, oldest first; `told`: faults that last, and since when."""

    usual: Usual = field(default_factory=Usual)
    evidence: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    told: Mapping[str, float] = field(default_factory=dict)
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class FaultChange:
    """A fault is told at `at` (Unix s), which began about `since`, or is over. `measured`: what it was told from."""

    fault: Fault
    begins: bool
    since: float
    at: float
    measured: Mapping[str, float]


def picture_step(state: FaultState, picture: Picture, config: FaultConfig) -> tuple[FaultState, list[FaultChange]]:
    """One more picture. Samples are expected about half a second apart."""
    signs = _signs(state, picture, config)
    limits = {fault: config.still_raise_at if fault is Fault.FROZEN else config.raise_at for fault in OF_PICTURES}
    measured = _measured(state.usual, picture)
    state, changes = _weighed(state, signs, picture.at, limits, config.window, config.clear_at, SAMPLE_S, measured)
    if not any(any(state.evidence.get(fault, ())) for fault in OF_PICTURES):
        state = replace(state, usual=_learnt(state.usual, picture, picture.at - state.at, config))
    return replace(state, at=picture.at), changes


def segment_step(
    state: FaultState, at: float, length_s: float, fps: float, delay_s: float | None, config: FaultConfig
) -> tuple[FaultState, list[FaultChange]]:
    """One more segment of `length_s` that ended at `at`: its pictures a second, and how long after its end it came
    (None: the camera has no clock of its own)."""
    usual = state.usual
    grown = usual.segments >= 5
    signs = {
        Fault.SLOW: grown and fps < config.slow_share * usual.fps,
        Fault.CLOCK_JUMP: grown and delay_s is not None and abs(delay_s - usual.delay_s) > config.jump_s,
    }
    measured = {"fps": fps, "usual_fps": usual.fps, "delay_s": delay_s or 0.0, "usual_delay_s": usual.delay_s}
    state, changes = _weighed(state, signs, at, dict.fromkeys(signs, 2), 2, 0, length_s, measured)
    share = 1 / (min(usual.segments, 30) + 1)
    # a rate that stays low stays a fault; a clock that was set is soon the usual one
    after = replace(usual, segments=usual.segments + 1)
    if not any(state.evidence.get(Fault.SLOW, ())):
        after = replace(after, fps=usual.fps + share * (fps - usual.fps))
    if delay_s is not None:
        quick = max(share, 0.25) if grown else share
        after = replace(after, delay_s=usual.delay_s + quick * (delay_s - usual.delay_s))
    return replace(state, usual=after), changes


def _signs(state: FaultState, picture: Picture, config: FaultConfig) -> dict[Fault, bool]:
    """Which faults this one picture speaks for; of several only the one that explains the others, and freezing."""
    usual, grown = state.usual, state.usual.n >= config.young
    black = picture.luma < config.black_luma and picture.spread < config.black_spread
    hidden = picture.detail < config.covered_detail * usual.detail or picture.flat >= config.covered_share
    covered = picture.spread < config.flat_spread or (grown and hidden)
    glare = grown and picture.bright > usual.bright + config.glare_share
    same_view = picture.agreement >= config.moved_agreement
    blurred = grown and same_view and picture.sharpness < config.blurred_sharpness * usual.sharpness
    found = {
        Fault.BLACK: black,
        Fault.GLARE: glare and not black,
        Fault.BLURRED: blurred and not (black or glare),
        Fault.COVERED: covered and not (black or glare or blurred),
    }
    whole = grown and picture.detail > config.moved_detail * usual.detail and not any(found.values())
    found[Fault.MOVED] = whole and (not same_view or _shifted(picture, config))
    still = grown and isfinite(picture.change) and usual.stir >= config.still_least
    shows = not (black or found[Fault.COVERED])
    found[Fault.FROZEN] = still and shows and picture.change < config.still * usual.stir
    return found


def _shifted(picture: Picture, config: FaultConfig) -> bool:
    return picture.shift_sure >= config.shift_sure and max(map(abs, picture.shift)) >= config.moved_share


def _weighed(
    state: FaultState,
    signs: Mapping[Fault, bool],
    at: float,
    raise_at: Mapping[Fault, int],
    window: int,
    clear_at: int,
    every_s: float,
    measured: Mapping[str, float],
) -> tuple[FaultState, list[FaultChange]]:
    evidence, told, changes = dict(state.evidence), dict(state.told), []
    for fault, sign in signs.items():
        seen = (*evidence.get(fault, ()), sign)[-window:]
        evidence[fault] = seen
        if fault not in told and sum(seen) >= raise_at[fault]:
            told[fault] = at - every_s * sum(seen)
            changes.append(FaultChange(fault, True, told[fault], at, measured))
        elif fault in told and sum(seen) <= clear_at and not sign:
            changes.append(FaultChange(fault, False, told[fault], at, measured))
            del told[fault]
    return replace(state, evidence=evidence, told=told), changes


def _learnt(usual: Usual, picture: Picture, dt: float, config: FaultConfig) -> Usual:
    share = max(1 / (usual.n + 1), 1 - exp(-max(0.0, min(dt, 5.0)) / config.usual_s))

    def towards(before: float, now: float) -> float:
        return before + share * (now - before)

    stir = usual.stir
    if isfinite(picture.change):
        # a quantile: goods and hands change much more, and are not the camera's noise
        low = picture.change < stir
        stir = picture.change if not stir else stir * (1 - 0.04) if low else stir * (1 + 0.01)
        stir = min(stir, max(picture.change, 0.02) * 4)
    return replace(
        usual,
        n=usual.n + 1,
        luma=towards(usual.luma, picture.luma),
        sharpness=towards(usual.sharpness, picture.sharpness),
        detail=towards(usual.detail, picture.detail),
        bright=towards(usual.bright, picture.bright),
        stir=stir,
    )


def _measured(usual: Usual, picture: Picture) -> dict[str, float]:
    return {
        "luma": round(picture.luma, 1),
        "sharpness": round(picture.sharpness, 1),
        "usual_sharpness": round(usual.sharpness, 1),
        "detail": round(picture.detail, 2),
        "usual_detail": round(usual.detail, 2),
        "change": round(picture.change, 3) if isfinite(picture.change) else 0.0,
        "usual_change": round(usual.stir, 3),
        "bright": round(picture.bright, 3),
        "flat": round(picture.flat, 2),
        "agreement": round(picture.agreement, 2),
        "shift_x": round(picture.shift[0], 3),
        "shift_y": round(picture.shift[1], 3),
        "shift_sure": round(picture.shift_sure, 2),
    }


_SENTENCES = {
    Fault.BLACK: "The picture is black: switch on the light, or see whether the lens is covered or the camera dead.",
    Fault.FROZEN: "The picture stands still although video comes in: restart the camera.",
    Fault.COVERED: "The picture shows hardly anything: something is in front of the lens.",
    Fault.BLURRED: "The picture is out of focus: clean the lens or focus it again.",
    Fault.GLARE: "Part of the picture is blinded by light: shade the lamp or turn the camera away from it.",
    Fault.SLOW: "Too few pictures a second come in: look at the camera's settings and its network.",
    Fault.CLOCK_JUMP: "The camera's clock was set: let it follow a time server.",
}


def fault_sentence(fault: Fault, measured: Mapping[str, float]) -> str:
    """What is so and what to do."""
    if fault is Fault.MOVED:
        far = max(abs(measured.get("shift_x", 0.0)), abs(measured.get("shift_y", 0.0)))
        known = measured.get("shift_sure", 0.0) >= FaultConfig().shift_sure and far > 0.0
        how = f"by {100 * far:.0f} % of the picture's width" if known else "or turned"
        return f"The camera was moved {how}: turn it back, or draw its zones anew."
    return _SENTENCES[fault]
