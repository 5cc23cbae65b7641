"""`manage.py provision STORE.yaml`: one YAML file is a store."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lanes import provisioning
from lanes.provisioning import Provisioned, ProvisioningRefused

EXAMPLE = Path(provisioning.__file__).with_name("example.yaml")


class Command(BaseCommand):
    help = "Create or update a store from one YAML file. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="the store file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print ids and, once only, the API keys made")
        parser.add_argument("--example", action="store_true", help="print an annotated store file and stop")

    def handle(self, *args: Any, file: str | None, json: bool, example: bool, **options: Any) -> None:
        if example:
            self.stdout.write(EXAMPLE.read_text(encoding="utf-8"), ending="")
            return
        if not file:
            raise CommandError("Name a store file, or - for standard input. `provision --example` prints one.")
        text, base_dir = _read(file)
        try:
            done = provisioning.provision(text, base_dir=base_dir)
        except ProvisioningRefused as refused:
            raise CommandError(_refusal(file, refused)) from None
        self._print_json(done) if json else self._print(done)

    def _print_json(self, done: Provisioned) -> None:
        self.stdout.write(json.dumps(done.answer, indent=2, ensure_ascii=False))
        for warning in done.warnings:
            self.stderr.write(self.style.WARNING(warning))

    def _print(self, done: Provisioned) -> None:
        say = self.stdout.write
        say(f"Store {done.store.code} ({done.store.name})" + ("" if done.changed else ": nothing changed."))
        for change in done.changes:
            say(f"  {change}")
        for key in done.answer["api_keys"]:
            if secret := done.secret(key["name"]):
                say(self.style.SUCCESS(f"  key {key['name']} ({', '.join(key['scopes'])}): {secret}"))
        if done.answer["keys"]:
            say("  Keep these keys now: they are not shown again.")
        if done.left_alone:
            say(f"  Not in the file, left alone: {', '.join(done.left_alone)}.")
        for warning in done.warnings:
            say(self.style.WARNING(f"  {warning}"))


def _read(file: str) -> tuple[str, Path]:
    """The document and where its relative paths start."""
    if file == "-":
        return sys.stdin.read(), Path.cwd()
    path = Path(file)
    try:
        return path.read_text(encoding="utf-8-sig"), path.resolve().parent
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text: save it as UTF-8.") from None


def _refusal(file: str, refused: ProvisioningRefused) -> str:
    name = "standard input" if file == "-" else file
    count = len(refused.problems)
    mistakes = "one mistake" if count == 1 else f"{count} mistakes"
    lines = [f"  {problem}" for problem in refused.problems]
    return "\n".join([f"{name} was refused, nothing was changed ({mistakes}):", *lines])
