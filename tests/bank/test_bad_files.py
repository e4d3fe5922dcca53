"""Every bad file and entry is refused with its code at its place, and the good entries beside it stay usable."""

import pickle

import pytest

from ledger.bank.camt import read_camt
from ledger.bank.codes import CATALOGUE, ENTRY_CODES, FILE_CODES, SKIPPED_CODES, STATEMENT_CODES
from ledger.bank.csv_file import read_csv
from ledger.bank.entries import Limits
from ledger.bank.findings import FileRefused, StatementRefused
from ledger.bank.reading import is_xml, read_bank_file
from ledger.domain.errors import LedgerError
from tests.bank.files.bad_camt import BAD_ENTRIES, BAD_FILES, BILLION_LAUGHS, EXTERNAL_ENTITY, GOOD, BadEntry, BadFile
from tests.bank.files.bad_csv import BAD_CSV_FILES, BAD_CSV_LINES, csv_text
from tests.bank.files.bad_csv import GOOD as GOOD_LINE
from tests.bank.files.bad_statements import (
    BAD_STATEMENT_ENTRIES,
    BAD_STATEMENT_FILES,
    BAD_STATEMENTS,
    BadStatement,
)
from tests.bank.files.camt import SALT, details_xml, entry_xml, file_xml, transaction_xml


@pytest.mark.parametrize("bad", [*BAD_FILES, *BAD_STATEMENT_FILES], ids=lambda bad: bad.name)
def test_bad_camt_file_is_refused_with_its_code_and_line(bad: BadFile) -> None:
    with pytest.raises(FileRefused) as refused:
        read_camt(bad.data, salt=SALT)
    assert (refused.value.code, refused.value.line) == (bad.code, bad.line)
    assert refused.value.message
    assert refused.value.message_zh


@pytest.mark.parametrize("bad", BAD_STATEMENTS, ids=lambda bad: bad.name)
def test_bad_statement_is_refused_at_its_place_and_its_entries_stay(bad: BadStatement) -> None:
    file = read_camt(bad.data, salt=SALT, credits_only=False)
    (refusal,) = [one for one in file.statements if isinstance(one, StatementRefused)]
    assert (refusal.code, refusal.line, refusal.number) == (bad.code, bad.line, bad.number)
    assert refusal.message
    assert refusal.message_zh
    if bad.code != "statement_account_missing":
        assert file.entries[0].bank_reference == "GOOD"


@pytest.mark.parametrize("bad", [*BAD_ENTRIES, *BAD_STATEMENT_ENTRIES], ids=lambda bad: bad.name)
def test_bad_camt_entry_is_refused_at_its_place(bad: BadEntry) -> None:
    file = read_camt(bad.data, salt=SALT, credits_only=bad in BAD_ENTRIES)
    (refusal,) = file.refusals
    place = (refusal.line, refusal.entry, refusal.field, refusal.transaction)
    assert (refusal.code, place) == (bad.code, (bad.line, bad.entry, bad.field, bad.transaction))
    assert refusal.message
    assert refusal.message_zh
    if bad.entry == 2:
        assert file.entries[0].bank_reference == "GOOD"


@pytest.mark.parametrize("bad", BAD_CSV_FILES, ids=lambda bad: bad.name)
def test_bad_csv_file_is_refused_with_its_code_and_line(bad: BadFile) -> None:
    with pytest.raises(FileRefused) as refused:
        read_csv(bad.data, salt=SALT)
    assert (refused.value.code, refused.value.line) == (bad.code, bad.line)


@pytest.mark.parametrize("bad", BAD_CSV_LINES, ids=lambda bad: bad.name)
def test_bad_csv_line_is_refused_at_its_place(bad: BadEntry) -> None:
    file = read_csv(bad.data, salt=SALT)
    (refusal,) = file.refusals
    assert (refusal.code, refusal.line, refusal.entry, refusal.field) == (bad.code, bad.line, bad.entry, bad.field)
    assert [entry.bank_reference for entry in file.entries] == ["GOOD"]
    assert refusal.message
    assert refusal.message_zh


def test_every_code_of_the_catalogue_is_shown_by_a_bad_file() -> None:
    of_camt = (*BAD_FILES, *BAD_ENTRIES, *BAD_STATEMENT_FILES, *BAD_STATEMENTS, *BAD_STATEMENT_ENTRIES)
    shown = {bad.code for bad in (*of_camt, *BAD_CSV_FILES, *BAD_CSV_LINES)}
    elsewhere = {"file_too_large", "file_entries_many", "file_kind_unknown", "file_layout_invalid"}
    assert shown | elsewhere == set(CATALOGUE)
    assert not shown & elsewhere


def test_codes_are_prefixed_and_have_both_languages() -> None:
    assert all(code.startswith("file_") for code in FILE_CODES)
    assert all(code.startswith("entry_") for code in ENTRY_CODES)
    assert all(code.startswith("statement_") for code in STATEMENT_CODES)
    assert set(ENTRY_CODES) >= SKIPPED_CODES
    assert all(code.en.endswith((".", "{sentence}")) and code.zh for code in CATALOGUE.values())


