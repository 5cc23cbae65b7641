"""Typed reading of the environment. A mistake never raises here: it is kept, and `shrink.checks` reports it."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import environ

FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}
DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}


@dataclass(frozen=True)
class Problem:
    """A setting that cannot be used: the id of its check, what is wrong and what to do."""

    id: str
    message: str
    hint: str


@dataclass
class Environment:
    """The process's environment. `X_FILE` names a file that holds the value of `X`, for secrets."""

    values: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """The value of `name`, or the content of the file that `name_FILE` points to, or the default."""
        file = self.values.get(f"{name}_FILE", "")
        if not file:
            return self.values.get(name, default).strip() or default
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            self._problem(
                "shrink.E001",
                f"{name}_FILE={file} cannot be read: {error.strerror}.",
                f"Make the file readable for this user, or set {name} itself.",
            )
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        raw = self.text(name, "1" if default else "0").lower()
        if raw not in FLAGS:
            self._problem("shrink.E002", f"{name}={raw} is neither true nor false.", f"Write {name}=1 or {name}=0.")
        return FLAGS.get(raw, default)

    def number(self, name: str, default: int) -> int:
        raw = self.text(name, str(default))
        if not raw.isdigit():
            self._problem("shrink.E003", f"{name}={raw} is not a whole number.", f"Write for example {name}={default}.")
            return default
        return int(raw)

    def words(self, name: str, default: str = "") -> list[str]:
        """A comma-separated list."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def data_dir(self, default: Path) -> Path:
        """DATA_DIR, made if it is not there."""
        path = Path(self.text("DATA_DIR", str(default))).expanduser().resolve()
        with suppress(OSError):  # reported below, with what to do
            path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            self._problem(
                "shrink.E004",
                f"DATA_DIR={path} cannot be written.",
                "Create it for this user, or point DATA_DIR at a directory that can be written.",
            )
        return path

    def secret_key(self, data_dir: Path) -> str:
        """SECRET_KEY, or one made once and kept in DATA_DIR, readable by this user only."""
        given = self.text("SECRET_KEY")
        return given or kept_secret(data_dir / "secret_key")

    def database(self, default: dict[str, Any]) -> dict[str, Any]:
        """Django's database from DATABASE_URL; one that cannot be used becomes a database that refuses to work."""
        url = self.text("DATABASE_URL")
        if not url:
            return default
        scheme = url.partition(":")[0]
        if scheme == "sqlite":
            return {**default, "NAME": environ.Env.db_url_config(url)["NAME"]}
        if scheme not in DATABASE_SCHEMES or not environ.Env.db_url_config(url).get("NAME"):
            self._problem(
                "shrink.E005",
                "DATABASE_URL names no database that can be used.",
                "Write postgres://user:password@host:5432/name, or leave it out for SQLite in DATA_DIR.",
            )
            return {"ENGINE": "django.db.backends.dummy"}
        pool = {"min_size": 1, "max_size": self.number("DATABASE_POOL", 20), "timeout": 20}
        return {**environ.Env.db_url_config(url), "ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": pool}}

    def _problem(self, id: str, message: str, hint: str) -> None:
        self.problems.append(Problem(id, message, hint))


def kept_secret(path: Path) -> str:
    """The content of `path`, made if it is not there. Two processes that start together agree on one."""
    fresh = secrets.token_urlsafe(48)
    try:
        if path.exists():
            return path.read_text().strip()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(fresh)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text().strip()
    except OSError:
        return fresh  # DATA_DIR cannot be written, which its own check says
