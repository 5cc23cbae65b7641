"""What a rule is once it has been read, and what it says. Instants are Unix seconds on the common clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | float
WATCH_S = 900.0
"""A camera that told of nobody for so long either way tells nothing of people."""
TICKET_S = 900.0
"""Of one ticket a rule that is about tickets speaks once in so long."""


class Subject(StrEnum):
    EVENT = "event"
    TICKET = "ticket"


class Same(StrEnum):
    """What two events have in common."""

    TICKET = "ticket"
    OPERATOR = "operator"
    TERMINAL = "terminal"
    LANE = "lane"
    LINE = "line"
    GTIN = "gtin"
    APPROVER = "approver"
    AMOUNT = "amount"


class VideoFact(StrEnum):
    CUSTOMER_PRESENT = "customer_present"
    ITEM_PRESENTED = "item_presented"
    GOODS_MOVED = "goods_moved"


class Unknown(StrEnum):
    """What a rule does where the video cannot answer."""

    SILENT = "silent"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one field. `operand` is a number, a text, a list or a bool, as the operator wants it; `of`: the field
    whose share is compared ("before.amount": of the step before); `of_person`: whether a field of it holds a
    pseudonym."""

    field: str
    operator: str
    operand: Value | bool | tuple[Value, ...]
    of: str = ""
    of_person: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`after_s` to `within_s` after the step before; `within_s` is None only for the first. `before_s`: for an absent
    step ahead of the first event, how far back it must not have happened. `times`: so often within `in_s`, this being
    the last."""

    events: frozenset[str]
    where: tuple[Condition, ...] = ()
    same: frozenset[Same] = frozenset({Same.TERMINAL})
    after_s: float = 0.0
    within_s: float | None = None
    before_s: float | None = None
    absent: bool = False
    times: int = 1
    in_s: float = 0.0
    anchor: bool = False
    visual: bool = False


@dataclass(frozen=True, slots=True)
class VideoCondition:
    """Whether `fact` holds from `from_s` to `to_s` around the event that the finding hangs on."""

    fact: VideoFact
    holds: bool
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Rule:
    """`unavailable`: why it cannot be used; then it has no steps."""

    code: str
    title: str
    about: str
    score: float
    subject: Subject = Subject.EVENT
    steps: tuple[Step, ...] = ()
    video: tuple[VideoCondition, ...] = ()
    when_unknown: Unknown = Unknown.SILENT
    training: bool = False
    unavailable: str = ""

    @property
    def present(self) -> tuple[int, ...]:
        """Places of the steps that must have happened."""
        return tuple(n for n, step in enumerate(self.steps) if not step.absent)

    @property
    def anchor(self) -> int:
        """The place of the step that a finding hangs on."""
        named = [n for n in self.present if self.steps[n].anchor]
        return named[0] if named else self.present[-1]

    @property
    def about_operators(self) -> bool:
        """Whether it counts or compares what single people did: governance has to allow that (P14, P15)."""
        joined = {kind for step in self.steps for kind in step.same}
        compared = any(one.operator == "same_as" and one.of_person for step in self.steps for one in step.where)
        return compared or not joined.isdisjoint({Same.OPERATOR, Same.APPROVER})

    @property
    def ticket_s(self) -> float:
        return TICKET_S if self.subject is Subject.TICKET else 0.0

    @property
    def back_s(self) -> float:
        """How far before its anchor what it says may have been decided."""
        steps = self.steps[: self.anchor + 1]
        events = sum((step.within_s or 0.0) + (step.before_s or 0.0) for step in steps if not step.absent)
        events += sum(step.before_s or 0.0 for step in steps if step.absent) + max(step.in_s for step in steps)
        return self.ticket_s + max([events, *(WATCH_S - one.from_s for one in self.video)])

    @property
    def ahead_s(self) -> float:
        """How far after its anchor it may still be decided."""
        events = sum(step.within_s or 0.0 for step in self.steps[self.anchor + 1 :])
        return max([events, *(WATCH_S + one.to_s for one in self.video)])


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of either witness. `line`: the line that it is about. `values`: all other fields that may be asked
    for; amounts of what takes money off are told without their sign. `other_ticket`: another that it names;
    `elsewhere`: at another lane, which only shows that what must not happen to a ticket has happened."""

    key: str
    at: float
    type: str
    visual: bool = False
    terminal: str = ""
    ticket: str = ""
    operator: str = ""
    training: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)
    other_ticket: str = ""
    elsewhere: bool = False

    def value(self, name: str) -> Value | None:
        """Of a field, or None where the event does not say."""
        own = {"transaction": self.ticket, "ticket": self.ticket, "operator": self.operator, "terminal": self.terminal}
        found = own[name] if name in own else self.values.get(name)
        return None if found == "" else found


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. `events`: keys in order of time, `anchor` among them; `unknown`: what the video could not
    answer, in words; `heard_until`: so far both witnesses were listened to."""

    code: str
    anchor: Fact
    events: tuple[Fact, ...]
    score: float
    sentence: str
    unknown: tuple[str, ...] = ()

    @property
    def amount_cents(self) -> int | None:
        """What the anchor, or else the matched event worth most, comes to."""
        known = [abs(float(v)) for fact in self.events if (v := fact.value("amount")) is not None]
        own = self.anchor.value("amount")
        worth = abs(float(own)) if own is not None else max(known, default=None)
        return round(worth * 100) if worth is not None else None


@dataclass(frozen=True, slots=True)
class Found:
    """`waiting`: keys of what may not be spoken about yet; `decided_at`: when the first of them can be, at the latest
    (common clock)."""

    findings: tuple[Finding, ...]
    waiting: frozenset[str] = frozenset()
    decided_at: float | None = None
    unanswered: int = 0
    """How many matched but for what the video could not answer."""
    silenced: tuple[tuple[str, str], ...] = ()
    """Keys of what may not be said at all, each with the reason in a sentence."""
