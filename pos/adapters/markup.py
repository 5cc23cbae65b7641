"""XML from strangers, read safely.

expat is used directly, because that is where the dangers are switched off: a
document type is refused before anything in it is read, so there are no
entities to expand and nothing to fetch; size, depth and the number of elements
are limited. (defusedxml does the same by the same hooks; here they are 20
lines.) Namespaces vary between versions and vendors, and prefixes are often
not declared: elements and attributes are known by their local name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from pos.adapters.reading import DocumentNotUnderstood, size_checked

SIZE_LIMIT = 16 * 2**20
DEPTH_LIMIT = 64
ELEMENT_LIMIT = 400_000
YES = frozenset({"true", "yes", "1"})


@dataclass(slots=True)
class Element:
    """``name`` and the keys of ``attributes`` without prefix; ``text`` is what stands directly in it, stripped."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def first(self, *names: str) -> "Element | None":
        """The first child of the first of ``names`` that has one."""
        return next((child for name in names for child in self.children if child.name == name), None)

    def each(self, name: str) -> Iterator["Element"]:
        return (child for child in self.children if child.name == name)

    def said(self, *names: str) -> str:
        """The text of the first of the children called ``names`` that has any."""
        return next((child.text for name in names for child in self.each(name) if child.text), "")

    def anywhere(self, name: str) -> "Element | None":
        """The first descendant called ``name``, in the document's order."""
        return next((element for element in self.walk() if element.name == name), None)

    def walk(self) -> Iterator["Element"]:
        """All descendants in the document's order."""
        waiting = list(reversed(self.children))
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))

    def flag(self, name: str) -> bool:
        """Whether attribute ``name`` says yes, as ARTS (``true``) and NAXML (``yes``) write it."""
        return self.attributes.get(name, "").strip().lower() in YES

    def flagged(self, name: str) -> bool:
        """Whether the first child called ``name`` says yes by its ``value``."""
        child = self.first(name)
        return child is not None and child.flag("value")


def xml_read(document: bytes) -> Element:
    """The root of ``document``. Raises DocumentNotUnderstood."""
    size_checked(document, SIZE_LIMIT)
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _doctype_refused
    parser.StartElementHandler = tree.opened
    parser.EndElementHandler = tree.closed
    parser.CharacterDataHandler = tree.wrote
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise DocumentNotUnderstood(
            f"This is no well-formed XML ({error}). Send the file as it was exported, whole."
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that is none, or that expat cannot take
        if isinstance(error, DocumentNotUnderstood):
            raise
        raise DocumentNotUnderstood("The XML declares an encoding that cannot be read. Send it as UTF-8.") from error
    return tree.root


def _doctype_refused(*_: object) -> NoReturn:
    raise DocumentNotUnderstood(
        "The XML has a document type declaration, which no journal needs and an attack does. Remove the DOCTYPE."
    )


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Tree:
    """Puts the parser's calls together, within limits."""

    def __init__(self) -> None:
        self.root = Element("")
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._count = 0

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEPTH_LIMIT or self._count > ELEMENT_LIMIT:
            raise DocumentNotUnderstood(
                f"The XML is nested deeper than {DEPTH_LIMIT} levels or holds more than {ELEMENT_LIMIT:,} elements, "
                "which no journal does. Send it in parts."
            )
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def closed(self, _: str) -> None:
        self._open.pop().text = "".join(self._texts.pop()).strip()

    def wrote(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)
