"""Bad CSV files and lines, each with the code and place that its refusal must name."""

from tests.bank.files.bad_camt import BadEntry, BadFile

HEADER = "bank_reference,account_no,amount,currency,booked_on,direction,reversal,remittance"
GOOD = "GOOD,6222000011112222,1280.50,CNY,2026-03-02,,,tuition"


def csv_text(*lines: str, header: str = HEADER) -> bytes:
    return ("\n".join((header, *lines)) + "\n").encode()


BAD_CSV_FILES = (
    BadFile("nothing", b"", "file_empty", None),
    BadFile("Latin 1", csv_text(GOOD).replace(b"tuition", b"\xe9"), "file_encoding_wrong", 2),
    BadFile("GB18030 not asked for", csv_text(GOOD + "学费").decode().encode("gb18030"), "file_encoding_wrong", 2),
    BadFile("a NUL", csv_text(GOOD, GOOD + "\0"), "file_encoding_wrong", 3),
    BadFile("no header", f"{GOOD}\n".encode(), "file_header_missing", 1),
    BadFile("an unknown column", csv_text(GOOD + ",x", header=HEADER + ",colour"), "file_column_unknown", 1),
    BadFile("a column twice", csv_text(GOOD + ",x", header=HEADER + ",amount"), "file_column_repeated", 1),
    BadFile("a column twice in two tongues", csv_text(GOOD + ",x", header=HEADER + ",金额"), "file_column_repeated", 1),
    BadFile("both amounts", csv_text(GOOD + ",1", header=HEADER + ",amount_fen"), "file_column_repeated", 1),
    BadFile(
        "no amount",
        csv_text("R,A,CNY,2026-03-02", header="bank_reference,account_no,currency,booked_on"),
        "file_column_missing",
        1,
    ),
    BadFile("no currency", csv_text(GOOD, header=HEADER.replace("currency,", "")), "file_column_missing", 1),
    BadFile("a line without end", csv_text(GOOD, "R" * 1_000_001), "file_csv_malformed", 3),
    BadFile(
        "an amount and a column of debits", csv_text(GOOD + ",1", header=HEADER + ",支出"), "file_column_repeated", 1
    ),
    BadFile("an open quote", csv_text(GOOD, 'R2,A,1.00,CNY,2026-03-02,,,"open', "more"), "file_csv_malformed", 3),
    BadFile("text after a quote", csv_text(GOOD, 'R2,A,1.00,CNY,2026-03-02,,,"a"b'), "file_csv_malformed", 3),
    BadFile("a header only", csv_text(), "file_without_entries", None),
)


def _one(name: str, line: str, code: str, field: str | None) -> BadEntry:
    """The bad line after a good one whose text takes two lines: the place counts lines of the file."""
    data = csv_text(GOOD.replace("tuition", '"first\nsecond"'), line)
    return BadEntry(name, data, code, 4, 2, field)


def _amount(name: str, amount: str, code: str) -> BadEntry:
    return _one(name, f"R2,A,{amount},CNY,2026-03-02,,,", code, "amount")


TWO_COLUMNS = "bank_reference,account_no,debit_amount,credit_amount,currency,booked_on"
FIRST = "GOOD,A,,1.00,CNY,2026-03-02"


def _two(name: str, line: str, code: str, field: str) -> BadEntry:
    """The same for a file with a column of debits and one of credits."""
    return BadEntry(name, csv_text(FIRST, line, header=TWO_COLUMNS), code, 3, 2, field)


BAD_CSV_LINES = (
    _two("an amount in both columns", "R2,A,1.00,1.00,CNY,2026-03-02", "entry_amount_twice", "debit_amount"),
    _two("an amount in neither column", "R2,A,,,CNY,2026-03-02", "entry_amount_missing", "credit_amount"),
    _two("an amount of words", "R2,A,one,,CNY,2026-03-02", "entry_amount_unreadable", "debit_amount"),
    _one("too few fields", "R2,A,1.00,CNY", "entry_ragged_line", None),
    _one("too many fields", "R2,A,1.00,CNY,2026-03-02,,,,,", "entry_ragged_line", None),
    _one("no account", "R2, ,1.00,CNY,2026-03-02,,,", "entry_account_missing", "account_no"),
    _one("dollars", "R2,A,1.00,USD,2026-03-02,,,", "entry_currency_not_cny", "currency"),
    _one("no currency", "R2,A,1.00,,2026-03-02,,,", "entry_currency_not_cny", "currency"),
    _amount("no amount", "", "entry_amount_missing"),
    _amount("grouped digits", '"1,280.50"', "entry_amount_unreadable"),
    _amount("a formula", "=1+1", "entry_amount_unreadable"),
    _amount("an exponent", "1e3", "entry_amount_unreadable"),
    _amount("full-width digits", "１２", "entry_amount_unreadable"),
    _amount("a currency sign", "¥12", "entry_amount_unreadable"),
    _amount("not a number", "NaN", "entry_amount_unreadable"),
    _amount("a bare point", ".", "entry_amount_unreadable"),
    _amount("digits without end", "1" * 41, "entry_amount_unreadable"),
    _amount("beyond the fen", "0.001", "entry_beyond_fen"),
    _amount("zero", "0", "entry_amount_not_positive"),
    _amount("negative", "-0.01", "entry_amount_not_positive"),
    _amount("one fen too much", "90071992547409.92", "entry_amount_too_large"),
    _one("no date", "R2,A,1.00,CNY,,,,", "entry_date_missing", "booked_on"),
    _one("a date without dashes", "R2,A,1.00,CNY,20260302,,,", "entry_date_unreadable", "booked_on"),
    _one("a week date", "R2,A,1.00,CNY,2026-W10-1,,,", "entry_date_unreadable", "booked_on"),
    _one("the 29th of February", "R2,A,1.00,CNY,2026-02-29,,,", "entry_date_unreadable", "booked_on"),
    _one("a direction unknown", "R2,A,1.00,CNY,2026-03-02,up,,", "entry_value_not_listed", "direction"),
    _one("a flag unknown", "R2,A,1.00,CNY,2026-03-02,,perhaps,", "entry_value_not_listed", "reversal"),
    _one("no reference", ",A,1.00,CNY,2026-03-02,,,", "entry_reference_missing", "bank_reference"),
    _one("a reference in two lines", '"R\n2",A,1.00,CNY,2026-03-02,,,', "entry_reference_malformed", "bank_reference"),
    _one("a reference too long", f"{'R' * 65},A,1.00,CNY,2026-03-02,,,", "entry_text_too_long", "bank_reference"),
    _one("a debit", "R2,A,1.00,CNY,2026-03-02,debit,,", "entry_not_credit", "credit"),
    _one("the reference again", GOOD, "entry_conflict_in_file", "bank_reference"),
)
