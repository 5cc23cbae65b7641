"""How history tells what happened to cases and their evidence."""

from collections.abc import Callable

from privacy.models import AuditEvent
from privacy.presenters import Phrase

DONE = {
    "case.created": "raised {case}",
    "case.viewed": "viewed {case}",
    "case.taken": "took {case}",
    "case.released": "gave {case} back",
    "case.confirmed": "confirmed {case}",
    "case.dismissed": "dismissed {case}",
    "case.context_asked": "asked for context on {case}",
    "case.withdrawn": "withdrew {case}",
    "case.reopened": "reopened {case}",
    "case.annotated": "added what was learnt later to {case}",
    "clip.viewed": "watched the clip of {case}",
    "key_frame.viewed": "saw the stills of {case}",
    "evidence.written": "wrote the blurred evidence of {case}",
    "evidence.erased": "erased the evidence of {case}",
}


def _phrase(done: str) -> Callable[[AuditEvent], str]:
    def phrase(event: AuditEvent) -> str:
        return done.format(case=f"case {event.object_id[:8]}")

    return phrase


CLOCKS = {
    "clock.stepped": "took the clock of lane {object_id} anew",
    "clock.disagrees": "began to doubt the clock of lane {object_id}",
}
RULES: dict[str, Phrase] = {
    "rule.added": "added the exception rule {object_id}",
    "rule.went_live": "put the exception rule {object_id} into force",
    "rule.rolled_back": "returned to the exception rule {object_id}",
    "rule.retired": "took the exception rule {object_id} out of force",
    "rule.backtested": "tried the exception rule {object_id} on past days",
    "rule.backtest_cancelled": "cancelled the trial of the exception rule {object_id}",
}
PHRASES: dict[str, Phrase] = {action: _phrase(done) for action, done in DONE.items()} | CLOCKS | RULES
