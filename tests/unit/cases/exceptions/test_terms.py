"""Which version holds at an instant, and one event told once."""

from __future__ import annotations

import math

from cases.domain.exceptions.matching import rule_findings
from cases.domain.exceptions.stream import Stream
from cases.domain.exceptions.terms import Said, Term, contested, said_once, terms_in_force
from tests.unit.cases.exceptions.scene import heard, shipped, told


def term(code: str, name: str, since: float, until: float = math.inf, own: bool = False) -> Term:
    return Term(shipped(code), name, since, until, own)


def spans(terms: list[Term]) -> list[tuple[str, float, float]]:
    return [(one.name, one.since, one.until) for one in terms_in_force(terms)]


def test_one_version_follows_another() -> None:
    assert spans([term("R03", "R03@1", 0, 10), term("R03", "R03@2", 10)]) == [
        ("R03@1", 0, 10),
        ("R03@2", 10, math.inf),
    ]


def test_a_stores_own_rule_stands_for_that_of_all_stores_while_it_is_in_force() -> None:
    general, own = term("R03", "R03@4", 0), term("R03", "R03@1", 20, 30, own=True)
    other = term("R06", "R06@1", 5)
    assert spans([general, own, other]) == [
        ("R03@4", 0, 20),
        ("R03@1", 20, 30),
        ("R03@4", 30, math.inf),
        ("R06@1", 5, math.inf),
    ]


def test_of_two_rules_on_one_event_the_one_that_says_more_speaks_and_names_the_other() -> None:
    facts = [told("s", 0, "scan", line=1.0, amount=10.0), told("o", 20, "price_override", line=1.0, amount=4.0)]
    stream = Stream.of(facts, heard())
    said = [
        Said(finding, f"{code}@1", code)
        for code in ("R13", "R17")
        for finding in rule_findings(shipped(code), stream, 0.0, 100.0).findings
    ]
    (one,) = said_once(said)
    assert (one.name, one.also) == ("R17@1", ("R13@1",))
    assert {part.place for part in contested(said)} == {("R13", "T1/o"), ("R17", "T1/o")}
    (one,) = said_once(said, {("R13", "T1/o")})
    assert (one.name, one.also) == ("R13@1", ("R17@1",)), "a person has decided that one: nobody is asked twice"
