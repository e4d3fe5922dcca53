"""Reads receipts from a bank's CSV file: RFC 4180 quoting, a required header, each bad line named with its column."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Literal

from ledger.bank.amounts import fen_text_to_fen, yuan_to_fen
from ledger.bank.contract_reference import canonical_contract, contract_in_text
from ledger.bank.csv_columns import DEFAULT_COLUMNS, Column, match_header
from ledger.bank.entries import DEFAULT_LIMITS, BankEntry, BankFile, Limits
from ledger.bank.findings import EntryProblem, file_refused
from ledger.bank.intake import BYTE_ORDER_MARK, Intake, digest, iso_date, line_of_bad_byte, read_all
from ledger.bank.tokens import PayerTokens

CsvEncoding = Literal["utf-8", "gb18030"]

_DIRECTIONS = {"": True, "credit": True, "crdt": True, "贷": True, "debit": False, "dbit": False, "借": False}
_FLAGS = {"": False, "false": False, "否": False, "true": True, "是": True}
_CURRENCY = "CNY"


def read_csv(
    stream: BinaryIO | bytes,
    *,
    salt: bytes,
    column_map: tuple[Column, ...] = DEFAULT_COLUMNS,
    encoding: CsvEncoding = "utf-8",
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> BankFile:
    """Read a CSV file into booked entries. UTF-8 may begin with a byte order mark; GB18030 has to be asked for.

    The separator is a comma. A cell is only ever text: one that looks like a formula is kept as it stands.
    `salt` and `credits_only` are as in `read_camt054`. Empty lines count for line numbers only.

    Raises `FileRefused` for the whole file, in this order: size, encoding, header, malformed CSV, no entries, too
    many entries. A line with too few or too many fields refuses that line.
    """
    data = read_all(stream, limits)
    records = _records(_decode(data, encoding))
    no_header: list[str] = []
    header_line, header = next(records, (1, no_header))
    fields = match_header(header, column_map, line=header_line)

    intake = Intake(limits, credits_only=credits_only)
    tokens = PayerTokens(salt)
    number = 0
    for number, (line, cells) in enumerate(records, start=1):
        if number > limits.max_entries:
            raise file_refused("file_entries_many", line=line, limit=limits.max_entries)
        try:
            if len(cells) != len(fields):
                raise EntryProblem("entry_ragged_line", found=len(cells), expected=len(fields))
            row = {field: cell.strip() for field, cell in zip(fields, cells, strict=True)}
            entry = _entry(row, tokens, limits, line=line, number=number)
        except EntryProblem as problem:
            intake.refuse(problem, line=line, entry=number)
        else:
            intake.offer(entry)
    if number == 0:
        raise file_refused("file_without_entries")
    return BankFile(kind="csv", sha256=digest(data), entries=intake.entries, refusals=tuple(intake.refusals))


def _decode(data: bytes, encoding: CsvEncoding) -> str:
    body = data.removeprefix(BYTE_ORDER_MARK) if encoding == "utf-8" else data
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = line_of_bad_byte(body, error.start)
        raise file_refused("file_encoding_wrong", line=line, expected=encoding.upper(), declared="") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise file_refused("file_encoding_wrong", line=line, expected=encoding.upper(), declared="")
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted cell may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise file_refused("file_csv_malformed", line=line, sentence=str(error)) from None
        if cells:
            yield line, cells


def _entry(row: dict[str, str], tokens: PayerTokens, limits: Limits, *, line: int, number: int) -> BankEntry:
    """One line's entry. Checks in order: account, currency, amount, dates, direction, reversal, reference."""
    if not row["account_no"]:
        raise EntryProblem("entry_account_missing", "account_no")
    if row["currency"] != _CURRENCY:
        raise EntryProblem("entry_currency_not_cny", "currency", currency=row["currency"][:3] or "-")
    if "amount_fen" in row:
        amount_fen = fen_text_to_fen(row["amount_fen"], limit_fen=limits.max_amount_fen)
    else:
        amount_fen = yuan_to_fen(row["amount"], limit_fen=limits.max_amount_fen)
    if not row["booked_on"]:
        raise EntryProblem("entry_date_missing", "booked_on")
    booked_on = iso_date(row["booked_on"], "booked_on")
    value_text = row.get("value_on")
    value_on = iso_date(value_text, "value_on") if value_text else booked_on
    credit = _listed(row, "direction", _DIRECTIONS)
    reversal = _listed(row, "reversal", _FLAGS)
    if not row["bank_reference"]:
        raise EntryProblem("entry_reference_missing", "bank_reference")
    remittance = row.get("remittance", "")
    contract = row.get("contract_reference")
    payer_account = row.get("payer_account")
    return BankEntry(
        bank_reference=row["bank_reference"],
        account_no="".join(row["account_no"].split()),
        amount_fen=amount_fen,
        credit=credit,
        reversal=reversal,
        booked_on=booked_on,
        value_on=value_on,
        end_to_end_id=row.get("end_to_end_id") or None,
        contract_reference=canonical_contract(contract) if contract else contract_in_text(remittance),
        remittance=remittance,
        remitter_token=tokens.remitter(name=row.get("payer"), account=payer_account),
        payer_route=tokens.route(account=payer_account),
        line=line,
        entry=number,
    )


def _listed(row: dict[str, str], field: str, values: dict[str, bool]) -> bool:
    value = values.get(row.get(field, "").casefold())
    if value is None:
        raise EntryProblem("entry_value_not_listed", field, field=field, allowed=", ".join(filter(None, values)))
    return value
