"""Reading the environment: good values typed, bad ones kept as problems that say what to write."""

from pathlib import Path

import pytest

from shrink.environment import Environment, kept_secret

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "here"}


def ids(environment: Environment) -> list[str]:
    return [problem.id for problem in environment.problems]


@pytest.mark.parametrize(
    ("raw", "value", "problems", "reason"),
    [
        ("1", True, [], "as the documents write it"),
        ("Yes", True, [], "as people write it"),
        ("off", False, [], "as people write it"),
        ("", False, [], "set, but empty"),
        ("maybe", False, ["shrink.E002"], "neither"),
    ],
)
def test_flags(raw: str, value: bool, problems: list[str], reason: str) -> None:
    environment = Environment({"DEBUG": raw})
    assert environment.flag("DEBUG") is value, reason
    assert ids(environment) == problems, reason


@pytest.mark.parametrize(
    ("raw", "value", "problems", "reason"),
    [
        ("8001", 8001, [], "a number"),
        ("", 8000, [], "set, but empty"),
        ("eight", 8000, ["shrink.E003"], "a word"),
        ("-1", 8000, ["shrink.E003"], "nothing here is negative"),
    ],
)
def test_numbers(raw: str, value: int, problems: list[str], reason: str) -> None:
    environment = Environment({"PORT": raw})
    assert environment.number("PORT", 8000) == value, reason
    assert ids(environment) == problems, reason


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    assert Environment({"SECRET_KEY_FILE": str(tmp_path / "key")}).text("SECRET_KEY") == "s3cret"


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    environment = Environment({"SECRET_KEY_FILE": str(tmp_path / "nowhere")})
    assert environment.text("SECRET_KEY") == ""
    assert ids(environment) == ["shrink.E001"]
    assert "nowhere" in environment.problems[0].message


def test_a_kept_secret_is_made_once_for_this_user_only(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "secret_key")
    assert len(first) > 40
    assert kept_secret(tmp_path / "secret_key") == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_data_dir_that_cannot_be_made_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = Environment({"DATA_DIR": str(tmp_path / "file" / "below")})
    environment.data_dir(Path("var"))
    assert ids(environment) == ["shrink.E004"]


@pytest.mark.parametrize(
    ("url", "engine", "name", "problems", "reason"),
    [
        ("", "django.db.backends.sqlite3", "here", [], "the embedded default"),
        ("postgres://u:p@h:5432/shop", "django.db.backends.postgresql", "shop", [], "PostgreSQL"),
        ("postgresql://u@h/shop", "django.db.backends.postgresql", "shop", [], "by its other name"),
        ("sqlite:////tmp/x.sqlite3", "django.db.backends.sqlite3", "/tmp/x.sqlite3", [], "another file"),
        ("mysql://u@h/shop", "django.db.backends.dummy", None, ["shrink.E005"], "never silently SQLite"),
        ("shop", "django.db.backends.dummy", None, ["shrink.E005"], "no URL"),
        ("postgres://h", "django.db.backends.dummy", None, ["shrink.E005"], "no database in it"),
    ],
)
def test_databases(url: str, engine: str, name: str | None, problems: list[str], reason: str) -> None:
    environment = Environment({"DATABASE_URL": url})
    database = environment.database(SQLITE)
    assert (database["ENGINE"], database.get("NAME"), ids(environment)) == (engine, name, problems), reason


def test_postgresql_gets_a_pool() -> None:
    database = Environment({"DATABASE_URL": "postgres://h/shop", "DATABASE_POOL": "7"}).database(SQLITE)
    assert database["OPTIONS"]["pool"]["max_size"] == 7
