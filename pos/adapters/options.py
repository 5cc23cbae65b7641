"""A feed's configuration from a file or a form: names and kinds of values are checked before anything is read by it."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.mapping import near
from pos.adapters.reading import AdapterConfig, ConfigRefused


def configured(kind: str, options: Mapping[str, Any]) -> AdapterConfig:
    """The configuration of the adapter ``kind`` from plain data, as JSON and YAML hold it. Raises ConfigRefused."""
    adapter = ADAPTERS[kind]
    known = {one.name: one for one in fields(adapter.configure)}  # type: ignore[arg-type]  # a dataclass each
    given = {}
    for name, value in options.items():
        if name not in known:
            raise ConfigRefused(f"{kind} has no option {name!r}. {near(str(name), known)}")
        given[name] = _value(name, _default(known[name]), value)
    return adapter.configure(**given)


def _default(option: Field[Any]) -> Any:
    return option.default_factory() if option.default_factory is not MISSING else option.default


def _value(name: str, default: Any, value: Any) -> Any:
    """``value`` if it is of the kind of ``default``."""
    if isinstance(default, bool) or default is None:
        return _of(name, value, bool, "true or false")
    if isinstance(default, str):
        return _of(name, value, str, "a text, in quotes")
    if isinstance(default, frozenset):
        return frozenset(_texts(name, value))
    if isinstance(default, dict):
        return {
            _key(name, one): inner for one, inner in _of(name, value, dict, "an object of names and values").items()
        }
    if isinstance(default, tuple) and name == "parts":
        return tuple(_of(name, value, list, "a list"))
    raise ConfigRefused(f"{name} cannot be given here, only in a program. Leave it out.")


def _of(name: str, value: Any, kind: type, wanted: str) -> Any:
    if not isinstance(value, kind):
        raise ConfigRefused(f"{name} is {str(value)[:40]!r}. Write {wanted}.")
    return value


def _key(name: str, key: Any) -> str:
    """YAML reads a bare 1 as a number, which is as good as its text, and a bare no as false, which is not."""
    if isinstance(key, str | int) and not isinstance(key, bool):
        return str(key)
    raise ConfigRefused(f"{name} has the name {key!r}. Write names in quotes.")


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigRefused(f"{name} is {str(value)[:40]!r}. Write a list of texts.")
    return value
