"""The spreadsheet of contracts: a template to fill in, and what an uploaded one says, cell by cell as text."""

import io
import subprocess
import sys
from typing import Any, ClassVar, Final, cast

import msgspec
import xlsxwriter

from api.request_context import Language
from api.web.institution import sheet_cells
from api.web.institution.unpacked import repacked
from api.web.page_call import fen_of_yuan
from api.web.words import WORDS, word
from ledger.domain.errors import LedgerError

MOST_ROWS: Final = 2_000
READ_S: Final = 30.0
"""A file whose cells are not read by then is refused."""
HEADINGS: Final[dict[str, tuple[str, str]]] = {
    "contract_no": ("合同编号", "Contract number"),
    "family_id": ("家庭代码", "Family"),
    "student_id": ("学员代码", "Student"),
    "course_id": ("课程代码", "Course"),
    "subject": ("科目", "Subject"),
    "category": ("类别", "Category"),
    "starts_on": ("开始日期", "Starts on"),
    "ends_on": ("结束日期", "Ends on"),
    "lesson_minutes": ("每课分钟", "Minutes a lesson"),
    "price": ("实付价（元）", "Price (CNY)"),
    "list_price": ("原价（元）", "List price (CNY)"),
    "paid_lessons": ("付费课时", "Paid lessons"),
    "gift_lessons": ("赠课课时", "Gift lessons"),
}
EXAMPLE: Final = (
    "HT-2026-0001", "f-1", "s-1", "piano-a", "piano", "arts", "2026-09-01", "2027-01-31", 45, 3600, 4000, 30, 2
)  # fmt: skip


_CATEGORY_OF: Final = {said.casefold(): code for code, words in WORDS["category"].items() for said in words}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row, by its number in the sheet (the headings are row 1). Prices are fen, as text; the rest as it stands.

    `wrong_amounts` are the columns of prices that are no amounts in yuan with at most two decimals.
    """

    TEXTS: ClassVar[tuple[str, ...]] = tuple(list(HEADINGS)[:8])
    COLUMNS: ClassVar[tuple[str, ...]] = tuple(HEADINGS)

    number: int
    fields: dict[str, str]
    wrong_amounts: tuple[str, ...] = ()


def write_template(language: Language) -> bytes:
    """An XLSX file with the headings and one example."""
    file = io.BytesIO()
    with cast(Any, xlsxwriter.Workbook(file, {"in_memory": True})) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for column, (zh, en) in enumerate(HEADINGS.values()):
            sheet.write_string(0, column, zh if language == "zh" else en, bold)
        for column, (name, value) in enumerate(zip(HEADINGS, EXAMPLE, strict=True)):
            sheet.write(1, column, word(language, "category", str(value)) if name == "category" else value)
        sheet.set_column(0, len(HEADINGS) - 1, 16)
    return file.getvalue()


def read_sheet(content: bytes) -> list[Row]:
    """The rows below the headings, empty ones left out. Blocks: call it in a thread.

    It is unpacked only as far as `UNPACKED_BYTES`, and its cells are read in a process that may not take much memory.
    Raises LedgerError `sheet_unreadable`, `sheet_too_large`, `sheet_headings_wrong`, `sheet_empty`, `sheet_rows_many`.
    """
    cells = _cells(repacked(content))
    if not cells or len(cells[0]) < len(HEADINGS) or not _are_headings(cells[0]):
        raise LedgerError("sheet_headings_wrong", headings=", ".join(en for _, en in HEADINGS.values()))
    if len(cells) > MOST_ROWS + 1:
        raise LedgerError("sheet_rows_many", limit=MOST_ROWS)
    rows = [_row(number, values) for number, values in enumerate(cells[1:], 2) if any(values)]
    if not rows:
        raise LedgerError("sheet_empty")
    return rows


def _cells(content: bytes) -> list[list[str]]:
    """The first sheet's cells as text, by a process of its own. Raises LedgerError `sheet_unreadable`."""
    command = [sys.executable, sheet_cells.__file__, str(MOST_ROWS + 2), str(len(HEADINGS))]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=READ_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise LedgerError("sheet_unreadable") from error
    return msgspec.json.decode(done.stdout, type=list[list[str]])


def _are_headings(cells: list[str]) -> bool:
    return all(cell.strip() in names for cell, names in zip(cells, HEADINGS.values(), strict=False))


def _row(number: int, values: list[str]) -> Row:
    fields = dict(zip(HEADINGS, values, strict=False))
    fields["category"] = _CATEGORY_OF.get(fields["category"].casefold(), fields["category"])
    wrong: list[str] = []
    for name in ("price", "list_price"):
        if fields[name]:
            amount_fen = fen_of_yuan(fields[name])
            if amount_fen is None:
                wrong.append(name)
            fields[name] = str(amount_fen or 0)
    return Row(number=number, fields=fields, wrong_amounts=tuple(wrong))
