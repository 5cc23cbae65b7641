"""A rule's document: what is refused, each with a sentence that says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from cases.domain.exceptions.reading import RuleRefused, rule_read
from cases.domain.exceptions.types import TICKET_S, WATCH_S, Same, Unknown
from tests.unit.cases.exceptions.scene import shipped

VOID: dict[str, Any] = {"event": "void"}
TOTAL: dict[str, Any] = {"event": ["subtotal", "tender"]}


def document(**more: Any) -> dict[str, Any]:
    told = {"code": "X01", "title": "A title", "about": "Why.", "score": 0.5, "steps": [VOID]} | more
    return {name: value for name, value in told.items() if value is not None}


def steps(*told: dict[str, Any]) -> dict[str, Any]:
    return document(steps=list(told))


VIDEO = {"fact": "customer_present", "is": False, "from_s": -5, "to_s": 5}
REFUSED = [
    (["not", "a", "mapping"], "A rule is a mapping with code, title, about, score and steps."),
    (document(code="r3"), "code is 'r3': write capital letters and a number, like R03."),
    (document(code=None), "code is missing: write capital letters and a number, like R03."),
    (document(title=""), "title is missing or no text: write one of at most 80 letters."),
    (document(score=1.5), "score is 1.5: write a number from 0 to 1."),
    (document(score=True), "score is True: write a number from 0 to 1."),
    (document(titel="x"), "titel is not known. Did you mean title?"),
    (document(subject="operator"), "subject is 'operator'. Use one of: event, ticket."),
    (document(when_unknown="fires"), "when_unknown is 'fires'. Did you mean fire?"),
    (document(training="yes"), "training is 'yes': write true or false."),
    (document(steps="void"), "steps is 'void': write a list of steps."),
    (steps(), "steps have nothing that happens: write at least one step that is not absent."),
    (steps({}), "steps[0].event is missing: write an event type of the contract, or a list of them."),
    (steps({"event": "voidd"}), "steps[0].event is 'voidd'. Did you mean void?"),
    (steps({"event": ["void", "item_pass"]}),
     "steps[0].event mixes what the till says with what the camera sees: make two steps of it."),
    (steps(VOID | {"within": 3}), "steps[0].within is not known. Did you mean within_s?"),
    (steps(TOTAL, VOID), "steps[1].within_s is missing: say at most how long after the step before it happens."),
    (steps(TOTAL, VOID | {"within_s": "soon"}), "steps[1].within_s is 'soon': write a number from 0 to 7200."),
    (steps(TOTAL, VOID | {"within_s": 9000}), "steps[1].within_s is 9000: write a number from 0 to 7200."),
    (steps(TOTAL, VOID | {"within_s": 9, "after_s": 10}),
     "steps[1].after_s must be less than within_s, and the first event has neither."),
    (steps(VOID | {"within_s": 9}), "steps[0] needs neither before_s nor, as the first event, within_s: leave it out."),
    (steps(VOID, TOTAL | {"absent": True}),
     "steps[1].within_s is missing: say for how long after the last event it does not happen."),
    (steps(TOTAL | {"absent": True}, VOID),
     "steps[0].before_s is missing: say for how long before the first event it did not happen."),
    (steps(TOTAL | {"absent": True, "before_s": 9, "anchor": True}, VOID),
     "steps[0].anchor is an absent event: a finding hangs on one that happened."),
    (steps(VOID | {"times": 3}), "steps[0].in_s is missing: say within how long it happens 3 times."),
    (steps(VOID | {"in_s": 3}), "steps[0].times is missing: say how often it happens within in_s."),
    (steps(VOID | {"same": ["shop"]}),
     "steps[0].same is 'shop'. Use one of: amount, approver, gtin, lane, line, operator, terminal, ticket."),
    (steps(VOID | {"where": {"amont": {"at_least": 1}}}),
     "steps[0].where.amont is no field. Use one of the contract's (amount, reason, …), or data.NAME for another."),
    (steps(VOID | {"where": {"amount": 3}}), "steps[0].where.amount is 3: write what it must be, like {at_least: 20}."),
    (steps(VOID | {"where": {"amount": {"more": 3}}}),
     "steps[0].where.amount.more is not known. Use one of: at_least, at_most, equals, in, multiple_of, not_in, prefix, "
     "present, same_as, share_of."),
    (steps(VOID | {"where": {"amount": {"at_least": "3"}}}),
     "steps[0].where.amount.at_least is '3': write a number."),
    (steps(VOID | {"where": {"reason": {"in": "x"}}}), "steps[0].where.reason.in is 'x': write a list."),
    (steps(VOID | {"where": {"amount": {"share_of": "unit_price"}}}),
     "steps[0].where.amount has a share_of but nothing to compare: add at_least or at_most."),
    (steps(VOID | {"where": {"amount": {"share_of": "before.amount", "at_most": 1}}}),
     "steps[0].where compares with the step before, which only a single later step can."),
    (steps(VOID | {"where": {"operator": {"equals": "0123456789abcdef"}}}),
     "steps[0].where.operator is a person: ask only whether it is present, or same_as another. No rule picks somebody."
     ),
    (steps(VOID | {"where": {"data.Cashier_ID": {"in": ["0123456789abcdef"]}}}),
     "steps[0].where.data.Cashier_ID is a person: ask only whether it is present, or same_as another. No rule picks "
     "somebody."),
    (document(video=[VIDEO | {"fact": "customer"}]), "video[0].fact is 'customer'. Did you mean customer_present?"),
    (document(video=[VIDEO | {"from_s": 9}]),
     "video[0] asks from 9 s to 5 s: the first must not be the later one."),
    (document(video=[VIDEO | {"is": "no"}]), "video[0].is is 'no': write true or false."),
    (document(unavailable="No till sends it."),
     "unavailable says that the rule cannot be used: leave steps and video out, or this."),
    (steps(*[VOID], *[VOID | {"within_s": 5}] * 8),
     "steps are 9: a person cannot check more than 8. Make two rules."),
    (steps(VOID, *[VOID | {"within_s": 7200}] * 3),
     "steps reach over more than 4 hours together: make the spans shorter."),
    (steps(VOID | {"anchor": True}, VOID | {"within_s": 5, "anchor": True}),
     "steps have more than one anchor: a finding hangs on one event."),
]  # fmt: skip


@pytest.mark.parametrize(("told", "sentence"), REFUSED, ids=[sentence[:60] for _, sentence in REFUSED])
def test_a_wrong_document_is_refused_with_what_to_do(told: Any, sentence: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        rule_read(told)
    assert refused.value.problems == (sentence,)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(RuleRefused) as refused:
        rule_read(document(code="", score="high", steps=[{"event": "voidd"}]))
    assert [problem.partition(" ")[0] for problem in refused.value.problems] == ["code", "score", "steps[0].event"]


def test_what_is_left_out_has_a_meaning() -> None:
    rule = rule_read(steps(TOTAL, VOID | {"within_s": 120}, {"event": "person_enter", "absent": True, "within_s": 9}))
    assert rule.steps[1].same == {Same.TERMINAL}
    assert rule.steps[2].same == {Same.LANE}, "a camera has no terminal"
    assert (rule.when_unknown, rule.training, rule.anchor) == (Unknown.SILENT, False, 1)


def test_how_far_a_rule_reaches_is_what_its_steps_add_up_to() -> None:
    rule = rule_read(
        steps(TOTAL, VOID | {"within_s": 120, "anchor": True}, {"event": "no_sale", "within_s": 60},
              {"event": "tender", "absent": True, "within_s": 30})
    )  # fmt: skip
    assert (rule.back_s, rule.ahead_s) == (120.0, 90.0)


def test_a_rule_that_asks_the_video_or_about_tickets_reaches_further() -> None:
    """People are looked for a quarter of an hour either way, and a ticket is spoken of once in as long."""
    coupons, drawer = shipped("R21"), shipped("R06")
    assert (coupons.back_s, coupons.ahead_s) == (600.0 + TICKET_S, 0.0)
    assert (drawer.back_s, drawer.ahead_s) == (WATCH_S + 10.0, WATCH_S + 15.0)


def nested(depth: int) -> list[object]:
    found: list[object] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("field", ["code", "title", "score", "steps", "when_unknown", "training"])
@pytest.mark.parametrize(
    "value",
    [nested(100_000), {"a": nested(100_000)}, 10**400, ["void"] * 5000],
    ids=["list", "mapping", "number", "long"],
)
def test_a_problem_shows_no_more_than_a_person_reads(field: str, value: object) -> None:
    with pytest.raises(RuleRefused) as refused:
        rule_read({"code": "X01", "title": "T", "about": "A", "score": 0.5, "steps": [{"event": "void"}], field: value})
    assert len(str(refused.value)) < 400
