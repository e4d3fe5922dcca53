"""Bank XML of any size read in one direction: safe, validated, and with no more than one entry in memory.

The same checks as in `xml_document`, in the same order, but over pieces of a file.
"""

import codecs
import copy
from collections.abc import Iterator
from typing import Any, cast

from ledger.bank.content import Content
from ledger.bank.findings import file_refused
from ledger.bank.xml_document import (
    PARSER_OPTIONS,
    Element,
    etree,
    one_sentence,
    require_no_doctype,
    require_utf8_declared,
)


def require_safe(content: Content) -> None:
    """Raises `FileRefused` `file_encoding_wrong` or `file_doctype_refused`, before any parser sees the file."""
    require_utf8_declared(content.head)
    content.require_text("utf-8")
    decoder = codecs.getincrementaldecoder("utf-8")()
    prolog = ""
    looked_at = 0
    for piece in content.body():
        prolog += decoder.decode(piece)
        # A prolog that goes on is looked at again only when it has doubled: its length costs no square of it.
        if len(prolog) >= 2 * looked_at:
            looked_at = len(prolog)
            if require_no_doctype(prolog):
                return
    require_no_doctype(prolog)


def root_of(content: Content) -> tuple[str, int]:
    """Tag and line of the root element. Raises `FileRefused` `file_not_xml`."""
    parser = etree.XMLPullParser(events=("start",), **PARSER_OPTIONS)
    for event in _events(content, parser):
        return event.tag, event.sourceline or 1
    raise AssertionError("a parsed file has a root element")


def elements(content: Content, tags: tuple[str, ...]) -> Iterator[Element]:
    """Every element of these tags as soon as it has ended, in document order.

    Who reads on has done with what it got: `forget` frees it. Raises `FileRefused` `file_not_xml` at its place.
    """
    return _events(content, etree.XMLPullParser(events=("end",), tag=tags, **PARSER_OPTIONS))


def follows(content: Content, schema: Any, *, free: str) -> bool:
    """Whether a file follows its schema. Elements of the tag `free` are freed as they go by.

    A validating parser knows no lines, and passes over the end of a file that is cut off: `elements` tells.
    """
    parser = etree.XMLPullParser(events=("end",), tag=free, schema=schema, **PARSER_OPTIONS)
    try:
        for piece in content.body():
            parser.feed(piece)
            for _, element in parser.read_events():
                forget(element)
        parser.close()
    except etree.XMLSyntaxError:
        return False
    return True


def forget(element: Element) -> None:
    """Free an element that was read, and those of its name before it: the parser still needs the element itself."""
    element.clear()
    _remove_before(element)


def forget_before(element: Element) -> None:
    """Free what has an element's name and stands before it, and the same of its parent: what is left is a document."""
    _remove_before(element)
    parent = element.getparent()
    if parent is not None:
        _remove_before(parent)


def document_around(element: Element, *, leave_out: str) -> Element:
    """A copy of an element that has ended, in copies of what encloses it with all that stands before it there.

    Other elements of the tag `leave_out` are not copied. The lines are those of the file. The tree of a file that is
    still being read cannot be validated itself: it ends in the middle of an element.
    """
    inner = copy.deepcopy(element) if element.tag == leave_out else _shell(element, None, leave_out)
    outer = element.getparent()
    until = element
    while outer is not None:
        shell = _shell(outer, until, leave_out)
        shell.append(inner)
        inner, until, outer = shell, outer, outer.getparent()
    return inner


def _shell(element: Element, until: Element | None, leave_out: str) -> Any:
    """A copy of an element with its children before `until` (None: all of them), but for those of the tag."""
    shell = etree.Element(element.tag, dict(element.items()), nsmap=element.nsmap)
    shell.sourceline = element.sourceline
    shell.text = element.text
    for child in element.iterchildren():
        if child is until:
            break
        if child.tag != leave_out:
            shell.append(copy.deepcopy(child))
    return shell


def _remove_before(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    while (before := element.getprevious()) is not None and before.tag == element.tag:
        parent.remove(before)


def _events(content: Content, parser: Any) -> Iterator[Element]:
    etree.clear_error_log()  # of this thread: the parser adds to it
    try:
        for piece in content.body():
            parser.feed(piece)
            for _, element in parser.read_events():
                yield cast(Element, element)
        parser.close()
        for _, element in parser.read_events():
            yield cast(Element, element)
    except etree.XMLSyntaxError as error:
        line, sentence = int(error.lineno or 0), str(error.msg)
        if not line and len(error.error_log):
            # For an undeclared entity the parser's last word is only that it found no element.
            line, sentence = int(error.error_log[-1].line), str(error.error_log[-1].message)
        raise file_refused("file_not_xml", line=line or 1, sentence=one_sentence(sentence)) from None
