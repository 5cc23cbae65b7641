"""The papers without which a camera stays off (P01)."""

from collections.abc import Mapping

PAPERS = {
    "purpose": "purpose",
    "legal_basis": "legal basis",
    "assessment": "assessment",
    "owner": "owner",
}


def papers_missing(papers: Mapping[str, str]) -> list[str]:
    """The names, in words, of the papers that are absent or blank."""
    return [words for key, words in PAPERS.items() if not papers.get(key, "").strip()]


def papers_sentence(camera_code: str, missing: list[str]) -> str:
    """Why a camera cannot be switched on; ``missing`` is not empty."""
    listed = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
    verb = "is" if len(missing) == 1 else "are"
    return f"Camera {camera_code} cannot be switched on: its {listed} {verb} not recorded."
