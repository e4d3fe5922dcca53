"""How generated pages are written: a notice, tables, and cells that Markdown leaves as they are."""

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by docs/generate.py; change the code instead. -->"


def page(title: str, *parts: str) -> str:
    """A whole page: title, notice, then the parts with an empty line between them."""
    return "\n\n".join([f"# {title}", NOTICE, *parts]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [_row(header), "|" + "---|" * len(header), *(_row(row) for row in rows)]
    return "\n".join(lines)


def code(text: object) -> str:
    """Text as code; nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Several texts as code, separated by commas."""
    return ", ".join(code(text) for text in texts)


def prose(docstring: str | None) -> str:
    """A docstring as one paragraph."""
    return " ".join((docstring or "").split())


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
