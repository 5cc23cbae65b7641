"""A YAML document whose every part knows the line it stands on.

PyYAML's composer keeps the marks that its loader throws away. Scalars are read
as what is wanted, not as what YAML 1.1 guesses: ``country: NO`` is Norway and
``code: 007`` keeps its zeros.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

import yaml

MAX_CHARACTERS = 1_000_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a file. ``line`` and ``column`` count from 1."""

    line: int
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.sentence}"


@dataclass
class Problems:
    """Collects every mistake, so that a file is corrected in one go."""

    found: list[Problem] = field(default_factory=list)

    def add(self, node: yaml.Node, sentence: str) -> None:
        mark = node.start_mark
        self.found.append(Problem(mark.line + 1, mark.column + 1, sentence))

    def sorted(self) -> list[Problem]:
        return sorted(set(self.found))


def compose(text: str, problems: Problems) -> yaml.Node | None:
    """The document's root, or None with the reason among ``problems``."""
    if len(text) > MAX_CHARACTERS:
        problems.found.append(
            Problem(1, 1, f"the file is longer than {MAX_CHARACTERS} characters: is it the right one?")
        )
        return None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        problems.found.append(
            Problem(before.count("\n") + 1, len(before) - before.rfind("\n"), "a character that no text has: remove it")
        )
        return None
    except yaml.MarkedYAMLError as error:
        problems.found.append(_syntax_problem(error))
        return None
    except RecursionError:
        problems.found.append(Problem(1, 1, "nested too deeply to be a store"))
        return None
    if root is None:
        problems.found.append(Problem(1, 1, "the file is empty: start with `provision --example`"))
    return root


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = " ".join(part for part in (error.context, error.problem) if part)
    hint = ": indent with spaces, not tabs" if "\\t" in said else ""
    return Problem(line, column, f"this is not YAML ({said}){hint}")


@dataclass(frozen=True)
class Section:
    """A mapping whose keys have been checked against those it may have."""

    node: yaml.Node
    values: dict[str, yaml.Node]
    problems: Problems

    def get(self, key: str) -> yaml.Node | None:
        return self.values.get(key)

    def required(self, key: str, example: str) -> yaml.Node | None:
        if key not in self.values:
            self.problems.add(self.node, f"{key} is missing: write {example}")
        return self.values.get(key)


def section(node: yaml.Node, keys: Collection[str], name: str, problems: Problems) -> Section | None:
    """``node`` as a mapping with no other than ``keys``; None (and said) where it is none.

    A key that is not known is named with the nearest one that is; the rest of
    the mapping is still read.
    """
    if not isinstance(node, yaml.MappingNode):
        problems.add(node, f"{name} must be a mapping: write {{{', '.join(f'{key}: ...' for key in keys)}}}")
        return None
    values: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
        if key not in keys:
            problems.add(key_node, f"{name} has no {key!r}: {_instead(key, keys)}")
        elif key in values:
            problems.add(key_node, f"{key!r} stands here a second time: keep one")
        else:
            values[key] = value
    return Section(node, values, problems)


def items(node: yaml.Node | None, name: str, example: str, problems: Problems) -> Iterator[yaml.Node]:
    """The items of a list; of nothing where there is none (and said, unless it is absent or null)."""
    if node is None or node.tag == _NULL:
        return
    if not isinstance(node, yaml.SequenceNode):
        problems.add(node, f"{name} must be a list: write {example}")
        return
    yield from node.value


def text(node: yaml.Node | None, name: str, problems: Problems, *, longest: int, blank: bool = False) -> str | None:
    """The scalar's text as written; None where it cannot be used (and said, unless absent)."""
    if node is None:
        return None
    if not isinstance(node, yaml.ScalarNode):
        problems.add(node, f"{name} must be one piece of text")
        return None
    value = "" if node.tag == _NULL else str(node.value).strip()
    if not value and not blank:
        problems.add(node, f"{name} is empty: write something, or leave the key out where it is optional")
        return None
    if len(value) > longest:
        problems.add(node, f"{name} is {len(value)} characters long: write at most {longest}")
        return None
    if not value.isprintable():
        problems.add(node, f"{name} contains a line break or a control character: write it on one line")
        return None
    return value


def choice(
    node: yaml.Node | None, name: str, allowed: Collection[str], problems: Problems, *, instead: str = ""
) -> str | None:
    """The scalar as one of ``allowed``, or None (and said, unless absent).

    ``instead``: what to write where nothing similar is allowed and the list is long.
    """
    value = text(node, name, problems, longest=200)
    if node is None or value is None:
        return None
    if value not in allowed:
        problems.add(node, f"{name} {value!r} is not known: {_instead(value, allowed, instead)}")
        return None
    return value


def number(node: yaml.Node, name: str, problems: Problems) -> float | None:
    """The scalar as a plain decimal number, or None (and said)."""
    raw = node.value if isinstance(node, yaml.ScalarNode) and node.style is None else None
    if raw is not None and _NUMBER.fullmatch(raw):
        return float(raw)
    problems.add(node, f"{name} must be a number: write for example 0.25, with a dot and without quotes")
    return None


def _instead(value: str, allowed: Collection[str], otherwise: str = "") -> str:
    """The nearest of ``allowed``, however it was capitalised, or what else to write."""
    by_lower = {word.lower(): word for word in allowed}
    near = get_close_matches(value.lower(), by_lower, n=1, cutoff=0.6)
    if near:
        return f"did you mean {by_lower[near[0]]!r}?"
    return otherwise or f"write one of {', '.join(sorted(allowed))}"
