"""What was judged, what people did about it, and the rules of exceptions."""

from cases.models.judged import (
    Case,
    Decision,
    Discrepancy,
    Evidence,
    ItemLook,
    LaneCheckpoint,
    LaneJudgement,
    LaneMark,
    TaughtRates,
)
from cases.models.rules import ExceptionRule, ExceptionRuleVersion, RuleBacktest, RuleTerm

__all__ = [
    "Case",
    "Decision",
    "Discrepancy",
    "Evidence",
    "ExceptionRule",
    "ExceptionRuleVersion",
    "ItemLook",
    "LaneCheckpoint",
    "LaneJudgement",
    "LaneMark",
    "RuleBacktest",
    "RuleTerm",
    "TaughtRates",
]