def test_file_limits_just_below_at_and_above() -> None:
    data = file_xml(GOOD, entry_xml("R2"))
    read_camt(data, salt=SALT, limits=Limits(max_bytes=len(data), max_entries=2))
    with pytest.raises(FileRefused, match="file_too_large"):
        read_camt(data, salt=SALT, limits=Limits(max_bytes=len(data) - 1))
    with pytest.raises(FileRefused, match="file_entries_many"):
        read_camt(data, salt=SALT, limits=Limits(max_entries=1))
    lines = csv_text(GOOD_LINE, GOOD_LINE.replace("GOOD", "R2"))
    read_csv(lines, salt=SALT, limits=Limits(max_bytes=len(lines), max_entries=2))
    with pytest.raises(FileRefused, match="file_too_large"):
        read_csv(lines, salt=SALT, limits=Limits(max_bytes=len(lines) - 1))
    with pytest.raises(FileRefused, match="file_entries_many"):
        read_csv(lines, salt=SALT, limits=Limits(max_entries=1))


@pytest.mark.parametrize("data", [BILLION_LAUGHS, EXTERNAL_ENTITY])
def test_entities_are_refused_however_the_file_comes_in(data: bytes) -> None:
    with pytest.raises(FileRefused, match="file_doctype_refused"):
        read_bank_file(data, salt=SALT, name="receipts.csv")


def test_a_doctype_in_text_or_comment_is_no_doctype() -> None:
    details = details_xml(transaction_xml(amount="1280.50", remittance="<Ustrd><![CDATA[<!DOCTYPE x>]]></Ustrd>"))
    data = file_xml(entry_xml(details=details), declaration="<!-- <!DOCTYPE x> -->")
    (entry,) = read_camt(data, salt=SALT).entries
    assert entry.remittance == "<!DOCTYPE x>"


def test_all_schema_findings_are_given_without_the_values_they_complain_of() -> None:
    name = "Zhang Wei" * 20
    long_name = details_xml(transaction_xml(amount="1.00", payer=f"<Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr>"))
    data = file_xml(entry_xml(details=long_name), entry_xml("R2", "Zhang"))
    with pytest.raises(FileRefused) as refused:
        read_camt(data, salt=SALT)
    assert {finding.line for finding in refused.value.findings} == {8, 9}
    assert all("Zhang" not in finding.message for finding in refused.value.findings)
    assert "maxLength" in refused.value.message
    few = Limits(max_schema_findings=1)
    with pytest.raises(FileRefused) as refused:
        read_camt(data, salt=SALT, limits=few)
    assert len(refused.value.findings) == 1


def test_all_wrong_columns_are_given_at_once() -> None:
    data = csv_text(GOOD_LINE, header="bank_reference,account_no,amount,amount,colour,booked_on,direction,reversal")
    with pytest.raises(FileRefused) as refused:
        read_csv(data, salt=SALT)
    assert [(finding.code, finding.figures["column"]) for finding in refused.value.findings] == [
        ("file_column_repeated", "amount"),
        ("file_column_unknown", "colour"),
        ("file_column_missing", "currency"),
    ]


def test_a_refused_file_is_a_ledger_error_and_survives_pickling() -> None:
    with pytest.raises(LedgerError) as refused:
        read_camt(b"", salt=SALT)
    again = pickle.loads(pickle.dumps(refused.value))
    assert (type(again), again.code, again.findings) == (FileRefused, "file_empty", again.findings)


def test_batch_refusal_has_both_figures() -> None:
    by_name = {bad.name: bad for bad in BAD_ENTRIES}
    (refusal,) = read_camt(by_name["a batch a fen short"].data, salt=SALT).refusals
    assert refusal.figures == {"entry_fen": 3000, "transactions_fen": 2999}


def test_detection_tells_the_kinds_apart() -> None:
    assert is_xml(file_xml(GOOD))
    assert is_xml(b"\xef\xbb\xbf \n<x/>", name="a.csv")
    assert is_xml(b" " * 1024)
    assert not is_xml(csv_text(GOOD_LINE), name="a.xml")
    assert not is_xml("银行流水号,账号".encode("gb18030"))
    assert is_xml("<x/>".encode("utf-16"), name="a.XML")


@pytest.mark.parametrize("data", [b"PK\x03\x04 a spreadsheet", b"%PDF-1.7", b"a\0b", "<x/>".encode("utf-16")])
def test_other_kinds_of_file_are_refused(data: bytes) -> None:
    with pytest.raises(FileRefused, match="file_kind_unknown"):
        read_bank_file(data, salt=SALT)


@pytest.mark.parametrize("size", [0, 2_000, 200_000])
def test_an_empty_file_has_no_kind(size: int) -> None:
    with pytest.raises(FileRefused, match="file_empty"):
        read_bank_file(b"\xef\xbb\xbf" + b" " * size, salt=SALT)
