"""Rules of exceptions as versions: loaded, added, put into force by a person after a back-test, taken out again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Max

from cases.domain.exceptions.reading import RULE_KEYS, STEP_KEYS, VIDEO_KEYS, RuleRefused, rule_read
from cases.models import ExceptionRule, ExceptionRuleVersion, RuleTerm
from cases.permissions import check_may_edit_rule
from cases.selectors.rules import tried_days, version_rule
from lanes.models import Store
from lanes.selectors import operator_views_allowed
from privacy.audit import audit_record
from privacy.models import User

CATALOGUE = Path(__file__).resolve().parent.parent / "rules"
SHIPPED = "installation"
LEAST_DAYS = 14
"""P43: so long it runs in the shadow before anybody is alarmed by it."""
LONGEST_DOCUMENT = 20_000
ORDER = {name: place for place, name in enumerate((*RULE_KEYS, *STEP_KEYS, *VIDEO_KEYS))}
"""Of the names in a rule's document."""


class RuleWaits(Exception):
    """It cannot be done as things are; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Added:
    """`new`: False where the rule had this very version already."""

    version: ExceptionRuleVersion
    new: bool


class _Loader(yaml.SafeLoader):
    """Without aliases: a few letters of them stand for more than a memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("write every part out: aliases (*name) are not taken")
        return super().compose_node(parent, index)


def document_parse(text: str) -> dict[str, Any]:
    """The document in `text`, YAML or JSON. Raises RuleRefused."""
    if len(text) > LONGEST_DOCUMENT:
        raise RuleRefused([f"The text has {len(text):,} letters: a rule has at most {LONGEST_DOCUMENT:,}."])
    try:
        document = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except RecursionError:
        raise RuleRefused(["The text is nested too deeply: a rule is a mapping of texts, numbers and steps."]) from None
    except (yaml.YAMLError, ValueError) as error:  # a date or a number that is none is a ValueError
        raise RuleRefused([f"This is neither YAML nor JSON: {' '.join(str(error).split())[:200]}."]) from None
    if not isinstance(document, dict):
        raise RuleRefused(["A rule is a mapping with code, title, about, score and steps."])
    return document


