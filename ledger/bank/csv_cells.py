"""Cells that a spreadsheet would run as a formula: marked when written, unmarked when read, nothing lost between."""

_FORMULA = frozenset("=+-@\t\r＝＋－＠")
_MARK = "'"


def marked(text: str) -> str:
    """The text as a cell that every spreadsheet takes for text: a leading apostrophe where one is needed."""
    text = text.strip()
    return _MARK + text if text and (text[0] in _FORMULA or _is_marked(text)) else text


def unmarked(cell: str) -> str:
    """The text of a cell, without outer spaces: exactly what `marked` was given. Any other cell is kept as it is."""
    cell = cell.strip()
    return cell[1:] if _is_marked(cell) else cell


def _is_marked(text: str) -> bool:
    """Apostrophes before what would be a formula."""
    rest = text.lstrip(_MARK)
    return len(rest) < len(text) and rest[:1] in _FORMULA and rest != ""
