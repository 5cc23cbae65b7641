"""`manage.py rejudge STORE/LANE --reason …`: judge a lane again, from its beginning or from an instant."""

import getpass
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.services.rejudging import Rejudged, RejudgePlan, RejudgeWaits, lane_rejudge, rejudge_plan
from lanes.models import Lane, Store


class Command(BaseCommand):
    help = "Judge lanes again from what was seen and rung up. Decided cases stay; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("lane", nargs="?", help="one lane, as STORE/LANE")
        which.add_argument("--store", help="all lanes of this store")
        which.add_argument("--all", action="store_true", help="all lanes of all stores")
        parser.add_argument("--from", dest="since", help="an instant with its zone, 2026-11-20T09:00:00Z; else all")
        parser.add_argument("--reason", default="", help="why, for the audit trail; owed unless --dry")
        parser.add_argument("--dry", action="store_true", help="only say where it would begin")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, reason: str, dry: bool, json: bool, **options: Any) -> None:
        lanes = _lanes(options["lane"], options["store"])
        since = _instant(options["since"])
        if not dry and not reason.strip():
            raise CommandError("Say why with --reason: it is kept in the audit trail. Or look first, with --dry.")
        done: list[Any] = []
        for lane in lanes:
            done.append(rejudge_plan(lane=lane, since=since) if dry else self._again(lane, since, reason.strip()))
            if not json:
                self.stdout.write(_sentence(done[-1]))
        if json:
            self.stdout.write(_document(done))

    def _again(self, lane: Lane, since: datetime | None, reason: str) -> Rejudged:
        try:
            return lane_rejudge(actor=_operator(), lane=lane, since=since, reason=reason, clock=timezone.now)
        except RejudgeWaits as waits:
            raise CommandError(
                f"{waits}: another process keeps judging it. It is marked, and will be judged again by the workers."
            ) from None


def _lanes(name: str | None, store_code: str | None) -> list[Lane]:
    lanes = Lane.objects.select_related("store").order_by("store__code", "code")
    if name is None and store_code is None:
        return list(lanes)
    store, slash, code = (name or f"{store_code}/").partition("/")
    if not slash or (name is not None and not code):
        raise CommandError(f"{name} is no lane: write STORE/LANE, for example S001/L1.")
    if not Store.objects.filter(code=store).exists():
        known = ", ".join(Store.objects.order_by("code").values_list("code", flat=True)[:20])
        raise CommandError(f"There is no store {store}. " + (f"There are: {known}." if known else "There is none yet."))
    found = list(lanes.filter(store__code=store))
    if name is None:
        return found
    chosen = [lane for lane in found if lane.code == code]
    if not chosen:
        raise CommandError(f"Store {store} has no lane {code}. It has: {', '.join(ln.code for ln in found) or 'none'}.")
    return chosen


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no instant: write it like 2026-11-20T09:00:00Z.") from None
    if at.tzinfo is None:
        raise CommandError(f"{text} does not say its zone: add Z for UTC, or an offset like +01:00.")
    if at > timezone.now():
        raise CommandError(f"{text} has not come yet: nothing has been judged from then on.")
    return at


def _operator() -> str:
    """Who runs the command, as the machine knows them; a container may know nobody."""
    try:
        return f"command:{getpass.getuser()}"
    except (KeyError, OSError):
        return "command"


def _sentence(done: Rejudged | RejudgePlan) -> str:
    if done.since is None:
        return f"{done.lane}: nothing was ever seen or rung up."
    if isinstance(done, RejudgePlan):
        after = f"after {done.after:%Y-%m-%d %H:%M:%S} UTC" if done.after else "from its beginning"
        return (
            f"{done.lane}: would be judged again {after}: {done.checkpoints} checkpoints forgotten, "
            f"{done.discrepancies} discrepancies looked at again."
        )
    return (
        f"{done.lane}: judged again from {done.since:%Y-%m-%d %H:%M:%S} UTC in {done.looks} looks: "
        f"{len(done.opened)} opened, {len(done.changed)} changed, {len(done.withdrawn)} withdrawn; "
        f"{done.cpu_s:.2f} s of processor time."
    )


def _document(done: Iterable[Rejudged | RejudgePlan]) -> str:
    return json.dumps({"lanes": [asdict(one) for one in done]}, indent=2, default=lambda at: at.isoformat())
