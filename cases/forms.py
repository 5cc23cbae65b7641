"""What a reviewer sends."""

from django import forms

from cases.domain.words import ACTION_WORDS, OUTCOME_WORDS, REASONS

NOTE_LIMIT = 2000


class DecisionForm(forms.Form):
    """One decision: an outcome, a reason that belongs to it, what was done, and a note."""

    outcome = forms.ChoiceField(choices=list(OUTCOME_WORDS.items()))
    reason = forms.CharField(max_length=64, error_messages={"required": "Choose a reason."})
    action = forms.ChoiceField(choices=list(ACTION_WORDS.items()), required=False)
    note = forms.CharField(max_length=NOTE_LIMIT, required=False)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        outcome, reason = cleaned.get("outcome"), cleaned.get("reason")
        if outcome and reason and reason not in REASONS[outcome]:
            words = OUTCOME_WORDS[outcome].lower()
            self.add_error("reason", f"{reason} is no reason to {words}; choose one of the list.")
        return cleaned

    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)
