"""`manage.py model ...`: the detectors that cameras look with, as versions."""

from __future__ import annotations

import getpass
import json
from argparse import Action
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lanes.models import Camera
from privacy.models import User
from vision.models import Detector, DetectorVersion
from vision.pipeline import score, trial
from vision.pipeline.detector import Detector as Eye
from vision.pipeline.detector import detector_open
from vision.pipeline.export import export
from vision.pipeline.openvino_detector import WeightsUnusable
from vision.pipeline.weights import weights_read
from vision.selectors.detectors import DetectorUnknown, cameras_using, shadow_compared, version_named
from vision.services import detectors

EXPECTED = (WeightsUnusable, DetectorUnknown, detectors.VersionRefused, ValueError, OSError)
PROMOTES = "vision.change_detector"


class Command(BaseCommand):
    help = "Register, check, benchmark, export, compare and promote the detectors that cameras look with."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("list", help="what is registered, and which version looks")
        add = acts.add_parser("add", help="register weights as the next version of a name")
        add.add_argument("path", type=Path, help="an OpenVINO folder, an .onnx or a .pt")
        add.add_argument("--name", required=True)
        add.add_argument("--note", default="")
        _mapping(add)
        check = acts.add_parser("check", help="open weights and say what they are")
        check.add_argument("model", help="NAME, NAME@NUMBER or a path")
        _mapping(check)
        bench = acts.add_parser("benchmark", help="what they cost on this machine, and how well they do on a data set")
        bench.add_argument("model", nargs="+", help="NAME, NAME@NUMBER or a path; the first is what others are held to")
        bench.add_argument("--pictures", type=Path, help="look at these instead of a grey lane")
        bench.add_argument("--dataset", type=Path, help="a YOLO data set: also average precision by label")
        bench.add_argument("--looks", type=int, default=100)
        out = acts.add_parser("export", help="from a .pt, or a name that ultralytics knows, to OpenVINO or ONNX")
        out.add_argument("weights")
        out.add_argument("--out", type=Path, required=True)
        out.add_argument("--format", choices=("openvino", "onnx"), default="openvino")
        out.add_argument("--size", default="384x640", help="HEIGHTxWIDTH of its input, multiples of 32")
        out.add_argument("--int8", type=Path, metavar="DATA.YAML", help="quantise, calibrated on this data set")
        shadow = acts.add_parser("shadow", help="let a version look beside the one in use, unheeded")
        shadow.add_argument("model", help="NAME@NUMBER; with --stop: NAME")
        shadow.add_argument("--camera", action="append", default=[], help="STORE/CODE; may be repeated. Left out: all")
        shadow.add_argument("--stop", action="store_true")
        acts.add_parser("compare", help="what a shadow saw, against the one in use").add_argument("model")
        for act, what in (("promote", "put a version into use"), ("rollback", "return to the one before")):
            change = acts.add_parser(act, help=what)
            change.add_argument("model", help="NAME@NUMBER" if act == "promote" else "NAME")
            change.add_argument("--by", required=True, help="the user name of who decides")
            change.add_argument("--reason", required=True)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            getattr(self, f"_{act}")(options)
        except EXPECTED as error:
            raise CommandError(str(error)) from None

    def _list(self, options: Mapping[str, Any]) -> None:
        for detector in Detector.objects.select_related("used", "shadow"):
            self.stdout.write(f"{detector.name}: {len(cameras_using(detector))} cameras look with it")
            for version in detector.versions.all():
                role = {detector.used_id: "in use", detector.shadow_id: "in the shadow"}.get(version.pk, "")
                by = f"added {version.added_at:%Y-%m-%d} by {version.added_by}"
                self.stdout.write(f"  {version.number:>3}  {version.digest[:12]}  {role:13} {by}  {version.note}")

    def _add(self, options: Mapping[str, Any]) -> None:
        version, weights = detectors.version_add(
            name=options["name"],
            path=options["path"],
            mapping=options["map"],
            note=options["note"],
            actor=_shell(),
            now=timezone.now(),
        )
        self.stdout.write(f"{version}, {version.digest[:12]}")
        self._say_classes(weights.classes, weights.dropped)
        if version.detector.used_id != version.pk:
            self.stdout.write(f"Not in use yet. Next: manage.py model shadow {version}, then model promote {version}.")

    def _check(self, options: Mapping[str, Any]) -> None:
        path, mapping = _where(options["model"])
        weights = weights_read(path, options["map"] or mapping)
        eye = detector_open(str(path), mapping=options["map"] or mapping or None)
        (cost,) = trial.cost_of([eye], trial.pictures_of(None), looks=10)
        self.stdout.write(f"{path}: usable, SHA-256 {weights.digest[:16]}, {cost.middle_ms} ms a picture here.")
        self._say_classes(weights.classes, weights.dropped)
        if not eye.generic_item:
            self.stdout.write("No class for goods of any kind: what moves and is nothing else counts as goods.")
        if eye.belief is None:
            self.stdout.write("No calibration beside it: its sightings are believed by rules, see docs/operations.md.")
        if not weights.training_data:
            self.stdout.write("What it was trained on is not told (figures.json, `training_data`).")

    def _benchmark(self, options: Mapping[str, Any]) -> None:
        cv2.setNumThreads(1)
        eyes = [_eye(name) for name in options["model"]]
        costs = trial.cost_of(eyes, trial.pictures_of(options["pictures"]), options["looks"])
        fps = settings.ANALYSED_FPS
        for name, cost in zip(options["model"], costs, strict=True):
            times = costs[0].middle_ms / cost.middle_ms
            many = f"{cost.cameras(fps):.0f} cameras a core at {fps:g} looks a second, the model alone"
            self.stdout.write(f"{name}: {cost.middle_ms} ms a picture, {times:.2f} times the first; {many}")
            found = {"ms": cost.middle_ms, "least_ms": cost.least_ms, "looks": cost.looks}
            if options["dataset"]:
                found |= (told := score.score(_eye(name, score.CONFIDENCE), options["dataset"]))
                self.stdout.write("  " + ", ".join(f"{key} {one:.3f}" for key, one in told["per_label_map50"].items()))
            _measured(name, found)

    def _export(self, options: Mapping[str, Any]) -> None:
        height, _, width = options["size"].partition("x")
        if not (height.isdigit() and width.isdigit() and int(height) % 32 == int(width) % 32 == 0):
            raise CommandError("--size is HEIGHTxWIDTH, both multiples of 32: for example 384x640.")
        made = export(options["weights"], options["out"], options["format"], (int(height), int(width)), options["int8"])
        self.stdout.write(f"{made}. Next: manage.py model check {made}")

    def _shadow(self, options: Mapping[str, Any]) -> None:
        version = version_named(options["model"])
        if options["stop"]:
            detectors.shadow_stop(detector=version.detector, actor=_shell())
            self.stdout.write(f"Nothing looks in the shadow of {version.detector} any more.")
            return
        cameras = [_camera(text) for text in options["camera"]]
        detectors.shadow_start(version=version, cameras=cameras, actor=_shell(), now=timezone.now())
        self.stdout.write(f"{version} looks in the shadow. See: manage.py model compare {version}")

    def _compare(self, options: Mapping[str, Any]) -> None:
        found = shadow_compared(version_named(options["model"]))
        if not found.seconds:
            raise CommandError(
                f"{found.shadow} has not looked in any shadow. Start: manage.py model shadow {found.shadow}"
            )
        self.stdout.write(f"{found.shadow} against {', '.join(found.used)}: {found.cameras} cameras, ", ending="")
        self.stdout.write(f"{found.seconds / 60:.0f} minutes; {found.failures} failures {found.failure}")
        self.stdout.write(
            f"model, ms per second of video: {found.used_cost:.1f} in use, {found.shadow_cost:.1f} shadow"
        )
        for kind, one in found.by_type.items():
            sure = "{:.2f} and {:.2f} sure".format(*one.sure)
            counts = f"{one.both} both, {len(one.only_used)} in use only, {len(one.only_shadow)} shadow only"
            self.stdout.write(f"  {kind:16} {counts} ({sure})")

    def _promote(self, options: Mapping[str, Any]) -> None:
        version, person = version_named(options["model"]), _person(options["by"])
        detectors.detector_promote(version=version, actor=person, reason=options["reason"], now=timezone.now())
        self.stdout.write(f"{version} is in use from the next segment on.")

    def _rollback(self, options: Mapping[str, Any]) -> None:
        detector, person = version_named(options["model"]).detector, _person(options["by"])
        back = detectors.detector_roll_back(
            detector=detector, actor=person, reason=options["reason"], now=timezone.now()
        )
        self.stdout.write(f"{back} is in use again.")

    def _say_classes(self, classes: Mapping[int, str], dropped: tuple[str, ...]) -> None:
        kept = [name for name in classes.values() if name not in dropped]
        self.stdout.write(f"{len(kept)} of {len(classes)} classes mean something to us: {', '.join(kept[:12])}")
        if dropped:
            self.stdout.write(f"Left out, map those that are goods: {', '.join(dropped[:12])}")


