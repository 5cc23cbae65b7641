"""Rules as versions: loaded, written, tried on past days, put into force by a person, returned to, taken out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from cases.domain.exceptions.reading import RuleRefused
from cases.models import ExceptionRule, ExceptionRuleVersion, RuleBacktest, RuleTerm
from cases.models.rules import RuleVersionFixed
from cases.selectors.rules import lane_terms
from cases.services.backtests import STALE, backtest_ask, backtest_cancel, backtest_step, backtests_expire
from cases.services.rules import (
    RuleWaits,
    catalogue_load,
    document_parse,
    rule_go_live,
    rule_retire,
    rule_roll_back,
    version_add,
)
from lanes.models import Governance, StoreMembership
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence
from privacy.registry import Subject, personal_data
from tests.factories.cases import case_at
from tests.factories.lane_day import START, pos_event, send
from tests.factories.rules import UNPAID, in_force, shipped, tried, tried_long, written
from tests.factories.stores import SmallStore, small_store

pytestmark = pytest.mark.django_db
NOW = START + timedelta(days=1)


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password="x")


def held(shop: SmallStore, role: str) -> User:
    user = User.objects.create_user(f"{role}-{shop.store.code}")
    StoreMembership.objects.create(user=user, store=shop.store, role=role)
    return user


def test_the_catalogue_is_loaded_once_and_alarms_nobody(db: None) -> None:
    assert (catalogue_load(now=NOW), catalogue_load(now=NOW)) == (32, 0)
    assert set(ExceptionRule.objects.values_list("state", "live", "store")) == {("draft", None, None)}
    assert (ExceptionRuleVersion.objects.count(), RuleTerm.objects.count()) == (32, 0)


def test_an_update_of_the_product_is_a_draft_beside_what_is_in_force(shop: SmallStore) -> None:
    in_force(shipped("R03") | {"score": 0.9}, shop, NOW)
    assert catalogue_load(now=NOW) == 32
    rule = ExceptionRule.objects.get(code="R03")
    assert (rule.state, str(rule.live), rule.versions.count()) == ("live", "R03@1", 2)


def test_a_version_is_never_changed(db: None) -> None:
    version = written(UNPAID, NOW)
    version.document = UNPAID | {"score": 0.1}
    with pytest.raises(RuleVersionFixed, match="X02@1 is not changed: add another version"):
        version.save()
    assert written(UNPAID, NOW).pk == version.pk, "the same words are the same version"
    assert str(written(UNPAID | {"score": 0.1}, NOW)) == "X02@2"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "This is neither YAML nor JSON"),
        ("- a", "A rule is a mapping with code, title, about, score and steps."),
        ("x" * 20_001, "The text has 20,001 letters: a rule has at most 20,000."),
    ],
)
def test_what_is_no_document_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(RuleRefused, match=sentence.replace("(", "\\(")):
        document_parse(text)


def test_a_version_goes_live_only_after_a_fortnight_of_trials_of_that_very_version(
    shop: SmallStore, boss: User
) -> None:
    first = written(UNPAID, NOW)
    with pytest.raises(RuleWaits, match="X02@1 has been tried on 0 whole days: try it on at least 14 past days"):
        rule_go_live(actor=boss, version=first, reason="It helps.", now=NOW)
    tried_long(first, shop, NOW, days=9)
    tried_long(first, shop, NOW, days=13)
    with pytest.raises(RuleWaits, match="has been tried on 13 whole days"):
        rule_go_live(actor=boss, version=first, reason="It helps.", now=NOW)
    assert tried(first, shop, NOW - timedelta(days=13), days=1).state == "done"
    with pytest.raises(RuleWaits, match="Say why"):
        rule_go_live(actor=boss, version=first, reason=" ", now=NOW)
    rule_go_live(actor=boss, version=first, reason="It helps.", now=NOW)
    second = written(UNPAID | {"score": 0.7}, NOW)
    with pytest.raises(RuleWaits, match="X02@2 has been tried on 0 whole days"):
        rule_go_live(actor=boss, version=second, reason="It helps more.", now=NOW)
    with pytest.raises(RuleWaits, match="in force already"):
        rule_go_live(actor=boss, version=first, reason="Again.", now=NOW)


def test_a_day_that_was_not_over_and_a_trial_that_was_not_finished_do_not_count(shop: SmallStore, boss: User) -> None:
    version = written(UNPAID, NOW)
    short = tried_long(version, shop, NOW)
    RuleBacktest.objects.filter(pk=short.pk).update(last_day=NOW.date(), first_day=NOW.date() - timedelta(days=13))
    tried_long(version, shop, NOW - timedelta(days=30))
    RuleBacktest.objects.exclude(pk=short.pk).update(state="cancelled")
    with pytest.raises(RuleWaits, match="has been tried on 13 whole days"):
        rule_go_live(actor=boss, version=version, reason="It helps.", now=NOW)


@pytest.mark.parametrize("code", ["R07", "R11", "R31"])
def test_what_single_people_did_is_compared_only_where_governance_allows_it(
    shop: SmallStore, boss: User, code: str
) -> None:
    version, last = written(shipped(code), NOW), NOW.date() - timedelta(days=1)
    tried_long(version, shop, NOW)
    with pytest.raises(RuleWaits, match=f"{code}@1 counts or compares .* no store's governance allows"):
        rule_go_live(actor=boss, version=version, reason="Try.", now=NOW)
    with pytest.raises(RuleWaits, match="the governance of store S001 does not allow operator views: have them"):
        backtest_ask(actor=boss, version=version, store=shop.store, first_day=last, last_day=last, now=NOW)
    governance = Governance.objects.create(store=shop.store, operator_views=True, consultation="WC-2026-11")
    rule_go_live(actor=boss, version=version, reason="It is allowed.", now=NOW)
    here, there = shop.lanes[0], small_store("S002").lanes[0]
    assert [[term.rule.code for term in lane_terms(lane, 0)] for lane in (here, there)] == [[code], []]
    governance.delete()
    assert lane_terms(here, 0) == []


HOSTILE = [
    ("an alias", "a: &a [x]\nb: *a", "write every part out"),
    ("nested", "[" * 15_000, "nested too deeply"),
    ("no number", "code: " + "9" * 15_000, "neither YAML nor JSON"),
    ("no day", "code: 2026-99-99", "neither YAML nor JSON"),
]


@pytest.mark.parametrize(("why", "text", "sentence"), HOSTILE, ids=[why for why, _, _ in HOSTILE])
def test_what_would_exhaust_the_server_is_refused(why: str, text: str, sentence: str) -> None:
    with pytest.raises(RuleRefused, match=sentence):
        document_parse(text)


def test_what_no_till_sends_never_goes_live(shop: SmallStore, boss: User) -> None:
    version = written(shipped("R28"), NOW)
    with pytest.raises(RuleWaits, match="R28@1 cannot be used: Numbers of loyalty cards"):
        rule_go_live(actor=boss, version=version, reason="Try.", now=NOW)
    with pytest.raises(RuleWaits, match="R28@1 cannot be used"):
        tried(version, shop, NOW)


def test_back_and_out_are_told_in_the_audit_trail(shop: SmallStore, boss: User) -> None:
    in_force(UNPAID, shop, NOW)
    term = in_force(UNPAID | {"score": 0.7}, shop, NOW + timedelta(hours=1))
    back = rule_roll_back(actor=boss, rule=term.rule, reason="Too many.", now=NOW + timedelta(hours=2))
    rule_retire(actor=boss, rule=term.rule, reason="Still.", now=NOW + timedelta(hours=3))
    assert str(back) == "X02@1"
    spans = [(str(t.version), t.since, t.until) for t in RuleTerm.objects.order_by("since")]
    hours = [NOW + timedelta(hours=n) for n in range(4)]
    assert spans == [
        ("X02@1", hours[0], hours[1]), ("X02@2", hours[1], hours[2]), ("X02@1", hours[2], hours[3]),
    ]  # fmt: skip
    rule = ExceptionRule.objects.get()
    assert (rule.state, rule.live) == ("retired", None)
    acts = AuditEvent.objects.filter(actor="boss", action__startswith="rule.").order_by("id")
    assert [(e.action, e.object_id, e.reason) for e in acts][-2:] == [
        ("rule.rolled_back", "X02@1", "Too many."), ("rule.retired", "X02@1", "Still."),
    ]  # fmt: skip
    assert "returned to the exception rule X02@1" in audit_sentence(list(acts)[-2])


def test_there_may_be_nothing_to_return_to(shop: SmallStore, boss: User) -> None:
    term = in_force(UNPAID, shop, NOW)
    with pytest.raises(RuleWaits, match="No other version was in force before"):
        rule_roll_back(actor=boss, rule=term.rule, reason="Back.", now=NOW)


@pytest.mark.parametrize(
    ("role", "own", "everywhere"),
    [
        ("reviewer", False, False), ("store_manager", True, False), ("analyst", False, False),
        ("privacy_officer", False, False), ("installer", False, False), ("administrator", True, False),
    ],
)  # fmt: skip
def test_who_may_write_rules(shop: SmallStore, role: str, own: bool, everywhere: bool) -> None:
    small_store("S002")
    user = held(shop, role)
    for store, may in ((shop.store, own), (None, everywhere)):
        if may:
            assert version_add(actor=user, document=UNPAID, store=store, note="", now=NOW).new
        else:
            with pytest.raises(PermissionDenied, match=f"{user.username} may not change this rule"):
                version_add(actor=user, document=UNPAID, store=store, note="", now=NOW)


def test_who_holds_every_store_may_write_rules_of_all(shop: SmallStore) -> None:
    assert version_add(actor=held(shop, "administrator"), document=UNPAID, store=None, note="", now=NOW).new


def test_nobody_tries_or_puts_into_force_what_is_not_theirs(shop: SmallStore) -> None:
    other = small_store("S002")
    user, version = held(other, "administrator"), written(UNPAID, NOW, shop.store)
    day = START.date()
    with pytest.raises(PermissionDenied):
        backtest_ask(actor=user, version=version, store=shop.store, first_day=day, last_day=day, now=NOW)
    with pytest.raises(RuleWaits, match="a rule of another store"):
        backtest_ask(actor=user, version=version, store=other.store, first_day=day, last_day=day, now=NOW)
    tried(version, shop, NOW)
    with pytest.raises(PermissionDenied):
        rule_go_live(actor=user, version=version, reason="Mine.", now=NOW)


@pytest.fixture
def cards(shop: SmallStore, till: APIClient) -> None:
    """Three cards that nobody paid, on two days, and one that somebody did."""
    send(
        till,
        "pos",
        [
            pos_event("g1", 100, "gift_card_activation", ticket="T1-1", amount="50.00"),
            pos_event("g2", 400, "gift_card_activation", ticket="K2", amount="25.00"),
            pos_event("g3", 700, "gift_card_activation", ticket="K3"),
            pos_event("p3", 760, "tender", ticket="K3"),
            pos_event("g4", 90_000, "gift_card_activation", ticket="K4"),
            pos_event("h", 95_000, "heartbeat", ticket=""),
        ],
    )


def test_a_trial_tells_findings_by_day_and_what_people_said_of_them(shop: SmallStore, cards: None) -> None:
    case = case_at(shop, at=START + timedelta(seconds=90), status="confirmed")  # of ticket T1-1
    done = tried(written(UNPAID, NOW), shop, START + timedelta(days=3), days=3)
    assert (done.state, done.days_done) == ("done", 3)
    rows = [(row["day"], row["lane"], row["findings"], row["confirmed"]) for row in done.result["days"]]
    assert rows == [
        ("2026-11-20", "L1", 2, 1), ("2026-11-20", "L2", 0, 0),
        ("2026-11-21", "L1", 1, 0), ("2026-11-21", "L2", 0, 0),
        ("2026-11-22", "L1", 0, 0), ("2026-11-22", "L2", 0, 0),
    ]  # fmt: skip
    told = [(one["ticket"], one["outcome"], one["case"]) for one in done.result["examples"]]
    assert told == [("T1-1", "confirmed", str(case.pk)), ("K2", "never raised", ""), ("K4", "never raised", "")]
    assert "operator" not in str(done.result)


def test_a_trial_is_told_next_to_what_is_in_force(shop: SmallStore, cards: None) -> None:
    in_force(UNPAID, shop, START - timedelta(days=1))
    strict = {**UNPAID, "steps": [{**UNPAID["steps"][0], "where": {"amount": {"at_least": 40}}}, UNPAID["steps"][1]]}
    done = tried(written(strict, NOW), shop, START + timedelta(days=3), days=3)
    assert (done.result["against_version"], done.result["against"]) == (
        "X02@1", {"both": 1, "only_this": 0, "only_live": 2},
    )  # fmt: skip


def test_a_trial_is_done_day_by_day_and_can_be_ended_between(shop: SmallStore, cards: None) -> None:
    version, first = written(UNPAID, NOW), START.date()
    asked = backtest_ask(
        actor="test", version=version, store=shop.store, first_day=first, last_day=first + timedelta(days=1),
        now=NOW + timedelta(days=1),
    )  # fmt: skip
    assert backtest_step(backtest_id=asked.pk, now=NOW) is True
    backtest_cancel(actor="test", backtest=asked)
    assert backtest_step(backtest_id=asked.pk, now=NOW) is False
    asked.refresh_from_db()
    assert (asked.state, asked.days_done, len(asked.result["days"])) == ("cancelled", 1, 2)
    with pytest.raises(RuleWaits, match="not running any more"):
        backtest_cancel(actor="test", backtest=asked)
    assert not version.backtests.filter(state="done").exists()


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [(0, 40, "Choose 1 to 31 days"), (1, 0, "Choose 1 to 31 days"), (0, 1, "2026-11-21 is not over yet")],
)
def test_which_days_can_be_tried(shop: SmallStore, first: int, last: int, sentence: str) -> None:
    day = START.date()
    with pytest.raises(RuleWaits, match=sentence):
        backtest_ask(
            actor="test", version=written(UNPAID, NOW), store=shop.store, first_day=day + timedelta(days=first),
            last_day=day + timedelta(days=last), now=NOW,
        )  # fmt: skip


def test_one_trial_at_a_time_but_a_lost_one_holds_nobody_up(shop: SmallStore) -> None:
    version, day = written(UNPAID, NOW), START.date()
    lost = backtest_ask(actor="test", version=version, store=shop.store, first_day=day, last_day=day, now=NOW)
    with pytest.raises(RuleWaits, match="is being tried at S001 now"):
        backtest_ask(actor="test", version=version, store=shop.store, first_day=day, last_day=day, now=NOW)
    later = NOW + STALE
    backtest_ask(actor="test", version=version, store=shop.store, first_day=day, last_day=day, now=later)
    lost.refresh_from_db()
    assert (lost.state, lost.trouble) == ("failed", "It was lost with its worker.")


def test_trials_are_kept_for_half_a_year_and_names_can_be_erased(shop: SmallStore, boss: User) -> None:
    in_force(UNPAID, shop, NOW)
    held_data = next(one for one in personal_data() if one.name == "cases.rules")
    subject = Subject(kind="user", value="boss")
    assert [row["as"] for row in held_data.export(subject)] == ["by"]
    assert (held_data.erase(subject), RuleTerm.objects.get().by) == (1, "erased")
    assert backtests_expire(now=NOW + timedelta(days=181)) == 1
    assert RuleBacktest.objects.count() == 0


def run(*args: str) -> str:
    out = StringIO()
    call_command("rules", *args, stdout=out, stderr=out)
    return out.getvalue()


def test_rules_go_to_files_and_come_back_the_same(db: None, tmp_path: Path) -> None:
    assert run("load") == "32 new versions of shipped rules, as drafts.\n"
    assert run("export", str(tmp_path / "rules")) == f"32 rules written to {tmp_path / 'rules'}.\n"
    files = sorted(map(str, (tmp_path / "rules").iterdir()))
    assert run("import", *files).count("known already") == 32


def test_a_bad_file_costs_the_good_ones_nothing(shop: SmallStore, tmp_path: Path) -> None:
    good, bad, gone = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "gone.yaml"
    good.write_text("{code: X05, title: T, about: A, score: 0.5, steps: [{event: void}]}")
    bad.write_text("{code: X06, title: T, about: A, score: 5, steps: [{event: voidd}]}")
    out = StringIO()
    with pytest.raises(CommandError, match="2 of 3 files were refused; the others are in"):
        call_command("rules", "import", str(bad), str(gone), str(good), "--store", "S001", stdout=out, stderr=out)
    assert "bad.yaml: score is 5: write a number from 0 to 1." in out.getvalue()
    assert "bad.yaml: steps[0].event is 'voidd'. Did you mean void?" in out.getvalue()
    assert list(ExceptionRule.objects.values_list("code", "store__code")) == [("X05", "S001")]


def test_the_command_tries_a_version(shop: SmallStore, cards: None) -> None:
    written(UNPAID, NOW)
    out = run("backtest", "X02", "--store", "S001", "--from", "2026-11-20", "--to", "2026-11-21")
    assert "2026-11-20 L1: 2" in out
    assert "X02@1 at S001, 2026-11-20 to 2026-11-21: 3 findings (0 confirmed, 0 dismissed, 0 undecided, 3 never" in out


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("X99", "--store", "S001", "--from", "2026-11-20", "--to", "2026-11-20"), "There is no rule X99"),
        (("X02", "--store", "S009", "--from", "2026-11-20", "--to", "2026-11-20"), "There is no store S009"),
        (("X02", "--store", "S001", "--from", "20.11.", "--to", "2026-11-20"), "20.11. is no day"),
        (("X02", "--store", "S001", "--from", "2026-11-20", "--to", "2036-11-20"), "Choose 1 to 31 days"),
    ],
)
def test_what_the_command_is_told_wrongly(shop: SmallStore, args: tuple[str, ...], sentence: str) -> None:
    written(UNPAID, NOW)
    with pytest.raises(CommandError, match=sentence):
        run("backtest", *args)


def test_days_are_the_stores_own(shop: SmallStore, till: APIClient) -> None:
    """Half past eleven at night in Madrid is another day than in UTC an hour later."""
    night = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    card = pos_event("g", 0, "gift_card_activation") | {"occurred_at": night.isoformat()}
    send(till, "pos", [card, pos_event("h", 0, "heartbeat", ticket="")])
    done = tried(written(UNPAID, NOW), shop, datetime(2026, 11, 21, 12, tzinfo=UTC), days=2)
    assert [(r["day"], r["findings"]) for r in done.result["days"] if r["lane"] == "L1"] == [
        ("2026-11-19", 0), ("2026-11-20", 1),
    ]  # fmt: skip
    assert timezone.now() > night
