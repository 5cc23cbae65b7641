"""A finding in one sentence, with the values it rests on. It names events, never a person."""

from __future__ import annotations

from collections.abc import Sequence

from cases.domain.exceptions.types import Fact, Rule

TYPE_WORDS = {
    "void": "line voided",
    "no_sale": "drawer opened without a sale",
    "drawer_open": "drawer opened",
    "ticket_void": "ticket voided afterwards",
    "ticket_cancel": "ticket cancelled",
    "ticket_suspend": "ticket put aside",
    "ticket_resume": "ticket taken up again",
    "ticket_close": "ticket closed",
    "ticket_open": "ticket opened",
    "tender": "payment",
    "tender_void": "payment taken back",
    "item_pass": "item crossed the scanner",
    "item_bypass": "item went around the scanner",
    "item_return": "item went back",
    "item_presented": "item shown to the scanner",
    "sco_intervention": "attendant called",
}


def sentence_of(rule: Rule, steps: Sequence[Fact], seen: Sequence[str], unknown: Sequence[str]) -> str:
    """`steps`: the matched event of each present step; `seen`: what the video showed; `unknown`: what it did not."""
    told = [_event(fact, rule.steps[n].times) for fact, n in zip(steps, rule.present, strict=True)]
    for n in range(1, len(told)):
        told[n] = f"{_span(steps[n].at - steps[n - 1].at)} later {told[n]}"
    absent = [_absence(rule, n) for n, step in enumerate(rule.steps) if step.absent]
    says = f"{rule.title}: {', '.join([*told, *absent])}"
    says += f". The video shows that {' and '.join(seen)}" if seen else ""
    says += f". Not known: {'; '.join(unknown)}" if unknown else ""
    return f"{says}."


def _event(fact: Fact, times: int) -> str:
    words = TYPE_WORDS.get(fact.type, fact.type.replace("_", " "))
    amount, quantity = fact.value("amount"), fact.value("quantity")
    parts = [f"{amount:.2f}"] if isinstance(amount, float) else []
    parts += [f"quantity {quantity:g}"] if isinstance(quantity, float) and quantity != 1 else []
    says = f"{words} ({', '.join(parts)})" if parts else words
    return f"for the {_nth(times)} time {says}" if times > 1 else says


def _absence(rule: Rule, n: int) -> str:
    step = rule.steps[n]
    what = " or ".join(sorted(TYPE_WORDS.get(name, name.replace("_", " ")) for name in step.events))
    if step.before_s is not None:
        return f"and no {what} in {_span(step.before_s)} before"
    within = f" within {_span(step.within_s)}" if step.within_s is not None else " in between"
    return f"and no {what}{within}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _nth(times: int) -> str:
    return {2: "second", 3: "third"}.get(times, f"{times}th")
