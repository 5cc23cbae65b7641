"""A rule's document, read strictly: all that is wrong with it at once, each in a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from cases.domain.exceptions.fields import (
    ABOUT_PEOPLE,
    BEFORE,
    NUMBER_OPERATORS,
    OPERATORS,
    POS_TYPES,
    TEXT_OPERATORS,
    VISUAL_TYPES,
    is_field,
    is_person,
)
from cases.domain.exceptions.types import (
    Condition,
    Rule,
    Same,
    Step,
    Subject,
    Unknown,
    VideoCondition,
    VideoFact,
)

CODE = re.compile(r"[A-Z]{1,4}[0-9]{2,4}")
RULE_KEYS = ("code", "title", "about", "score", "subject", "steps", "video", "when_unknown", "training", "unavailable")
STEP_KEYS = (
    "event", "where", "same", "after_s", "within_s", "before_s", "absent", "times", "in_s", "anchor",
)  # fmt: skip
VIDEO_KEYS = ("fact", "is", "from_s", "to_s")
LONGEST_S = 7200.0
FARTHEST_S = 2 * LONGEST_S
"""A span of a rule is at most two hours, all together four: what must be read for it stays small."""
MOST_STEPS, MOST_TIMES = 8, 20
LONGEST_LIST = 50


class RuleRefused(ValueError):
    """The document is no rule. `problems`: sentences, each with its place in the document."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class _Reader:
    """Notes what is wrong and goes on, so that a person mends a document once."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def wrong(self, place: str, what: str) -> None:
        self.problems.append(f"{place} {what}")

    def keys(self, place: str, told: Mapping[Any, Any], known: Sequence[str]) -> None:
        for name in told:
            if name not in known:
                self.wrong(f"{place}{_cut(name)}", f"is not known. {_nearest(_cut(name), known)}")

    def text(self, place: str, value: Any, longest: int) -> str:
        if isinstance(value, str) and 0 < len(value.strip()) <= longest:
            return " ".join(value.split())
        self.wrong(place, f"is missing or no text: write one of at most {longest} letters.")
        return ""

    def number(self, place: str, value: Any, low: float, high: float) -> float:
        if _is_number(value) and low <= value <= high:
            return float(value)
        self.wrong(place, f"is {_shown(value)}: write a number from {low:g} to {high:g}.")
        return low

    def flag(self, place: str, value: Any) -> bool:
        if not isinstance(value, bool):
            self.wrong(place, f"is {_shown(value)}: write true or false.")
        return value is True

    def word(self, place: str, value: Any, known: Collection[str], otherwise: str) -> str:
        if isinstance(value, str) and value in known:
            return value
        self.wrong(place, f"is {_shown(value)}. {_nearest(value if isinstance(value, str) else '', known)}")
        return otherwise

    def listed(self, place: str, value: Any, what: str) -> list[Any]:
        if isinstance(value, list):
            if len(value) > LONGEST_LIST:
                self.wrong(place, f"has {len(value)} {what}: write at most {LONGEST_LIST}.")
                return []
            return value
        self.wrong(place, f"is {_shown(value)}: write a list of {what}.")
        return []


def rule_read(document: object) -> Rule:
    """The rule that `document` (as YAML or JSON gives it) describes. Raises RuleRefused."""
    if not isinstance(document, Mapping):
        raise RuleRefused(["A rule is a mapping with code, title, about, score and steps."])
    reader = _Reader()
    rule = _rule(reader, document)
    if not reader.problems:
        _whole(reader, rule)
    if reader.problems:
        raise RuleRefused(reader.problems)
    return rule


def _rule(reader: _Reader, told: Mapping[str, Any]) -> Rule:
    reader.keys("", told, RULE_KEYS)
    code = told.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        reader.wrong("code", f"is {_shown(code)}: write capital letters and a number, like R03.")
        code = ""
    unavailable = reader.text("unavailable", told["unavailable"], 600) if "unavailable" in told else ""
    steps = told.get("steps", [])
    return Rule(
        code=code,
        title=reader.text("title", told.get("title"), 80),
        about=reader.text("about", told.get("about"), 1500),
        score=reader.number("score", told.get("score"), 0.0, 1.0),
        subject=Subject(reader.word("subject", told.get("subject", "event"), list(Subject), "event")),
        steps=tuple(_step(reader, n, one) for n, one in enumerate(reader.listed("steps", steps, "steps"))),
        video=tuple(
            _video(reader, n, one) for n, one in enumerate(reader.listed("video", told.get("video", []), "conditions"))
        ),
        when_unknown=Unknown(reader.word("when_unknown", told.get("when_unknown", "silent"), list(Unknown), "silent")),
        training=reader.flag("training", told.get("training", False)),
        unavailable=unavailable,
    )


def _step(reader: _Reader, n: int, told: Any) -> Step:
    place = f"steps[{n}]"
    if not isinstance(told, Mapping):
        reader.wrong(place, "is no mapping: write at least event.")
        return Step(frozenset())
    reader.keys(f"{place}.", told, STEP_KEYS)
    events = _events(reader, f"{place}.event", told.get("event"))
    visual = bool(events & VISUAL_TYPES)
    if visual and events - VISUAL_TYPES:
        reader.wrong(f"{place}.event", "mixes what the till says with what the camera sees: make two steps of it.")
    same = reader.listed(f"{place}.same", told.get("same", ["lane" if visual else "terminal"]), "words")
    absent = reader.flag(f"{place}.absent", told.get("absent", False))
    return Step(
        events=events,
        where=_where(reader, f"{place}.where", told.get("where", {})),
        same=frozenset(Same(reader.word(f"{place}.same", one, list(Same), "lane")) for one in same),
        after_s=_seconds(reader, f"{place}.after_s", told.get("after_s")) or 0.0,
        within_s=_seconds(reader, f"{place}.within_s", told.get("within_s")),
        before_s=_seconds(reader, f"{place}.before_s", told.get("before_s")),
        absent=absent,
        times=int(reader.number(f"{place}.times", told.get("times", 1), 1, MOST_TIMES)),
        in_s=_seconds(reader, f"{place}.in_s", told.get("in_s")) or 0.0,
        anchor=reader.flag(f"{place}.anchor", told.get("anchor", False)),
        visual=visual,
    )


def _events(reader: _Reader, place: str, told: Any) -> frozenset[str]:
    names = [told] if isinstance(told, str) else told
    if not isinstance(names, list) or not names:
        reader.wrong(place, "is missing: write an event type of the contract, or a list of them.")
        return frozenset()
    known = POS_TYPES | VISUAL_TYPES
    names = reader.listed(place, names, "event types")
    return frozenset(name for one in names if (name := reader.word(place, one, known, "")))


def _seconds(reader: _Reader, place: str, told: Any) -> float | None:
    return None if told is None else reader.number(place, told, 0.0, LONGEST_S)


def _where(reader: _Reader, place: str, told: Any) -> tuple[Condition, ...]:
    if not isinstance(told, Mapping):
        reader.wrong(place, "is no mapping: write a field and what it must be, like amount: {at_least: 20}.")
        return ()
    found: list[Condition] = []
    for name, tests in told.items():
        at = f"{place}.{_cut(name)}"
        if not is_field(str(name)):
            reader.wrong(at, "is no field. Use one of the contract's (amount, reason, …), or data.NAME for another.")
        elif not isinstance(tests, Mapping) or not tests:
            reader.wrong(at, f"is {_shown(tests)}: write what it must be, like {{at_least: 20}}.")
        else:
            found += _tests(reader, at, str(name), tests)
    return tuple(found)


def _tests(reader: _Reader, place: str, name: str, tests: Mapping[str, Any]) -> list[Condition]:
    reader.keys(f"{place}.", tests, [*OPERATORS, "share_of"])
    of = tests.get("share_of", "")
    if of and not is_field(str(of)):
        reader.wrong(f"{place}.share_of", f"is {_shown(of)}, which is no field: write one, like before.amount.")
    if of and not NUMBER_OPERATORS & tests.keys():
        reader.wrong(place, "has a share_of but nothing to compare: add at_least or at_most.")
    if is_person(name) and tests.keys() - ABOUT_PEOPLE:
        reader.wrong(place, "is a person: ask only whether it is present, or same_as another. No rule picks somebody.")
    asked = [(str(op), value) for op, value in tests.items() if op in OPERATORS]
    people = {op: is_person(name) or (op == "same_as" and is_person(str(value))) for op, value in asked}
    return [
        Condition(name, op, _operand(reader, f"{place}.{op}", op, value), str(of), people[op]) for op, value in asked
    ]


def _operand(reader: _Reader, place: str, operator: str, value: Any) -> Any:
    if not FITS[operator](value):
        reader.wrong(place, f"is {_shown(value)}: write {OPERATORS[operator]}.")
        return ""
    if isinstance(value, list):
        return tuple(float(v) if isinstance(v, int) else v for v in value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) or _is_number(v) for v in value)


FITS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(NUMBER_OPERATORS, _is_number),
    **dict.fromkeys(TEXT_OPERATORS, lambda value: isinstance(value, str) and bool(value)),
    "multiple_of": lambda value: _is_number(value) and value >= 0.01,
    "equals": lambda value: isinstance(value, str) or _is_number(value),
    "in": _is_list,
    "not_in": _is_list,
    "present": lambda value: isinstance(value, bool),
    "same_as": lambda value: isinstance(value, str) and is_field(value),
}


def _video(reader: _Reader, n: int, told: Any) -> VideoCondition:
    place = f"video[{n}]"
    if not isinstance(told, Mapping):
        reader.wrong(place, "is no mapping: write fact, is, from_s and to_s.")
        return VideoCondition(VideoFact.GOODS_MOVED, True, 0.0, 0.0)
    reader.keys(f"{place}.", told, VIDEO_KEYS)
    fact = VideoFact(reader.word(f"{place}.fact", told.get("fact"), list(VideoFact), "goods_moved"))
    start = reader.number(f"{place}.from_s", told.get("from_s"), -600.0, 600.0)
    end = reader.number(f"{place}.to_s", told.get("to_s"), -600.0, 600.0)
    if start > end:
        reader.wrong(place, f"asks from {start:g} s to {end:g} s: the first must not be the later one.")
    return VideoCondition(fact, reader.flag(f"{place}.is", told.get("is")), start, end)


def _whole(reader: _Reader, rule: Rule) -> None:
    """What only all parts together can get wrong."""
    if rule.unavailable:
        if rule.steps or rule.video:
            reader.wrong("unavailable", "says that the rule cannot be used: leave steps and video out, or this.")
        return
    if not rule.present:
        reader.wrong("steps", "have nothing that happens: write at least one step that is not absent.")
        return
    if len(rule.steps) > MOST_STEPS:
        reader.wrong("steps", f"are {len(rule.steps)}: a person cannot check more than {MOST_STEPS}. Make two rules.")
    if sum(step.anchor for step in rule.steps) > 1:
        reader.wrong("steps", "have more than one anchor: a finding hangs on one event.")
    for n, step in enumerate(rule.steps):
        _step_whole(reader, rule, n, step)
    if max(rule.back_s, rule.ahead_s) > FARTHEST_S:
        reader.wrong("steps", f"reach over more than {FARTHEST_S / 3600:g} hours together: make the spans shorter.")


def _step_whole(reader: _Reader, rule: Rule, n: int, step: Step) -> None:
    place, first, last = f"steps[{n}]", rule.present[0], rule.present[-1]
    if step.absent:
        if step.anchor:
            reader.wrong(f"{place}.anchor", "is an absent event: a finding hangs on one that happened.")
        if n < first and step.before_s is None:
            reader.wrong(f"{place}.before_s", "is missing: say for how long before the first event it did not happen.")
        if n > last and step.within_s is None:
            reader.wrong(f"{place}.within_s", "is missing: say for how long after the last event it does not happen.")
        if step.times > 1:
            reader.wrong(f"{place}.times", "makes no sense for what must be absent: leave it out.")
    elif n > first and step.within_s is None:
        reader.wrong(f"{place}.within_s", "is missing: say at most how long after the step before it happens.")
    elif step.after_s and (n == first or step.after_s > (step.within_s or 0.0)):
        reader.wrong(f"{place}.after_s", "must be less than within_s, and the first event has neither.")
    elif step.before_s is not None or (n == first and step.within_s is not None):
        reader.wrong(place, "needs neither before_s nor, as the first event, within_s: leave it out.")
    if step.times > 1 and not step.in_s:
        reader.wrong(f"{place}.in_s", f"is missing: say within how long it happens {step.times} times.")
    if step.in_s and step.times == 1:
        reader.wrong(f"{place}.times", "is missing: say how often it happens within in_s.")
    compares = [c for c in step.where if BEFORE in (c.field[:7], c.of[:7], str(c.operand)[:7])]
    if compares and (n == first or step.times > 1):
        reader.wrong(f"{place}.where", "compares with the step before, which only a single later step can.")


def _shown(value: Any) -> str:
    """A number or text as it is; what holds other things by its kind alone, for it may hold anything."""
    if value is None:
        return "missing"
    if isinstance(value, Mapping | list):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return repr(value[:60] if isinstance(value, str) else value)[:60]


def _cut(name: object) -> str:
    return str(name)[:60]


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name[:60], list(known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(sorted(map(str, known)))}."
