"""`manage.py pos ...`: documents of other tills, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lanes.models import Store
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.reading import AdapterConfig, DocumentNotUnderstood, Reading, Refusal
from pos.management.sending import documents_config, replay, sending_arguments
from pos.replay.sending import GaveUp, Pace, Refused, real_pace
from pos.services.documents import Taken, reading_take

SHOWN = 20
"""Events, refusals and rejections that are written out; of more the number is."""


class Command(BaseCommand):
    help = (
        "Read documents of other systems (POSLog, NAXML, receipts, tables, JSON), show what is understood of them,"
        " or send a file of events as a till would."
    )
    pace: Pace = real_pace()

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("adapters", help="which kinds of documents there are")
        show = acts.add_parser("show", help="say what is understood of documents, and store nothing")
        take = acts.add_parser("read", help="store what documents say; again changes nothing")
        take.add_argument("--store", required=True, help="the store's code")
        for act in (show, take):
            act.add_argument(
                "kind", choices=sorted(ADAPTERS), metavar="KIND", help=f"one of {', '.join(sorted(ADAPTERS))}"
            )
            act.add_argument("path", type=Path, nargs="+", help="a file, or a folder of files")
        sending = acts.add_parser("send", help="send a file of events to a server through HTTP; again changes nothing")
        sending_arguments(sending)
        for act in (show, take, sending):
            act.add_argument("--terminal", default="", help="the till's code, where the document names none")
            act.add_argument("--currency", default="", help="ISO 4217; parts in another are refused")
            act.add_argument("--options", type=Path, help="a YAML or JSON file: how this till's documents are read")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "send":
            self._send(options)
            return
        if options["act"] == "adapters":
            for kind, adapter in sorted(ADAPTERS.items()):
                self.stdout.write(f"{kind:14} {adapter.title} (at best by {adapter.granularity})")
            return
        config = documents_config(options, options["kind"])
        store = self._store(options["store"]) if options["act"] == "read" else None
        unread = 0
        for path in _files(options["path"]):
            try:
                self._one(path, options["kind"], config, store)
            except (DocumentNotUnderstood, OSError) as error:
                unread += 1
                self.stderr.write(f"{path}: {error}")
        if unread:
            raise CommandError(f"{unread} of the files could not be read; the others were.")

    def _send(self, options: dict[str, Any]) -> None:
        try:
            reading, sent = replay(options, now=timezone.now(), pace=self.pace, told=self.stderr.write)
        except (DocumentNotUnderstood, OSError, Refused, GaveUp) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{len(reading.events)} events in {sent.batches} batches: {sent.accepted} stored,"
            f" {sent.duplicates} known before, {len(sent.rejected)} rejected; {len(reading.refusals)} parts refused"
        )
        if options["shift"] and sent.duplicates and not sent.accepted:
            self.stdout.write("  All of these ids had been sent before: name another --run to send them as new.")
        self._rejected(sent.rejected)
        self._refused(reading.refusals)
        if sent.rejected or reading.refusals:
            raise CommandError("Some of the file was not taken, see above; the rest was.")

    def _one(self, path: Path, kind: str, config: AdapterConfig, store: Store | None) -> None:
        reading = ADAPTERS[kind].read(path.read_bytes(), config)
        if store is None:
            self._shown(path, reading)
        else:
            self._taken(path, reading_take(store=store, reading=reading, now=timezone.now()))

    def _store(self, code: str) -> Store:
        try:
            return Store.objects.get(code=code)
        except Store.DoesNotExist as error:
            known = ", ".join(Store.objects.values_list("code", flat=True)[:SHOWN]) or "none yet"
            raise CommandError(f"There is no store {code} (there is: {known}). Provision it first.") from error

    def _shown(self, path: Path, reading: Reading) -> None:
        self.stdout.write(f"{path}: {len(reading.events)} events, {len(reading.refusals)} parts refused")
        for event in reading.events[:SHOWN]:
            data = event.get("data") or {}
            words = (event["occurred_at"], event["terminal"], event.get("transaction") or "-", event["type"])
            about = " ".join(str(data[name]) for name in ("description", "quantity", "amount") if data.get(name))
            self.stdout.write(f"  {' '.join(words)} {about}")
        self._more(len(reading.events))
        for ticket in reading.declared[:SHOWN]:
            self.stdout.write(f"  ticket {ticket.transaction}: the document says {ticket.total} {ticket.currency}")
        self._refused(reading.refusals)

    def _taken(self, path: Path, taken: Taken) -> None:
        self.stdout.write(
            f"{path}: {taken.tickets} tickets, {taken.events} events: {taken.accepted} stored,"
            f" {taken.duplicates} known before, {len(taken.rejected)} rejected; {len(taken.refused)} parts refused"
        )
        self._rejected(taken.rejected)
        self._refused(taken.refused)

    def _rejected(self, rejected: list[tuple[str, str, str]]) -> None:
        for external_id, code, detail in rejected[:SHOWN]:
            self.stdout.write(f"  rejected {external_id} ({code}): {detail}")
        self._more(len(rejected))

    def _refused(self, refused: tuple[Refusal, ...]) -> None:
        for one in refused[:SHOWN]:
            self.stdout.write(f"  refused {one.part} ({one.code}): {one.detail}")
        self._more(len(refused))

    def _more(self, number: int) -> None:
        if number > SHOWN:
            self.stdout.write(f"  ... and {number - SHOWN} more")


def _files(paths: list[Path]) -> list[Path]:
    """Files in the order that they are named in; those of a folder by name."""
    found: list[Path] = []
    for path in paths:
        found += sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    return found