def document_write(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(_in_order(document), sort_keys=False, allow_unicode=True, width=110)


def _in_order(value: Any) -> Any:
    """As a person would write it: PostgreSQL keeps the keys of what it stores in an order of its own."""
    if isinstance(value, Mapping):
        return {key: _in_order(value[key]) for key in sorted(value, key=lambda key: (ORDER.get(key, len(ORDER)), key))}
    return [_in_order(one) for one in value] if isinstance(value, list | tuple) else value


def digest_of(document: Mapping[str, Any]) -> str:
    """Of what it says: how it is laid out is nothing to it."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def catalogue_documents() -> list[dict[str, Any]]:
    """What is shipped, in order of the codes."""
    return [document_parse(path.read_text(encoding="utf-8")) for path in sorted(CATALOGUE.glob("*.yaml"))]


def catalogue_load(*, now: datetime) -> int:
    """See to it that what is shipped is there, as drafts. Returns how many versions were new.

    A version that came with an update waits for a person like any other: what is in force stays.
    """
    known = set(ExceptionRuleVersion.objects.filter(rule__store=None).values_list("digest", flat=True))
    new = [document for document in catalogue_documents() if digest_of(document) not in known]
    for document in new:
        version_add(actor=SHIPPED, document=document, store=None, note="Came with the product.", now=now)
    return len(new)


def version_add(
    *, actor: User | str, document: Mapping[str, Any], store: Store | None, note: str, now: datetime
) -> Added:
    """Add `document` as the next version of its rule. Raises RuleRefused, PermissionDenied."""
    rule_said = rule_read(document)
    check_may_edit_rule(actor, store.pk if store else None)
    digest = digest_of(document)
    with transaction.atomic():
        ExceptionRule.objects.get_or_create(store=store, code=rule_said.code, defaults={"title": rule_said.title})
        rule = ExceptionRule.objects.select_for_update(of=("self",)).get(store=store, code=rule_said.code)
        known = rule.versions.filter(digest=digest).first()
        if known is not None:
            return Added(known, False)
        version = ExceptionRuleVersion.objects.create(
            rule=rule,
            number=(rule.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
            document=document,
            digest=digest,
            note=note[:300],
            added_at=now,
            added_by=_name(actor),
        )
        ExceptionRule.objects.filter(pk=rule.pk).update(title=rule_said.title)
        _record(actor, "rule.added", version, note)
    return Added(version, True)


def rule_go_live(*, actor: User, version: ExceptionRuleVersion, reason: str, now: datetime) -> RuleTerm:
    """From now on `version` judges what happens. Raises RuleWaits, PermissionDenied."""
    check_may_edit_rule(actor, version.rule.store_id)
    reason = _reason(reason)
    _ready(version)
    _allowed(version)
    with transaction.atomic():
        rule = ExceptionRule.objects.select_for_update(of=("self",)).get(pk=version.rule_id)
        if rule.live_id == version.pk:
            raise RuleWaits(f"{version} is in force already.")
        term = _begin(rule, version, actor, reason, now)
        _record(actor, "rule.went_live", version, reason)
    return term


def rule_roll_back(*, actor: User, rule: ExceptionRule, reason: str, now: datetime) -> ExceptionRuleVersion:
    """Return to the version that was in force before the present one."""
    check_may_edit_rule(actor, rule.store_id)
    reason = _reason(reason)
    with transaction.atomic():
        rule = ExceptionRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        before = version_before(rule)
        if rule.live_id is None or before is None:
            raise RuleWaits("No other version was in force before: choose the version that you want.")
        _begin(rule, before, actor, reason, now)
        _record(actor, "rule.rolled_back", before, reason)
    return before


def rule_retire(*, actor: User, rule: ExceptionRule, reason: str, now: datetime) -> None:
    """What happens from now on is not judged by it any more; what it found stays."""
    check_may_edit_rule(actor, rule.store_id)
    reason = _reason(reason)
    with transaction.atomic():
        rule = ExceptionRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if rule.live_id is None:
            raise RuleWaits(f"{rule.code} is not in force.")
        _record(actor, "rule.retired", ExceptionRuleVersion.objects.get(pk=rule.live_id), reason)
        rule.terms.filter(until=None).update(until=now)
        rule.live, rule.state = None, ExceptionRule.State.RETIRED
        rule.save(update_fields=["live", "state"])


def version_before(rule: ExceptionRule) -> ExceptionRuleVersion | None:
    """The last other version that was in force."""
    terms = rule.terms.exclude(version=rule.live_id).select_related("version__rule")
    term = terms.first()
    return term.version if term else None


def _ready(version: ExceptionRuleVersion) -> None:
    said = version_rule(version)
    if said.unavailable:
        raise RuleWaits(f"{version} cannot be used: {said.unavailable}")
    days = len(tried_days(version))
    if days < LEAST_DAYS:
        raise RuleWaits(
            f"{version} has been tried on {days} whole day{'' if days == 1 else 's'}: try it on at least {LEAST_DAYS}"
            " past days first, in one trial or several, and look at what it finds."
        )


def _allowed(version: ExceptionRuleVersion) -> None:
    """A rule of all stores judges only where it may; there must be such a store."""
    if not version_rule(version).about_operators:
        return
    stores = [version.rule.store] if version.rule.store else Store.objects.all()
    if not any(operator_views_allowed(store) for store in stores):
        raise RuleWaits(operators_refused(version, version.rule.store))


def operators_refused(version: ExceptionRuleVersion, store: Store | None) -> str:
    where = f"the governance of store {store.code} does not allow" if store else "no store's governance allows"
    return (
        f"{version} counts or compares what single people did, and {where} operator views: have them allowed"
        " on the store's page first, or write the rule without operator and approver."
    )


def _begin(rule: ExceptionRule, version: ExceptionRuleVersion, actor: User, reason: str, now: datetime) -> RuleTerm:
    rule.terms.filter(until=None).update(until=now)
    rule.live, rule.state = version, ExceptionRule.State.LIVE
    rule.save(update_fields=["live", "state"])
    return RuleTerm.objects.create(rule=rule, version=version, since=now, by=_name(actor), reason=reason)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise RuleWaits("Say why: it is kept in the audit trail.")
    return reason.strip()[:300]


def _name(actor: User | str) -> str:
    return actor.get_username() if isinstance(actor, User) else actor


def _record(actor: User | str, action: str, version: ExceptionRuleVersion, reason: str) -> None:
    store = version.rule.store
    audit_record(
        actor=actor,
        action=action,
        object_type="exception_rule",
        object_id=str(version),
        store_code=store.code if store else "",
        reason=reason,
        data={"digest": version.digest},
    )
