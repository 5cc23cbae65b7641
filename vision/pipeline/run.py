"""Seeing, as one plain loop: frames, gate, detector, tracker, zones, drafts of events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import cv2
import numpy as np

from vision.domain.belief import Belief
from vision.domain.furniture import furniture_step
from vision.domain.geometry import LaneGeometry, view_area
from vision.domain.presence import presence_step
from vision.domain.shelf import shelf_step
from vision.domain.sightings import sightings
from vision.domain.tracker import Track, TrackerConfig, patience_s, tracker_rest, tracker_step
from vision.domain.types import Box, Detection, Frame, Label, VisualEventDraft, ZoneShape
from vision.domain.zone_events import zone_step
from vision.pipeline.detector import Detector
from vision.pipeline.gate import Attention, GateConfig, gate_rests, gate_step, luma_blocks
from vision.pipeline.motion import Background, MotionConfig, background_step, proposals
from vision.pipeline.picture import sharpness
from vision.pipeline.shelf_looks import LookConfig, ShelfView, looks_step, views_of
from vision.pipeline.state import LaneVision, StateUnreadable

__all__ = ["LaneVision", "PipelineConfig", "SegmentReport", "StateUnreadable", "analyse"]


@dataclass(frozen=True)
class PipelineConfig:
    margin_n: float = 0.05
    """How far beyond the zones the detector looks."""
    others_confidence: float = 0.25
    """What a hand, a person or a bag needs to be believed; items are weighed by the tracker."""
    young_mean: float = 0.5
    """See zone_step; for detectors that have a class for goods in general."""
    gap_s: float = 8.0
    """After a longer hole in the video nothing is taken to be the same thing as before."""
    gate: GateConfig = field(default_factory=GateConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)
    tracker: TrackerConfig = field(default_factory=TrackerConfig)
    looks: LookConfig = field(default_factory=LookConfig)


@dataclass
class SegmentReport:
    """What a segment cost and how its picture is. `*_ms` are sums of wall time over the segment."""

    decoded: int = 0
    analysed: int = 0
    gated: int = 0
    decode_ms: float = 0.0
    gate_ms: float = 0.0
    detector_ms: float = 0.0
    motion_ms: float = 0.0
    tracking_ms: float = 0.0
    mean_luma: float | None = None
    sharpness: float | None = None
    first_at: float | None = None
    last_at: float | None = None


def analyse(
    frames: Iterable[Frame],
    detector: Detector,
    zones: Sequence[ZoneShape],
    config: PipelineConfig,
    state: LaneVision | None,
    attention: Attention | None = None,
) -> tuple[LaneVision, list[VisualEventDraft], SegmentReport]:
    """What happened in `frames` (in order of time), given what is remembered from before (`state`).

    Splitting the same frames at any place gives the same events. Frames not later than the last one seen are skipped.
    `attention` tells whoever decodes the frames whether fewer will do; it follows from the state alone, so that the
    same video from the same state gives the same frames.
    """
    state = state or LaneVision()
    report, events, lumas, sharps = SegmentReport(), list[VisualEventDraft](), list[float](), list[float]()
    view: _View | None = None
    attention = attention or Attention()
    attention.rests = _rests(state, config)
    clock = perf_counter()
    for frame in frames:
        report.decode_ms += (perf_counter() - clock) * 1e3
        report.decoded += 1
        if view is None or view.shape != frame.image.shape:
            view = _View.of(zones, frame.image.shape, config)
        if frame.at > state.at or view.layout != state.layout:
            state, found = _look(frame, view, detector, config, _ready(state, view, frame.at, config), report)
            events += found
            attention.rests = _rests(state, config)
            report.first_at = frame.at if report.first_at is None else report.first_at
            report.last_at = frame.at
            lumas.append(float(state.gate.previous.mean()) if state.gate.previous is not None else 0.0)
            if not sharps or len(lumas) % 10 == 0:
                sharps.append(sharpness(view.crop(frame.image)))
        clock = perf_counter()
    report.mean_luma = round(float(np.mean(lumas)), 2) if lumas else None
    report.sharpness = round(float(np.mean(sharps)), 2) if sharps else None
    return state, events, report


@dataclass(frozen=True)
class _View:
    """The zones on pictures of one size: what part to look at and how things flow through it."""

    shape: tuple[int, ...]
    layout: str
    zones: Sequence[ZoneShape]
    lane: LaneGeometry | None
    area: Box
    pixels: tuple[int, int, int, int]
    aspect: float
    shelves: tuple[ShelfView, ...]

    @classmethod
    def of(cls, zones: Sequence[ZoneShape], shape: tuple[int, ...], config: PipelineConfig) -> _View:
        height, width = shape[:2]
        aspect = height / width
        area = view_area(zones, config.margin_n)
        pixels = (int(area.x1 * width), int(area.y1 * height), round(area.x2 * width), round(area.y2 * height))
        area = Box(pixels[0] / width, pixels[1] / height, pixels[2] / width, pixels[3] / height)
        text = repr([(str(zone.kind), zone.polygon) for zone in zones]) + f"{aspect:.3f}"
        layout = hashlib.sha256(text.encode()).hexdigest()[:16]
        shelves = views_of(zones, shape, config.looks)
        return cls(shape, layout, zones, LaneGeometry.of(zones, aspect), area, pixels, aspect, shelves)

    def crop(self, image: np.ndarray) -> np.ndarray:
        x1, y1, x2, y2 = self.pixels
        return image[y1:y2, x1:x2]

    def whole(self, found: Detection) -> Detection:
        """A detection of the crop in coordinates of the whole picture."""
        (b, a) = found.box, self.area
        box = Box(a.x1 + b.x1 * a.width, a.y1 + b.y1 * a.height, a.x1 + b.x2 * a.width, a.y1 + b.y2 * a.height)
        return replace(found, box=box)


def _ready(state: LaneVision, view: _View, at: float, config: PipelineConfig) -> LaneVision:
    """The state to go on with: none of it where the zones changed, no tracks after a long hole."""
    if state.layout != view.layout:
        return LaneVision(layout=view.layout)
    if at - state.at > config.gap_s:
        fresh = replace(LaneVision().tracker, next_id=state.tracker.next_id)
        return replace(state, tracker=fresh, zones=LaneVision().zones, looks=(), shelf=LaneVision().shelf)
    return state


def _rests(state: LaneVision, config: PipelineConfig) -> bool:
    return gate_rests(state.gate, state.at, config.gate) and _patience_s(state) > 0


def _patience_s(state: LaneVision) -> float:
    """For how long an unchanged picture need not be looked at."""
    return 0.0 if any(look.disturbed for look in state.looks) else patience_s(state.tracker)


def _look(
    frame: Frame, view: _View, detector: Detector, config: PipelineConfig, state: LaneVision, report: SegmentReport
) -> tuple[LaneVision, list[VisualEventDraft]]:
    start = perf_counter()
    crop = view.crop(frame.image)
    gate, worth = gate_step(state.gate, luma_blocks(crop), frame.at, config.gate, patience_s=_patience_s(state))
    report.gate_ms += (perf_counter() - start) * 1e3
    state = replace(state, gate=gate, at=frame.at)
    if not worth:
        report.gated += 1
        return replace(state, tracker=tracker_rest(state.tracker, frame.at)), []
    report.analysed += 1
    background, detections = _detect(frame, crop, view, detector, config, state, report)
    start = perf_counter()
    young_mean = config.young_mean if detector.generic_item else 0.0
    state = replace(state, background=background)
    state, events = _conclude(state, view, detections, frame, config, young_mean, detector.belief)
    report.tracking_ms += (perf_counter() - start) * 1e3
    return state, events


def _detect(
    frame: Frame,
    crop: np.ndarray,
    view: _View,
    detector: Detector,
    config: PipelineConfig,
    state: LaneVision,
    report: SegmentReport,
) -> tuple[Background | None, list[Detection]]:
    start = perf_counter()
    found = sightings(detector.detect([crop])[0], config.others_confidence)
    report.detector_ms += (perf_counter() - start) * 1e3
    start = perf_counter()
    background = state.background
    if not detector.generic_item:
        background, mask = background_step(background, crop, frame.at, config.motion)
        known = [one for one in found if one.confidence >= config.tracker.birth_confidence]
        found += proposals(mask, known, view.lane.axis if view.lane else None, config.motion)
    found = [replace(one, colour=colour_of(crop, one.box)) if one.label is Label.ITEM else one for one in found]
    report.motion_ms += (perf_counter() - start) * 1e3
    return background, [view.whole(one) for one in found]


def _conclude(
    state: LaneVision,
    view: _View,
    detections: list[Detection],
    frame: Frame,
    config: PipelineConfig,
    young_mean: float,
    belief: Belief | None,
) -> tuple[LaneVision, list[VisualEventDraft]]:
    at = frame.at
    presence, events = presence_step(state.presence, view.zones, detections, at)
    furniture = state.furniture
    if view.lane is not None:
        furniture, detections = furniture_step(furniture, detections, min(at - state.tracker.at, 1.0), view.lane)
    state = replace(state, presence=presence, furniture=furniture)
    tracker, tracked = tracker_step(state.tracker, detections, at, view.aspect, config.tracker)
    zones = state.zones
    if view.lane is not None:
        zones, crossed = zone_step(zones, tracked, at, view.lane, young_mean, belief)
        events += crossed
    state = replace(state, tracker=tracker, zones=zones)
    if view.shelves:
        state, moved = _shelves(state, view, detections, tracked.live, frame, config)
        events += moved
    return state, events


def _shelves(
    state: LaneVision,
    view: _View,
    detections: list[Detection],
    tracks: Sequence[Track],
    frame: Frame,
    config: PipelineConfig,
) -> tuple[LaneVision, list[VisualEventDraft]]:
    people = [one.box for one in detections if one.label in (Label.HAND, Label.PERSON) and one.name]
    looks, changes = looks_step(state.looks, view.shelves, frame.image, people, frame.at, config.looks)
    areas = {shelf.zone: shelf.area for shelf in view.shelves}
    shelf, events = shelf_step(state.shelf, areas, changes, tracks, frame.at, view.aspect)
    return replace(state, looks=looks, shelf=shelf), events


def colour_of(crop: np.ndarray, box: Box) -> tuple[float, float, float]:
    """Mean Lab (L 0..100, a and b -128..127) of the middle of the box."""
    height, width = crop.shape[:2]
    inner = box.grown(0.5)
    x1, y1 = min(int(max(inner.x1, 0) * width), width - 1), min(int(max(inner.y1, 0) * height), height - 1)
    patch = crop[y1 : max(y1 + 1, int(inner.y2 * height)), x1 : max(x1 + 1, int(inner.x2 * width))]
    mean = np.asarray(cv2.mean(patch)[:3], np.float32).reshape(1, 1, 3) / 255
    light, a, b = cv2.cvtColor(mean, cv2.COLOR_BGR2LAB).ravel().tolist()
    return light, a, b
