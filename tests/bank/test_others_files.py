"""Files that others write: those of the package mock-bank, and shapes met in banks' and parsers' public samples."""

from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest

from ledger.bank.camt import read_camt
from ledger.bank.entries import BankFile, Statement
from ledger.bank.findings import StatementRefused
from tests.bank.files.camt import ACCOUNT, SALT, details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import balance_xml, balances_xml, statement_file, stmt_xml

messages: Any = import_module("mockbank.messages")  # it has no types
IBAN = "NL30MOCK0000000005"
OURS = "0123456789abcdef" * 2
DAY = date(2026, 3, 3)
AT = datetime(2026, 3, 3, 18, tzinfo=UTC)
HOLDER = {"id": "A1", "iban": IBAN, "currency": "CNY", "name": "Piano School"}


def payment(number: int, amount_fen: int, **parts: Any) -> dict[str, Any]:
    """A payment as mock-bank keeps it."""
    row: dict[str, Any] = {
        "id": number,
        "amount": amount_fen,
        "currency": "CNY",
        "msg_id": "M1",
        "pmt_inf_id": "P1",
        "instruction_id": "",
        "end_to_end_id": OURS,
        "creditor_name": "Zhang",
        "creditor_iban": "6222000011112222",
        "creditor_bic": None,
        "return_reason": "AC04",
    }
    return row | parts


def receipt(number: int, amount_fen: int) -> dict[str, Any]:
    return {
        "incoming": True,
        "credit": True,
        "id": number,
        "amount": amount_fen,
        "currency": "CNY",
        "end_to_end_id": "",
        "debtor_name": "Li",
        "debtor_iban": "6222000011113333",
        "debtor_bic": None,
        "note": ["spring term", "合同号：HT-1"],
        "reference": None,
        "value_date": "2026-03-02",
    }


def mock_statement(*rows: dict[str, Any], opening: int, closing: int) -> BankFile:
    data = messages.write_camt053(HOLDER, DAY, 7, opening, closing, list(rows), "MB-C053-1", AT, UTC)
    return read_camt(data, salt=SALT, credits_only=False)


def test_a_mock_banks_statement_of_payments_returns_and_receipts_is_read() -> None:
    rows = (payment(1, 20_000), payment(1, 20_000, credit=True), receipt(2, 128_050))
    file = mock_statement(*rows, opening=50_000, closing=178_050)
    assert file.refusals == ()
    assert [(e.bank_reference, e.signed_fen, e.kind, e.end_to_end_id) for e in file.entries] == [
        ("MB-PMT-1", -20_000, "payment", OURS),
        ("MB-RTR-1", 20_000, "return", OURS),
        ("MB-RCV-2", 128_050, "receipt", None),
    ]
    assert (file.entries[1].return_reason, file.entries[2].contract_reference) == ("AC04", "HT-1")
    assert (file.entries[2].value_on, file.entries[2].booked_on) == (date(2026, 3, 2), DAY)
    (statement,) = file.statements
    assert isinstance(statement, Statement)
    assert (statement.statement_id, statement.account_no, statement.difference_fen) == ("MB-C053-1", IBAN, 0)
    assert (statement.from_on, statement.to_on) == (DAY, DAY)


def test_a_mock_banks_gap_is_read_and_said() -> None:
    (statement,) = mock_statement(payment(1, 20_000), opening=50_000, closing=29_900).statements
    assert isinstance(statement, Statement)
    assert statement.difference_fen == -100


def test_a_mock_banks_notification_says_the_same_as_its_statement() -> None:
    rows = [payment(1, 20_000), payment(1, 20_000, credit=True)]
    told = read_camt(messages.write_camt054(HOLDER, rows, DAY, "MB-C054-1", AT), salt=SALT, credits_only=False)
    stated = mock_statement(*rows, opening=0, closing=0)
    assert [entry.content() for entry in told.entries] == [entry.content() for entry in stated.entries]


def test_a_mock_banks_intraday_report_is_not_read() -> None:
    data = messages.write_camt052(HOLDER, DAY, 7, 0, 0, [], "MB-C052-1", AT, UTC)
    with pytest.raises(Exception, match="file_message_unsupported"):
        read_camt(data, salt=SALT)


def test_a_chain_of_statements_of_version_2_without_any_reference() -> None:
    """A parser's sample: end-to-end ids alone, five decimals, one message for two days of one account."""
    first = stmt_xml(
        entry_xml(
            None, "8.85000", version="001.02", details=details_xml(transaction_xml(None, None, end_to_end_id="1"))
        ),
        balances=balances_xml("18.15000", "27.00000"),
        statement_id="253",
    )
    second = stmt_xml(
        entry_xml(None, "7.00000", version="001.02", direction="DBIT"),
        balances=balances_xml("27.00000", "20.00000", day="2026-03-03"),
        statement_id="254",
    )
    file = read_camt(statement_file(first, second, version="001.02"), salt=SALT, credits_only=False)
    assert [entry.signed_fen for entry in file.entries] == [885, -700]
    assert len({entry.bank_reference for entry in file.entries}) == 2
    told = [one for one in file.statements if isinstance(one, Statement)]
    assert [(one.opening_fen, one.closing_fen, one.difference_fen) for one in told] == [
        (1815, 2700, 0),
        (2700, 2000, 0),
    ]


def test_every_kind_of_balance_beside_the_two_that_count() -> None:
    """A parser's sample: availability, forward and expected balances around the booked ones."""
    others = ("ITAV", "CLAV", "FWAV", "PRCD", "XPCD", "OPAV", "INFO")
    balances = (
        "".join(balance_xml(code, "9.99") for code in others[:3])
        + balances_xml("1.00", "1281.50")
        + "".join(balance_xml(code, "9.99") for code in others[3:])
    )
    (statement,) = read_camt(statement_file(stmt_xml(entry_xml(), balances=balances)), salt=SALT).statements
    assert isinstance(statement, Statement)
    assert (statement.opening_fen, statement.closing_fen, statement.difference_fen) == (100, 128_150, 0)


def test_a_statement_of_another_currency_is_refused_entry_by_entry() -> None:
    """Most public samples are of euro accounts."""
    foreign = stmt_xml(
        entry_xml("R1", currency="EUR"),
        balances=balance_xml("OPBD", "1", currency="EUR") + balance_xml("CLBD", "2", currency="EUR"),
    )
    file = read_camt(statement_file(foreign), salt=SALT)
    assert [refusal.code for refusal in file.refusals] == ["entry_currency_not_cny"]
    assert [one.code for one in file.statements if isinstance(one, StatementRefused)] == ["statement_currency_not_cny"]


def test_a_notification_dated_by_its_value_only_is_refused() -> None:
    """A Swiss sample's shape: value dates, no booking date."""
    file = read_camt(statement_file(stmt_xml(entry_xml(booked=""))), salt=SALT)
    assert [refusal.code for refusal in file.refusals] == ["entry_date_missing"]


def test_the_account_in_the_entry_reference_is_no_reference() -> None:
    (entry,) = read_camt(statement_file(stmt_xml(entry_xml(None, entry_reference=ACCOUNT))), salt=SALT).entries
    assert entry.bank_reference.startswith("u-")
