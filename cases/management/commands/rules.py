"""`manage.py rules load|export|import|backtest`: the rules of exceptions, from and to files."""

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.domain.exceptions.backtest import OUTCOMES, totals_of
from cases.domain.exceptions.reading import RuleRefused
from cases.models import ExceptionRule, ExceptionRuleVersion, RuleBacktest
from cases.services.backtests import backtest_ask, backtest_step
from cases.services.rules import RuleWaits, catalogue_load, document_parse, document_write, version_add
from lanes.models import Store


class Command(BaseCommand):
    help = "Rules of exceptions: load what is shipped, write rules to files, read them back, try one on past days."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("load", help="the shipped rules, as drafts; running it again changes nothing")
        export = acts.add_parser("export", help="each rule's latest version as a YAML file")
        export.add_argument("folder", type=Path, help="where to, made if it is not there")
        export.add_argument("--store", help="the rules of this store; else those of all stores")
        read = acts.add_parser("import", help="YAML or JSON files, each a new version of its rule, as a draft")
        read.add_argument("files", nargs="+", type=Path)
        read.add_argument("--store", help="as rules of this store; else of all stores")
        read.add_argument("--note", default="", help="what changed")
        back = acts.add_parser("backtest", help="what a version would have found in a store's past days")
        back.add_argument("version", help="like R03@2; R03 is its latest")
        back.add_argument("--store", required=True)
        back.add_argument("--from", dest="first", required=True, help="the first day, 2026-11-01")
        back.add_argument("--to", dest="last", required=True, help="the last day")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        acts = {"load": self._load, "export": self._export, "import": self._import, "backtest": self._backtest}
        acts[act](options)

    def _load(self, options: dict[str, Any]) -> None:
        new = catalogue_load(now=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{new} new versions of shipped rules, as drafts." if new else "Nothing new.")

    def _export(self, options: dict[str, Any]) -> None:
        store, folder = _store(options["store"]), options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        rules = ExceptionRule.objects.filter(store=store).prefetch_related("versions")
        for rule in rules:
            path = folder / f"{rule.code}.yaml"
            path.write_text(document_write(rule.versions.all()[0].document), encoding="utf-8")
        self.stdout.write(f"{len(rules)} rules written to {folder}.")

    def _import(self, options: dict[str, Any]) -> None:
        """A file that is refused costs the others nothing."""
        store, refused = _store(options["store"]), 0
        for path in options["files"]:
            try:
                text = path.read_text(encoding="utf-8")
                added = version_add(
                    actor=_operator(), document=document_parse(text), store=store, note=options["note"],
                    now=timezone.now(),
                )  # fmt: skip
            except (OSError, UnicodeDecodeError) as error:
                refused += 1
                self.stderr.write(f"{path}: cannot be read: {error}")
            except RuleRefused as error:
                refused += 1
                self.stderr.write("\n".join(f"{path}: {problem}" for problem in error.problems))
            else:
                self.stdout.write(f"{path}: {added.version}{'' if added.new else ', known already'}.")
        if refused:
            raise CommandError(f"{refused} of {len(options['files'])} files were refused; the others are in.")

    def _backtest(self, options: dict[str, Any]) -> None:
        store = _store(options["store"])
        assert store is not None, "--store is required"
        first, last = _day(options["first"]), _day(options["last"])
        try:
            asked = backtest_ask(
                actor=_operator(), version=_version(options["version"], store), store=store, first_day=first,
                last_day=last, now=timezone.now(),
            )  # fmt: skip
        except RuleWaits as waits:
            raise CommandError(str(waits)) from None
        while backtest_step(backtest_id=asked.pk, now=timezone.now()):
            pass
        self._tell(RuleBacktest.objects.select_related("version__rule", "store").get(pk=asked.pk))

    def _tell(self, backtest: RuleBacktest) -> None:
        for row in backtest.result.get("days", []):
            self.stdout.write(f"{row['day']} {row['lane']}: {row['findings']}")
        totals = totals_of(backtest.result.get("days", []))
        outcomes = ", ".join(f"{totals[outcome]} {outcome}" for outcome in OUTCOMES)
        self.stdout.write(f"{backtest}: {totals['findings']} findings ({outcomes}).")
        if totals["unanswered"]:
            self.stdout.write(f"Matched besides, but the video could not say: {totals['unanswered']}.")


def _store(code: str | None) -> Store | None:
    if code is None:
        return None
    store = Store.objects.filter(code=code).first()
    if store is None:
        known = ", ".join(Store.objects.order_by("code").values_list("code", flat=True)[:20]) or "none yet"
        raise CommandError(f"There is no store {code}. There are: {known}.")
    return store


def _version(name: str, store: Store) -> ExceptionRuleVersion:
    """The store's own rule of that code, else that of all stores."""
    code, _, number = name.partition("@")
    versions = ExceptionRuleVersion.objects.filter(rule__code=code).select_related("rule")
    versions = versions.filter(number=int(number)) if number.isdigit() else versions
    own = versions.filter(rule__store=store).first()
    found = own or versions.filter(rule__store=None).first()
    if found is None:
        raise CommandError(f"There is no rule {name}: `manage.py rules load` brings the shipped ones.")
    return found


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise CommandError(f"{text} is no day: write it like 2026-11-01.") from None


def _operator() -> str:
    """Who runs the command, as the machine knows them; a container may know nobody."""
    try:
        return f"command:{getpass.getuser()}"
    except (KeyError, OSError):
        return "command"
