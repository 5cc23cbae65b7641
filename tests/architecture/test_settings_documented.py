"""Every setting that the environment can give is described in docs/operations.md and shown in .env.example."""

import re

import pytest

from tests.repository import REPOSITORY

READ = re.compile(r"""ENVIRONMENT\.(?:text|flag|number|words)\(\s*["']([A-Z_]+)["']""")
IN_ENVIRONMENT = re.compile(r"""self\.(?:text|flag|number|words)\(["']([A-Z_]+)["']""")


def settings_read() -> set[str]:
    settings = READ.findall((REPOSITORY / "shrink" / "settings.py").read_text())
    return {*settings, *IN_ENVIRONMENT.findall((REPOSITORY / "shrink" / "environment.py").read_text())}


@pytest.mark.parametrize("document", ["docs/operations.md", ".env.example"])
def test_every_setting_is_described(document: str) -> None:
    text = (REPOSITORY / document).read_text()
    assert sorted(name for name in settings_read() if not re.search(rf"\b{name}\b", text)) == []


def test_no_setting_is_described_that_nobody_reads() -> None:
    described = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (REPOSITORY / "docs" / "operations.md").read_text(), re.MULTILINE)
    )
    assert sorted(described - settings_read()) == []
