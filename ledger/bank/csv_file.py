"""Opens a bank's CSV file: RFC 4180 quoting, a required header, each bad line named with its column."""

import csv
import itertools
from collections.abc import Iterator

from ledger.bank.amounts import fen_text_to_fen, yuan_to_fen
from ledger.bank.content import Content, Source
from ledger.bank.contract_reference import canonical_contract, contract_in_text
from ledger.bank.csv_cells import unmarked
from ledger.bank.csv_columns import match_header
from ledger.bank.csv_layout import DEFAULT_LAYOUT, FLAG_WORDS, Layout, flag
from ledger.bank.entries import DEFAULT_LIMITS, BankEntry, BankFile, FileFacts, Limits, OpenedFile
from ledger.bank.entry_kinds import kind_of
from ledger.bank.findings import EntryProblem, EntryRefused, file_refused
from ledger.bank.intake import Intake, refused
from ledger.bank.tokens import PayerTokens

_CURRENCY = "CNY"
_LONGEST_LINE = 1_000_000

Row = dict[str, str]


def open_csv(
    content: Content,
    *,
    salt: bytes,
    layout: Layout = DEFAULT_LAYOUT,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> OpenedFile:
    """Check the whole CSV file; its entries are read line by line when asked for.

    UTF-8 may begin with a byte order mark; GB18030 has to be asked for in the layout. A cell is only ever text: one
    that looks like a formula is kept as it stands. `salt` and `credits_only` are as in `open_camt`. Empty lines count
    for line numbers only.

    Raises `FileRefused` for the whole file, in this order: encoding, header, malformed CSV, no entries, too many
    entries. A line with too few or too many fields refuses that line.
    """
    content.require_text(layout.encoding)
    records = _records(content, layout)
    header_line, header = next(records, (layout.skip_lines + 1, list[str]()))
    fields = match_header(
        header, layout.known(), line=header_line, ignored=layout.ignored, given=frozenset(layout.constants)
    )
    count = 0
    for count, (line, _) in enumerate(records, start=1):
        if count > limits.max_entries:
            raise file_refused("file_entries_many", line=line, limit=limits.max_entries)
    if count == 0:
        raise file_refused("file_without_entries")

    def read() -> Iterator[BankEntry | EntryRefused]:
        intake = Intake(limits, credits_only=credits_only)
        lines = itertools.islice(_records(content, layout), 1, None)
        return _entries(lines, fields, intake, _Cells(layout, limits, PayerTokens(salt)))

    return OpenedFile(facts=FileFacts(kind="csv", sha256=content.sha256, entry_count=count), read=read)


def read_csv(
    stream: Source,
    *,
    salt: bytes,
    layout: Layout = DEFAULT_LAYOUT,
    limits: Limits = DEFAULT_LIMITS,
    credits_only: bool = True,
) -> BankFile:
    """Open and read a whole file. Raises `FileRefused`: size, then as `open_csv`."""
    content = Content(stream, limits)
    return open_csv(content, salt=salt, layout=layout, limits=limits, credits_only=credits_only).collect()


def _records(content: Content, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted cell may run over several lines."""
    lines = itertools.islice(_lines(content, layout), layout.skip_lines, None)
    reader = csv.reader(lines, strict=True, delimiter=layout.delimiter)
    while True:
        line = layout.skip_lines + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise file_refused("file_csv_malformed", line=line, sentence=str(error)) from None
        if cells:
            yield line, cells


def _lines(content: Content, layout: Layout) -> Iterator[str]:
    # No character of UTF-8 or GB18030 has a line feed among its bytes.
    for number, line in enumerate(content.lines(_LONGEST_LINE), start=1):
        if len(line) == _LONGEST_LINE:
            raise file_refused("file_csv_malformed", line=number, sentence="line longer than a million bytes")
        yield line.decode(layout.encoding)


def _entries(
    lines: Iterator[tuple[int, list[str]]], fields: list[str], intake: Intake, cells: "_Cells"
) -> Iterator[BankEntry | EntryRefused]:
    for number, (line, found) in enumerate(lines, start=1):
        try:
            if len(found) != len(fields):
                raise EntryProblem("entry_ragged_line", found=len(found), expected=len(fields))
            row = {field: unmarked(cell) for field, cell in zip(fields, found, strict=True) if field}
            entry = cells.entry(row, line=line, number=number)
        except EntryProblem as problem:
            yield refused(problem, line=line, entry=number)
        else:
            yield intake.judge(entry)


class _Cells:
    """Makes the entry of a line's cells."""

    def __init__(self, layout: Layout, limits: Limits, tokens: PayerTokens) -> None:
        self._layout = layout
        self._limits = limits
        self._tokens = tokens

    def entry(self, row: Row, *, line: int, number: int) -> BankEntry:
        """One line's entry. Checks in order: account, currency, amount, dates, direction, reversal, reference."""
        row = self._layout.constants | row
        if not row["account_no"]:
            raise EntryProblem("entry_account_missing", "account_no")
        if row["currency"] != _CURRENCY:
            raise EntryProblem("entry_currency_not_cny", "currency", currency=row["currency"][:3] or "-")
        amount_fen, credit = self._amount(row)
        if not row["booked_on"]:
            raise EntryProblem("entry_date_missing", "booked_on")
        booked_on = self._layout.read_day(row["booked_on"], "booked_on")
        value_text = row.get("value_on")
        value_on = self._layout.read_day(value_text, "value_on") if value_text else booked_on
        if credit is None:
            credit = self._direction(row)
        reversal = flag(row.get("reversal", ""))
        if reversal is None:
            raise EntryProblem("entry_value_not_listed", "reversal", field="reversal", allowed=FLAG_WORDS)
        if not row["bank_reference"]:
            raise EntryProblem("entry_reference_missing", "bank_reference")
        remittance = row.get("remittance", "")
        contract = row.get("contract_reference")
        payer_account = row.get("payer_account")
        end_to_end_id = row.get("end_to_end_id") or None
        # The text beside a receipt is the payer's, beside a debit the bank's.
        words = row.get("kind") or ("" if credit else remittance)
        return BankEntry(
            bank_reference=row["bank_reference"],
            account_no="".join(row["account_no"].split()),
            amount_fen=amount_fen,
            credit=credit,
            reversal=reversal,
            booked_on=booked_on,
            value_on=value_on,
            end_to_end_id=end_to_end_id,
            kind=kind_of(credit=credit, reversal=reversal, words=words, end_to_end_id=end_to_end_id),
            contract_reference=canonical_contract(contract) if contract else contract_in_text(remittance),
            remittance=remittance,
            remitter_token=self._tokens.remitter(name=row.get("payer"), account=payer_account),
            payer_route=self._tokens.route(account=payer_account),
            line=line,
            entry=number,
        )

    def _amount(self, row: Row) -> tuple[int, bool | None]:
        """The amount in fen, and whether its column says that it is a credit."""
        limit_fen = self._limits.max_amount_fen
        if "amount_fen" in row:
            return fen_text_to_fen(row["amount_fen"], limit_fen=limit_fen), None
        if "amount" in row:
            return self._fen(row["amount"], "amount"), None
        debit, credit = row.get("debit_amount", ""), row.get("credit_amount", "")
        if debit and credit:
            raise EntryProblem("entry_amount_twice", "debit_amount")
        field = "debit_amount" if debit else "credit_amount"
        return self._fen(debit or credit, field), not debit

    def _fen(self, cell: str, field: str) -> int:
        convert = fen_text_to_fen if self._layout.amount_unit == "fen" else yuan_to_fen
        return convert(cell, limit_fen=self._limits.max_amount_fen, field=field)

    def _direction(self, row: Row) -> bool:
        credit = self._layout.direction(row.get("direction", ""))
        if credit is None:
            words = ", ".join((*self._layout.directions.credit, *self._layout.directions.debit))
            raise EntryProblem("entry_value_not_listed", "direction", field="direction", allowed=words)
        return credit
