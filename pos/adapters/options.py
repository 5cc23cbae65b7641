"""What a person tells an adapter, as JSON, made into its configuration or refused with a sentence for each mistake.

A mask is text in which ``<STX>`` stands for a control character (pos.domain.controls); a pattern is a regular
expression, or a list of them, under the kind of line it reads.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.reading import AdapterConfig, ConfigRefused
from pos.adapters.receipt_text import Patterns
from pos.domain.controls import controls_read

OWN = frozenset({"terminal", "captured_at"})
"""Said by the door: its terminal, and when something came."""
PATTERN_LONGEST = 500
PATTERNS_MOST = 50


class OptionsRefused(ValueError):
    """``sentences``: what is wrong with each option, and what to write."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def config_read(kind: str, options: Any, *, terminal: str = "", captured_at: str = "") -> AdapterConfig:
    """The configuration of the adapter ``kind`` for ``options``. Raises OptionsRefused.

    ``captured_at`` (RFC 3339) is passed on to an adapter that knows it.
    """
    if kind not in ADAPTERS:
        raise OptionsRefused([f"There is no adapter {kind!r}; there are {', '.join(sorted(ADAPTERS))}."])
    configure = ADAPTERS[kind].configure
    if not isinstance(options, Mapping):
        raise OptionsRefused(['Options are a JSON object: write {} for none, or {"code_page": "cp858"}.'])
    hints = get_type_hints(configure)
    values, wrong = dict[str, Any](), list[str]()
    for name, told in options.items():
        try:
            values[name] = _value(name, told, hints)
        except (ValueError, TypeError) as error:
            wrong.append(f"{name}: {_sentence(str(error))}")
    if wrong:
        raise OptionsRefused(wrong)
    own = {"terminal": terminal, "captured_at": captured_at}
    try:
        return configure(**{name: value for name, value in own.items() if name in hints}, **values)
    except ConfigRefused as error:
        raise OptionsRefused([str(error)]) from error
    except (LookupError, ValueError) as error:
        said = f"{_sentence(str(error))} Write a code page that Python knows, such as cp858."
        raise OptionsRefused([said]) from error


def options_known(kind: str) -> list[str]:
    """The names of the options of the adapter ``kind``."""
    return [field.name for field in dataclasses.fields(ADAPTERS[kind].configure) if field.name not in OWN]  # type: ignore[arg-type]  # each is a dataclass


def _value(name: str, told: Any, hints: Mapping[str, Any]) -> Any:
    if name in OWN:
        raise ValueError("the source says it itself; leave it out")
    if name not in hints:
        raise ValueError(f"there is no such option; there are {', '.join(sorted(hints.keys() - OWN))}")
    read = _READERS.get(str(hints[name]))
    if read is not None:
        return read(told)
    try:
        return msgspec.convert(told, hints[name], str_keys=True)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}".replace("`", "")) from error


def _masks(told: Any) -> tuple[bytes, ...]:
    return tuple(_mask(text) for text in _texts(told))


def _mask(told: Any) -> bytes:
    if not isinstance(told, str) or not told:
        raise ValueError('write text, with control characters as in "<STX>"')
    return controls_read(told)


def _patterns(told: Any) -> Patterns:
    if not isinstance(told, Mapping):
        raise ValueError('write {"total": "..."}: a pattern for each kind of line')
    kinds = [field.name for field in dataclasses.fields(Patterns)]
    strange = sorted(told.keys() - set(kinds))
    if strange:
        raise ValueError(f"{strange[0]!r} is no kind of line; there are {', '.join(kinds)}")
    return Patterns(**{kind: tuple(_pattern(kind, text) for text in _texts(told[kind])) for kind in told})


def _pattern(kind: str, text: str) -> re.Pattern[str]:
    if len(text) > PATTERN_LONGEST:
        raise ValueError(f"a pattern of {kind} is longer than {PATTERN_LONGEST} characters")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the pattern {text!r} of {kind} is no regular expression ({error})") from error


def _texts(told: Any) -> list[str]:
    texts = [told] if isinstance(told, str) else told
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("write a text, or a list of texts")
    if len(texts) > PATTERNS_MOST:
        raise ValueError(f"at most {PATTERNS_MOST} are read")
    return texts


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


_READERS: dict[str, Callable[[Any], Any]] = {
    str(tuple[bytes, ...]): _masks,
    str(bytes): _mask,
    str(Patterns): _patterns,
}
