"""Whether an event fulfils a step's conditions. What an event does not say fulfils nothing but `present: false`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from cases.domain.exceptions.fields import BEFORE
from cases.domain.exceptions.types import Condition, Fact, Same, Step, Value

ROUNDING = 1e-9
DECIMAL = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)


def fulfils(step: Step, fact: Fact, before: Fact | None) -> bool:
    """Whether `fact` is an event of `step`; `before`: of the step before, where there is one."""
    return fact.type in step.events and all(holds(condition, fact, before) for condition in step.where)


def holds(condition: Condition, fact: Fact, before: Fact | None = None) -> bool:
    value = read(condition.field, fact, before)
    if condition.operator == "present":
        return (value is not None) is condition.operand
    if condition.of:
        value = _share(value, read(condition.of, fact, before))
    if value is None:
        return False
    if condition.operator == "same_as":
        return value == read(str(condition.operand), fact, before)
    return TESTS[condition.operator](value, condition.operand)


def read(name: str, fact: Fact, before: Fact | None) -> Value | None:
    if not name.startswith(BEFORE):
        return fact.value(name)
    return before.value(name.removeprefix(BEFORE)) if before is not None else None


def related(same: frozenset[Same], one: Fact, other: Fact) -> bool:
    """Whether two events have all of `same` in common. What neither says is nothing in common."""
    return all(kind is Same.LANE or _shared(kind, one, other) for kind in same)


def _shared(kind: Same, one: Fact, other: Fact) -> bool:
    value = one.value(kind.value)
    return value is not None and value == other.value(kind.value)


def may_be(step: Step, fact: Fact, beside: Fact) -> bool:
    """Whether `fact` is what `step` says must not happen beside `beside`, or cannot be told from it."""
    if fact.elsewhere and (Same.TICKET not in step.same or Same.LANE in step.same):
        return False
    return fulfils(step, fact, beside) and not any(_differ(kind, fact, beside) for kind in step.same)


def tells(same: frozenset[Same], fact: Fact) -> bool:
    """Whether `fact` says all of `same`: of what it does not say nobody knows whether something else has it."""
    return all(kind is Same.LANE or fact.value(kind.value) is not None for kind in same)


def _differ(kind: Same, one: Fact, other: Fact) -> bool:
    if kind is Same.LANE or not tells(frozenset({kind}), one):
        return False
    return not _shared(kind, one, other) and not (kind is Same.TICKET and one.other_ticket == other.ticket)


def _share(value: Value | None, of: Value | None) -> float | None:
    part, whole = _amount(value), _amount(of)
    return part / whole if part is not None and whole else None


def _amount(value: Value | None) -> float | None:
    """Money that a till sends under a name of its own is kept as the decimal text that it was written as."""
    if isinstance(value, str):
        return float(value) if DECIMAL.fullmatch(value) else None
    return value


def _number(value: Value, test: Callable[[float], bool]) -> bool:
    number = _amount(value)
    return number is not None and test(number)


def _equal(value: Value, operand: object) -> bool:
    if isinstance(value, str) and isinstance(operand, str):
        return value.casefold() == operand.casefold()
    return value == operand


def _listed(value: Value, operand: object) -> bool:
    return isinstance(operand, tuple) and any(_equal(value, one) for one in operand)


def _divides(value: float, operand: float) -> bool:
    """Money in cents, so that 0.1 is no trap."""
    return value > 0 and round(value * 100) % max(1, round(operand * 100)) == 0


TESTS: Mapping[str, Callable[[Value, object], bool]] = {
    "equals": _equal,
    "in": _listed,
    "not_in": lambda value, operand: not _listed(value, operand),
    "at_least": lambda value, operand: _number(value, lambda v: v >= float(str(operand)) - ROUNDING),
    "at_most": lambda value, operand: _number(value, lambda v: v <= float(str(operand)) + ROUNDING),
    "multiple_of": lambda value, operand: _number(value, lambda v: _divides(v, float(str(operand)))),
    "prefix": lambda value, operand: str(value).casefold().startswith(str(operand).casefold()),
}
