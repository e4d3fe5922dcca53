"""Writes movements as CSV in any layout that can be read: the same bytes for the same rows, no formula in a cell."""

import csv
import io
from collections.abc import Iterable, Iterator

from ledger.bank.amounts import fen_to_yuan
from ledger.bank.csv_cells import marked
from ledger.bank.csv_layout import DEFAULT_LAYOUT, Layout
from ledger.bank.findings import file_refused
from ledger.bank.writing import Receipt

DEFAULT_FIELDS = (
    "bank_reference",
    "account_no",
    "amount",
    "currency",
    "booked_on",
    "value_on",
    "direction",
    "reversal",
    "end_to_end_id",
    "contract_reference",
    "remittance",
    "payer",
    "payer_account",
    "kind",
)
"""The columns of the default layout, in order: those of one amount with its direction."""


def write_csv(rows: Iterable[Receipt], layout: Layout = DEFAULT_LAYOUT) -> bytes:
    """A whole CSV file, in the order of the rows. Raises as `csv_lines`."""
    return b"".join(csv_lines(rows, layout))


def csv_lines(rows: Iterable[Receipt], layout: Layout = DEFAULT_LAYOUT) -> Iterator[bytes]:
    """A CSV file line by line: header, then a line a row, CRLF line ends (RFC 4180), in the layout's encoding.

    What `read_csv` reads in the same layout is what was written; cells that a spreadsheet would run are marked (see
    `csv_cells`). Lines that the layout skips are empty. Raises `FileRefused` `file_layout_invalid` for a debit in a
    layout that cannot tell it from a credit, and for a character that the encoding does not have.
    """
    headers = {column.field: column.headers[0] for column in layout.known()}
    fields = DEFAULT_FIELDS if not layout.columns else tuple(layout.columns)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=layout.delimiter, lineterminator="\r\n")
    yield b"\r\n" * layout.skip_lines
    writer.writerow([headers[field] for field in fields])
    for row in rows:
        yield _taken(buffer, layout)
        cells = _cells(row, layout, fields)
        writer.writerow([marked(cells[field]) for field in fields])
    yield _taken(buffer, layout)


def _taken(buffer: io.StringIO, layout: Layout) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    try:
        return text.encode(layout.encoding)
    except UnicodeEncodeError:
        raise file_refused(
            "file_layout_invalid", layout=layout.name, sentence=f"{layout.encoding} lacks a character of the text"
        ) from None


def _cells(row: Receipt, layout: Layout, fields: tuple[str, ...]) -> dict[str, str]:
    amount = str(row.amount_fen) if layout.amount_unit == "fen" else fen_to_yuan(row.amount_fen)
    if not row.credit and not {"direction", "debit_amount"} & set(fields):
        raise file_refused(
            "file_layout_invalid", layout=layout.name, sentence="it has no column that tells debits from credits"
        )
    return {
        "bank_reference": row.bank_reference,
        "account_no": row.account_no,
        "amount": amount,
        "amount_fen": str(row.amount_fen),
        "debit_amount": "" if row.credit else amount,
        "credit_amount": amount if row.credit else "",
        "currency": "CNY",
        "booked_on": layout.write_day(row.booked_on),
        "value_on": layout.write_day(row.value_on or row.booked_on),
        "direction": (layout.directions.credit if row.credit else layout.directions.debit)[0],
        "reversal": "true" if row.reversal else "false",
        "end_to_end_id": row.end_to_end_id or "",
        "contract_reference": row.contract_reference or "",
        "remittance": row.remittance,
        "payer": row.payer_name or "",
        "payer_account": row.payer_account or "",
        "kind": row.kind,
    }