def _mapping(parser: Any) -> None:
    parser.add_argument(
        "--map",
        action=_Mapping,
        default={},
        metavar="CLASS=LABEL",
        help="may be repeated; labels: item hand person bag",
    )


class _Mapping(Action):
    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        name, sign, label = values.rpartition("=")
        if not sign or not name:
            parser.error(f"{values}: write --map CLASS=LABEL, for example --map 'milk carton=item'.")
        setattr(namespace, self.dest, getattr(namespace, self.dest) | {name: label})


def _shell() -> str:
    return f"shell: {getpass.getuser()}"


def _person(name: str) -> User:
    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody signs in as {name}. A person decides: name an active user.")
    if not person.has_perm(PROMOTES):
        raise CommandError(
            f"{name} may not choose detectors: give the permission {PROMOTES}, or name somebody who may."
        )
    return person


def _camera(text: str) -> Camera:
    store, _, code = text.partition("/")
    camera = Camera.objects.filter(store__code=store, code=code).first()
    if camera is None:
        raise CommandError(f"There is no camera {text}. Write STORE/CODE, for example S1/L1-top.")
    return camera


def _where(text: str) -> tuple[Path, dict[str, str]]:
    """Path and mapping of what is registered under this name, else of what lies there."""
    try:
        version = version_named(text)
    except DetectorUnknown:
        if Path(text).exists():
            return Path(text), {}
        raise
    return Path(settings.DATA_DIR) / version.path, version.mapping


def _eye(text: str, confidence: float = 0.1) -> Eye:
    path, mapping = _where(text)
    return detector_open(str(path), mapping=mapping or None, confidence=confidence)


def _measured(text: str, found: dict[str, Any]) -> None:
    """Written down with the version, where it is one."""
    try:
        version = version_named(text)
    except DetectorUnknown:
        return
    told = version.measured | json.loads(json.dumps(found)) | {"at": timezone.now().isoformat()}
    DetectorVersion.objects.filter(pk=version.pk).update(measured=told)
