"""Reads a spreadsheet's cells in a process of its own, so that a hostile file can spend that process's memory alone.

Run as a script: the file on standard input, on standard output a JSON list of rows of text, or of what was wrong.
"""

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any, Final

MEMORY_BYTES: Final = 512 * 1024 * 1024
CPU_S: Final = 20
CELL_LIMIT: Final = 500
"""Characters of a cell; no field of a contract has as many."""


def main(most_rows: int, most_columns: int) -> int:
    """Write the cells; 0, or 1 for a file that cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine  # within the limits

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        cells: list[list[Any]] = book.get_sheet_by_index(0).to_python(nrows=most_rows)
        rows = [[text_of(cell) for cell in row[:most_columns]] for row in cells]
    except (python_calamine.CalamineError, ValueError, MemoryError):
        return 1
    json.dump(rows, sys.stdout)
    return 0


def text_of(value: Any) -> str:
    """A cell as text. Raises ValueError for one that is too long."""
    match value:
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() else repr(value)  # a spreadsheet's numbers are floats
        case _:
            text = str(value).strip()
            if len(text) > CELL_LIMIT:
                raise ValueError("a cell is too long")
            return text


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
