from lanes.domain.health import HealthItem, HealthLevel, health_sorted, health_worst
from lanes.domain.papers import papers_missing, papers_sentence

FULL = {"purpose": "Loss prevention", "legal_basis": "legitimate_interest", "assessment": "LIA-1", "owner": "dpo"}


def test_blank_is_missing():
    assert papers_missing(FULL) == []
    assert papers_missing({**FULL, "owner": "  ", "purpose": ""}) == ["purpose", "owner"]
    assert papers_missing({}) == ["purpose", "legal basis", "assessment", "owner"]


def test_the_sentence_reads():
    assert papers_sentence("L1-top", ["owner"]) == "Camera L1-top cannot be switched on: its owner is not recorded."
    assert (
        papers_sentence("L1-top", ["purpose", "legal basis", "owner"])
        == "Camera L1-top cannot be switched on: its purpose, legal basis and owner are not recorded."
    )


def test_worst_first():
    items = [HealthItem(HealthLevel.OK, "b", "fine"), HealthItem("bad", "z", "gone"), HealthItem("warn", "a", "slow")]
    assert [item.subject for item in health_sorted(items)] == ["z", "a", "b"]
    assert health_worst(items) is HealthLevel.BAD
    assert health_worst([]) is None
