"""Sequences over a lane's stream: what counts, what waits, what is not known, and that order is nothing to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.domain.alignment.types import Gap
from cases.domain.exceptions.matching import rule_findings
from cases.domain.exceptions.reading import rule_read
from cases.domain.exceptions.stream import PATIENCE_S, Listening, Stream
from cases.domain.exceptions.types import Fact, Rule
from tests.unit.cases.exceptions.scene import anchors, found, heard, seen, shipped, told

BRIEF = {
    "code": "X01",
    "title": "Void after the total, then the drawer",
    "about": "The line is gone and the drawer opens, with nobody there.",
    "score": 0.7,
    "steps": [
        {"event": ["subtotal", "tender"]},
        {"event": "void", "same": ["ticket"], "within_s": 300},
        {"event": "no_sale", "within_s": 120},
    ],
    "video": [{"fact": "customer_present", "is": False, "from_s": -10, "to_s": 10}],
}
STORY = [
    seen("in", 0, "person_enter", "customer"),
    seen("out", 130, "person_leave", "customer"),
    told("s", 50, "scan", amount=7.95, line=1.0),
    told("t", 100, "subtotal", amount=7.95),
    told("v", 140, "void", amount=7.95, line=1.0),
    told("n", 200, "no_sale", ticket=""),
]


def rule(**more: Any) -> Rule:
    return rule_read(BRIEF | more)


def without(*names: str) -> list[Fact]:
    return [fact for fact in STORY if fact.key.partition("/")[2] not in names]


def test_a_sequence_is_told_with_its_values_and_events() -> None:
    (one,) = found(rule(), STORY).findings
    assert [fact.key for fact in one.events] == ["T1/t", "T1/v", "T1/n"]
    assert (one.anchor.key, one.score, one.amount_cents) == ("T1/n", 0.7, 795)
    assert one.sentence == (
        "Void after the total, then the drawer: subtotal (7.95), 40 s later line voided (7.95), 60 s later drawer "
        "opened without a sale. The video shows that nobody was in the customer's place."
    )


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (without("t"), "there was no total"),
        (without("v"), "nothing was voided"),
        ([*without("v"), told("v", 140, "void", ticket="K2")], "it was voided on another ticket"),
        ([*without("v"), told("v", 90, "void")], "it was voided before the total"),
        ([*without("n"), told("n", 300, "no_sale")], "the drawer opened later"),
        ([*without("n"), told("n", 200, "no_sale", terminal="T2")], "another drawer opened"),
        ([*without("out"), seen("out", 260, "person_leave", "customer")], "the customer was still there"),
        ([*STORY, seen("in2", 195, "person_enter", "customer", track="p2")], "another customer came"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_not_found(facts: list[Fact], why: str) -> None:
    assert anchors(rule(), facts) == []


def test_training_sells_nothing() -> None:
    trained = [
        told("t", 100, "subtotal", training=True),
        told("v", 140, "void", training=True),
        told("n", 200, "no_sale"),
    ]
    assert anchors(rule(video=[]), trained) == []
    assert anchors(rule(video=[], training=True), trained) == ["n"]


def test_an_earlier_event_is_tried_where_the_nearest_leads_nowhere() -> None:
    facts = [*STORY, told("v2", 190, "void", ticket="K9")]
    assert anchors(rule(), facts) == ["n"]


UNSEEN = [
    ("no camera told of people", without("in", "out"), heard()),
    ("the camera was away", STORY, heard(gaps=[Gap("vision", 195, 220)])),
    ("the clocks are not known", STORY, heard(doubt_s=None)),
    ("the video never came so far", STORY, heard(vision_until=150)),
    ("there is no video at all", without("in", "out"), heard(vision_until=None, goods=False)),
]


@pytest.mark.parametrize(("why", "facts", "listening"), UNSEEN, ids=[row[0] for row in UNSEEN])
def test_what_the_video_cannot_say_silences_a_rule_that_needs_it(
    why: str, facts: list[Fact], listening: Listening
) -> None:
    answer = found(rule(), facts, listening)
    assert (answer.findings, answer.unanswered) == ((), 1)


@pytest.mark.parametrize(("why", "facts", "listening"), UNSEEN, ids=[row[0] for row in UNSEEN])
def test_a_rule_may_fire_without_the_video_and_says_so(why: str, facts: list[Fact], listening: Listening) -> None:
    (one,) = found(rule(when_unknown="fire"), facts, listening).findings
    assert one.unknown
    assert "Not known: whether a customer was there" in one.sentence


def test_who_was_seen_was_there_whatever_else_the_camera_missed() -> None:
    facts = [*without("out"), seen("out", 260, "person_leave", "customer")]
    gap = heard(gaps=[Gap("vision", 205, 209)])
    assert anchors(rule(when_unknown="fire"), facts, gap) == []


def test_what_the_video_has_not_reached_yet_waits() -> None:
    answer = found(rule(), STORY, heard(vision_until=205, now=206))
    assert (answer.findings, answer.waiting) == ((), {"T1/n"})
    assert answer.decided_at == pytest.approx(200 + 10 + 0.4)


UNPAID = {
    "code": "X02", "title": "Card without payment", "about": "It was loaded.", "score": 0.6,
    "steps": [
        {"event": "gift_card_activation"},
        {"event": "tender", "absent": True, "same": ["ticket"], "within_s": 600},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("listening", "expected"),
    [
        (heard(pos_until=700, now=705), (1, 0)),
        (heard(pos_until=300, now=310), (0, 1)),
        (heard(pos_until=300, now=610 + PATIENCE_S + 1), (1, 0)),
        (heard(pos_until=700, now=705, gaps=[Gap("pos", 200, 260)]), (0, 0)),
        (heard(pos_until=700, now=705, gaps=[Gap("vision", 200, 260)]), (1, 0)),
    ],
    ids=["heard", "not yet heard", "silent for good", "the till was away", "the camera was away"],
)
def test_what_must_not_have_happened_has_to_be_listened_for(listening: Listening, expected: tuple[int, int]) -> None:
    answer = found(rule_read(UNPAID), [told("g", 10, "gift_card_activation")], listening)
    assert (len(answer.findings), len(answer.waiting)) == expected


def test_nothing_is_concluded_from_what_cannot_all_be_so() -> None:
    doubted = Gap("pos", 130, 150, "Ticket K1 does not add up.", doubted=True)
    answer = found(rule(), STORY, heard(gaps=[doubted]))
    assert (answer.findings, answer.silenced) == ((), (("T1/n", "Ticket K1 does not add up."),))
    assert anchors(rule(), STORY, heard(gaps=[replace(doubted, start=150.0, end=160.0)])) == ["n"]


def test_why_nothing_is_said_is_told() -> None:
    away = heard(pos_until=700, now=705, gaps=[Gap("pos", 200, 260, "The box was off.")])
    answer = found(rule_read(UNPAID), [told("g", 10, "gift_card_activation")], away)
    assert answer.silenced == (("T1/g", "The box was off."),)
    (unknown,) = found(rule(), STORY, heard(doubt_s=None)).silenced
    assert unknown[1].startswith("It is not known whether a customer was there")


def test_what_must_not_happen_must_not_happen_there() -> None:
    facts = [told("g", 10, "gift_card_activation"), told("p", 60, "tender", ticket="K2")]
    assert anchors(rule_read(UNPAID), facts) == ["g"], "that was another ticket's payment"


def elsewhere(fact: Fact, other_ticket: str = "") -> Fact:
    return replace(fact, elsewhere=True, other_ticket=other_ticket)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([told("g", 10, "gift_card_activation", ticket="")], "whose payment would it be?"),
        ([told("g", 10, "gift_card_activation"), told("p", 60, "tender", ticket="")], "it may have been this one's"),
        ([told("g", 10, "gift_card_activation"), elsewhere(told("p", 60, "tender", terminal="T2"))], "paid elsewhere"),
        (
            [
                told("g", 10, "gift_card_activation"),
                elsewhere(told("p", 60, "tender", ticket="K8", terminal="T2"), other_ticket="K1"),
            ],
            "paid elsewhere on a ticket that names it",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_absence_that_cannot_be_known_is_none(facts: list[Fact], why: str) -> None:
    assert anchors(rule_read(UNPAID), facts) == []


def test_what_happens_at_another_lane_is_nothing_but_an_absence_that_does_not_hold() -> None:
    assert anchors(rule_read(UNPAID), [elsewhere(told("g", 10, "gift_card_activation"))]) == []
    coupons = [told(f"e{n}", 100 + n, "coupon") for n in range(3)]
    assert anchors(shipped("R21"), [*coupons[:2], elsewhere(coupons[2])]) == []
    unsold = UNPAID | {"steps": [{"event": "subtotal"}, {"event": "tender", "absent": True, "within_s": 60}]}
    facts = [told("t", 0, "subtotal"), elsewhere(told("p", 30, "tender", terminal="T1"))]
    assert anchors(rule_read(unsold), facts) == ["t"], "the rule asks for the till, not for the ticket"


@pytest.mark.parametrize(
    ("at", "expected"), [(-20, ["v"]), (-5, []), (5, [])], ids=["long before", "shortly before", "in between"]
)
def test_nothing_before_and_nothing_in_between(at: float, expected: list[str]) -> None:
    asked = rule_read(
        UNPAID | {"steps": [
            {"event": "no_sale", "absent": True, "before_s": 10},
            {"event": "subtotal"},
            {"event": "no_sale", "absent": True},
            {"event": "void", "within_s": 60},
        ]}
    )  # fmt: skip
    facts = [told("t", 0, "subtotal"), told("n", at, "no_sale"), told("v", 10, "void")]
    assert anchors(asked, facts) == expected


def test_a_rule_about_tickets_speaks_of_each_once() -> None:
    facts = [told(f"e{n}", 100 + n, "coupon", ticket=ticket) for n, ticket in enumerate(["A"] * 5 + ["B"] * 3)]
    assert anchors(shipped("R21"), facts) == ["e2", "e7"]


def test_a_rule_about_tickets_speaks_once_wherever_the_question_begins() -> None:
    facts = [told(f"e{n}", 100 + n, "coupon") for n in range(5)]
    assert [one.anchor.key for one in found(shipped("R21"), facts, since=103.0).findings] == []


def test_a_finding_may_hang_on_an_event_in_the_middle() -> None:
    steps = [dict(step) for step in BRIEF["steps"]]  # type: ignore[attr-defined]
    steps[1]["anchor"] = True
    assert anchors(rule(steps=steps, video=[]), STORY) == ["v"]


TYPES = ["subtotal", "void", "no_sale", "tender", "gift_card_activation", "coupon", "scan", "training_mode"]
FACTS = st.lists(
    st.builds(
        told,
        st.integers(0, 40).map(str),
        st.integers(0, 900).map(float),
        st.sampled_from(TYPES),
        ticket=st.sampled_from(["A", "B", ""]),
        terminal=st.sampled_from(["T1", "T2"]),
    )
    | st.builds(
        seen,
        st.integers(0, 40).map(str),
        st.integers(0, 900).map(float),
        st.sampled_from(["person_enter", "person_leave", "item_pass"]),
        st.sampled_from(["customer", "cashier"]),
    ),
    max_size=25,
    unique_by=lambda fact: fact.key,
)
ASKED = [rule(when_unknown="fire"), rule(), rule_read(UNPAID), shipped("R21"), shipped("R05"), shipped("R30")]


@settings(max_examples=60, deadline=None)
@given(facts=FACTS, data=st.data())
def test_only_the_set_of_facts_decides(facts: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts + facts[:3]))
    for asked in ASKED:
        assert found(asked, shuffled) == found(asked, facts)


@settings(max_examples=60, deadline=None)
@given(facts=FACTS, since=st.integers(0, 900), until=st.integers(0, 900))
def test_a_stretch_asked_by_itself_says_the_same(facts: list[Fact], since: int, until: int) -> None:
    """What is asked again after something late is what the whole would have said of it."""
    for asked in ASKED:
        whole = [f for f in found(asked, facts).findings if since <= f.anchor.at < until]
        near = [f for f in facts if since - asked.back_s <= f.at <= until + asked.ahead_s]
        part = rule_findings(asked, Stream.of(near, heard()), float(since), float(until))
        assert list(part.findings) == whole
