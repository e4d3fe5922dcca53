"""Printable documents: PDF/A-2b, set by typst in fonts of our own, the same bytes each time."""

import json
import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple

import typst
from typst import Fonts

from ledger.packs.fonts import SANS, font_directory, printable

STANDARD: Final = "a-2b"
"""PDF/A-2b: everything needed to show the page is in the file, and a missing character is an error."""


_AT_ONCE: Final = 2


class Table(NamedTuple):
    """A table of texts; columns named in `numbers` (from 0) are set to the right. `widths` are parts of the line."""

    heads: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[str]]
    numbers: frozenset[int] = frozenset()


class Section(NamedTuple):
    """A heading, paragraphs, and a table, each of which may be missing."""

    heading: str = ""
    paragraphs: Sequence[str] = ()
    table: Table | None = None


class Document(NamedTuple):
    """A document of A4 pages; `made_at` is the instant that its figures are of, `foot` stands on every page."""

    title: str
    made_at: datetime
    foot: str
    sections: Iterable[Section]
    landscape: bool = False


def to_pdf(document: Document) -> bytes:
    """The document as PDF. What is no markup of ours is always a quoted text: no name and no reason is run."""
    at = document.made_at
    lines = [
        f'#set page(paper: "a4", flipped: {"true" if document.landscape else "false"},'
        " margin: (x: 14mm, top: 14mm, bottom: 16mm),"
        f" footer: context [#text(size: 7pt)[#{_string(document.foot)} #h(1fr)"
        ' #counter(page).display("1 / 1", both: true)]])',
        f'#set text(font: "{SANS}", lang: "zh", region: "cn", size: 8pt, fallback: false)',
        f"#set document(title: {_string(document.title)}, author: (), date: datetime(year: {at.year},"
        f" month: {at.month}, day: {at.day}, hour: {at.hour}, minute: {at.minute}, second: {at.second}))",
        "#set table(stroke: 0.3pt + luma(160), inset: 3pt)",
        "#show heading: set text(size: 10pt)",
        f"#align(center, text(size: 15pt, {_string(document.title)}))",
    ]
    for section in document.sections:
        if section.heading:
            lines.append(f"#heading(level: 2, {_string(section.heading)})")
        lines += [f"#par({_string(text)})" for text in section.paragraphs]
        if section.table is not None:
            lines.append(_table(section.table))
    # Tags for screen readers would triple the time of long tables; the tables themselves are beside the document.
    return typst.compile(
        "\n".join(lines).encode(),
        format="pdf",
        font_paths=Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_directory()]),
        ignore_system_fonts=True,
        pdf_standards=[STANDARD],
        timestamp=int(at.timestamp()),
        pdf_tags=False,
    )


def to_pdfs(documents: Sequence[Document]) -> Iterator[bytes]:
    """Several documents as PDF, in order. Their rows must be lists.

    Each is set in a process of its own, two at a time: typst gives back the memory of a document when its process ends,
    and not before.
    """
    if len(documents) < 2:
        yield from map(to_pdf, documents)
        return
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_AT_ONCE, mp_context=apart, max_tasks_per_child=1) as pool:
        yield from pool.map(to_pdf, documents)


def yuan(amount_fen: int) -> str:
    """An amount for people: `1,234.56`."""
    whole, rest = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{rest:02d}"


def _table(table: Table) -> str:
    columns = ", ".join(f"{width}fr" for width in table.widths)
    align = ", ".join("right" if index in table.numbers else "left" for index in range(len(table.heads)))
    heads = ", ".join(_quoted(head) for head in table.heads)
    parts = [f"#table(columns: ({columns}), align: ({align}), table.header({heads}),"]
    parts += [", ".join(map(_quoted, row)) + "," for row in table.rows]
    return "\n".join([*parts, ")"])


def _quoted(text: str) -> str:
    return f"[#{_string(text)}]"


def _string(text: str) -> str:
    """A typst string literal; JSON's escapes of quotes, backslashes and control characters are typst's too."""
    return json.dumps(printable(text.replace("\n", " ")), ensure_ascii=False)
