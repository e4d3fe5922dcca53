"""Bank XML parsed safely: UTF-8 only, no DOCTYPE, no entities, no network; the one place that touches lxml.

The checks come before the parser: a file with a DOCTYPE never reaches it, so no entity is ever declared.
"""

import importlib
import re
from collections.abc import Iterator
from typing import Any, Protocol, cast

from ledger.bank.content import BYTE_ORDER_MARK
from ledger.bank.findings import file_refused

_DECLARED_ENCODING = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
PARSER_OPTIONS: Any = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "load_dtd": False,
    "dtd_validation": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""How every parser of bank files is set."""


class Element(Protocol):
    """The part of an lxml element that this package uses."""

    tag: str
    text: str | None
    sourceline: int | None
    nsmap: dict[str | None, str]

    def items(self) -> "list[tuple[str, str]]": ...
    def iterchildren(self, tag: str | None = None) -> "Iterator[Element]": ...
    def get(self, key: str) -> str | None: ...
    def getparent(self) -> "Element | None": ...
    def getprevious(self) -> "Element | None": ...
    def getroottree(self) -> "ElementTree": ...
    def remove(self, child: "Element", /) -> None: ...
    def clear(self) -> None: ...


class ElementTree(Protocol):
    """The part of an lxml tree that this package uses."""

    docinfo: Any

    def getroot(self) -> Element: ...


# lxml ships no type information: it is loaded as Any here, and typed by the protocols above from here on.
etree: Any = importlib.import_module("lxml.etree")


def parse(data: bytes) -> ElementTree:
    """The tree of a bank's XML file.

    Raises `FileRefused` `file_encoding_wrong` (anything but UTF-8, whether found or declared),
    `file_doctype_refused` or `file_not_xml`, with the line.
    """
    text = _decode(data)
    require_no_doctype(text)
    parser = etree.XMLParser(**PARSER_OPTIONS)
    try:
        root = etree.fromstring(data.removeprefix(BYTE_ORDER_MARK), parser)
    except etree.XMLSyntaxError as error:
        raise file_refused(
            "file_not_xml", line=cast("int | None", error.lineno) or 1, sentence=one_sentence(str(error.msg))
        ) from None
    tree = cast(ElementTree, root.getroottree())
    assert tree.docinfo.internalDTD is None, "a DOCTYPE came past the check"
    return tree


def require_utf8_declared(head: bytes) -> None:
    """Raises `FileRefused` `file_encoding_wrong` for a file whose beginning is UTF-16 or declares another encoding."""
    if b"\0" in head[:4] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise file_refused("file_encoding_wrong", line=1, expected="UTF-8", declared="")
    declared = _DECLARED_ENCODING.match(head.removeprefix(BYTE_ORDER_MARK)[:200].decode("latin-1"))
    if declared and declared[1].upper() not in ("UTF-8", "UTF8"):
        raise file_refused("file_encoding_wrong", line=1, expected="UTF-8", declared=f" ({declared[1]})")


def _decode(data: bytes) -> str:
    require_utf8_declared(data)
    body = data.removeprefix(BYTE_ORDER_MARK)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise file_refused("file_encoding_wrong", line=line, expected="UTF-8", declared="") from None


def require_no_doctype(text: str) -> bool:
    """Whether the text shows where its prolog ends; raises `FileRefused` `file_doctype_refused` when it has a DOCTYPE.

    After the root element begins XML itself forbids one.
    """
    line = _doctype_line(text)
    if line is None:
        return False
    if line == 0:
        return True
    raise file_refused("file_doctype_refused", line=line)


def _doctype_line(text: str) -> int | None:
    """The line of a DOCTYPE in the prolog; 0 for a prolog that ends without; None for one that goes on."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<!DOCTYPE", at):
            return text.count("\n", 0, at) + 1
        if text.startswith("<!--", at):
            closing = "-->"
        elif text.startswith("<?", at):
            closing = "?>"
        else:
            rest = text[at : at + len("<!DOCTYPE")]
            return None if any(start.startswith(rest) for start in ("<!DOCTYPE", "<!--", "<?")) else 0
        end = text.find(closing, at + 2)
        if end < 0:
            return None
        at = end + len(closing)


def one_sentence(message: str) -> str:
    """The parser's sentence without its place, which is given apart, and in one line."""
    return re.sub(r", line \d+, column \d+.*", "", " ".join(message.split()))[:200]


class Node:
    """An element read by ISO 20022 names: `node.text("Refs/AcctSvcrRef")`, all in the document's one namespace.

    Children are sorted by name at the first look and kept as long as the node: an entry is asked for some thirty
    paths, most of which it does not have.
    """

    __slots__ = ("_children", "_element", "_prefix")

    def __init__(self, element: Element, namespace: str) -> None:
        self._element = element
        self._prefix = f"{{{namespace}}}"
        self._children: dict[str, list[Node]] | None = None

    @property
    def line(self) -> int | None:
        return self._element.sourceline

    @property
    def content(self) -> str:
        return (self._element.text or "").strip()

    def attribute(self, name: str) -> str | None:
        return self._element.get(name)

    def stream(self, name: str) -> "Iterator[Node]":
        """The children of one name, each forgotten with what was read of it as soon as the caller lets it go."""
        return (self._node(child) for child in self._element.iterchildren(self._prefix + name))

    def all(self, path: str) -> "list[Node]":
        """Every element at the path, in document order."""
        nodes: list[Node] = [self]
        for name in path.split("/"):
            nodes = [child for node in nodes for child in node._by_name().get(name, ())]
        return nodes

    def first(self, path: str) -> "Node | None":
        """The element at the path, taking the first of its name at each step."""
        node: Node = self
        for name in path.split("/"):
            children = (node._by_name() if node._children is None else node._children).get(name)
            if children is None:
                return None
            node = children[0]
        return node

    def text(self, *paths: str) -> str | None:
        """The text of the first path whose first element has some, without outer white space."""
        for path in paths:
            found = self.first(path)
            if found is not None and (text := found.content):
                return text
        return None

    def _by_name(self) -> "dict[str, list[Node]]":
        if self._children is None:
            self._children = {}
            for child in self._element.iterchildren():
                if child.tag.startswith(self._prefix):
                    self._children.setdefault(child.tag[len(self._prefix) :], []).append(self._node(child))
        return self._children

    def _node(self, element: Element) -> "Node":
        node = Node.__new__(Node)
        node._element = element
        node._prefix = self._prefix
        node._children = None
        return node
