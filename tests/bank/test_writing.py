"""What is written is valid, the same every time, and read back as the same entries."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank.camt import read_camt
from ledger.bank.contract_reference import canonical_contract, contract_in_text
from ledger.bank.csv_file import read_csv
from ledger.bank.csv_writing import write_csv
from ledger.bank.entries import BankEntry
from ledger.bank.entry_kinds import kind_of
from ledger.bank.schemas import default_schema_dir
from ledger.bank.tokens import PayerTokens
from ledger.bank.writing import Receipt, write_camt054
from ledger.bank.xml_document import etree
from ledger.domain.money import MAX_FEN
from tests.bank.files.camt import SALT

CREATED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
LETTERS = "ABCXYZ abcxyz0123456789-/.,:&<>\"'=+学费合同号：张伟😀"

words = st.text(alphabet=LETTERS, max_size=60).map(str.strip)
references = st.text(alphabet="ABC123-/", min_size=1, max_size=35)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
receipts = st.builds(
    Receipt,
    bank_reference=references,
    account_no=st.sampled_from(["110914000012345678", "GB33BUKB20201555555555", "A"]),
    amount_fen=st.integers(min_value=1, max_value=MAX_FEN),
    booked_on=days,
    value_on=days | st.none(),
    credit=st.booleans(),
    reversal=st.booleans(),
    end_to_end_id=references | st.none(),
    contract_reference=references | st.uuids().map(str) | st.none(),
    remittance=words,
    payer_name=words.map(lambda text: text or None),
    payer_account=references.map(lambda text: text[:34]) | st.none(),
)
files = st.lists(receipts, min_size=1, max_size=8, unique_by=lambda row: row.bank_reference)


def expected(row: Receipt, *, remittance: str | None = None, camt: bool = False) -> BankEntry:
    tokens = PayerTokens(SALT)
    text = row.remittance if remittance is None else remittance
    named = row.contract_reference
    return BankEntry(
        bank_reference=row.bank_reference,
        account_no=row.account_no,
        amount_fen=row.amount_fen,
        booked_on=row.booked_on,
        value_on=row.value_on or row.booked_on,
        credit=row.credit,
        reversal=row.reversal,
        end_to_end_id=row.end_to_end_id,
        kind=kind_of(
            credit=row.credit,
            reversal=row.reversal,
            words="" if row.credit or camt else text,
            end_to_end_id=row.end_to_end_id,
        ),
        contract_reference=canonical_contract(named) if named else contract_in_text(text),
        remittance=text,
        remitter_token=tokens.remitter(name=row.payer_name, account=row.payer_account),
        payer_route=tokens.route(account=row.payer_account),
    )


@given(files)
def test_written_camt054_is_valid_and_reads_back_the_same(rows: list[Receipt]) -> None:
    data = write_camt054(rows, message_id="M1", created_at=CREATED_AT)
    schema = etree.XMLSchema(etree.parse(str(default_schema_dir() / "camt.054.001.08.xsd")))
    schema.assertValid(etree.fromstring(data))
    file = read_camt(data, salt=SALT, credits_only=False)
    assert file.refusals == ()
    assert (file.message_id, file.created_at, file.version) == ("M1", CREATED_AT, "001.08")
    assert {entry.bank_reference: entry.content() for entry in file.entries} == {
        row.bank_reference: expected(row, remittance=text_of(row), camt=True) for row in rows
    }


def text_of(row: Receipt) -> str:
    """The remittance with the contract that is too long for the structured reference."""
    if row.contract_reference is None or len(row.contract_reference) <= 35:
        return row.remittance
    return f"CONTRACT:{row.contract_reference} {row.remittance}".strip()


@given(files)
def test_written_csv_reads_back_the_same_in_order(rows: list[Receipt]) -> None:
    file = read_csv(write_csv(rows), salt=SALT, credits_only=False)
    assert file.refusals == ()
    assert [entry.content() for entry in file.entries] == [expected(row) for row in rows]


def receipt(number: int = 1, **fields: Any) -> Receipt:
    base: dict[str, Any] = {
        "bank_reference": f"R{number}",
        "account_no": "110914000012345678",
        "amount_fen": 128050,
        "booked_on": date(2026, 3, 2),
    }
    return Receipt(**(base | fields))


def test_the_same_receipts_give_the_same_bytes() -> None:
    rows = [receipt(1), receipt(2, account_no="B"), receipt(3)]
    first = write_camt054(rows, message_id="M1", created_at=CREATED_AT)
    assert first == write_camt054(iter(rows), message_id="M1", created_at=CREATED_AT)
    assert first.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns=")
    assert write_csv(rows) == write_csv(rows)


def test_one_notification_an_account_in_the_order_of_first_receipts() -> None:
    rows = [receipt(1), receipt(2, account_no="B"), receipt(3)]
    file = read_camt(write_camt054(rows, message_id="M1", created_at=CREATED_AT), salt=SALT)
    assert file.notifications == 2
    assert [entry.bank_reference for entry in file.entries] == ["R1", "R3", "R2"]


@pytest.mark.parametrize(
    "row",
    [
        receipt(bank_reference="R" * 36),
        receipt(bank_reference=""),
        receipt(remittance="x" * 141),
        receipt(payer_account="1" * 35),
        receipt(remittance="a\x00b"),
    ],
)
def test_what_does_not_fit_is_not_written(row: Receipt) -> None:
    with pytest.raises(ValueError, match=r"does not fit|XML compatible"):
        write_camt054([row], message_id="M1", created_at=CREATED_AT)


def test_a_file_has_receipts_and_an_aware_instant() -> None:
    with pytest.raises(ValueError, match="at least one receipt"):
        write_camt054([], message_id="M1", created_at=CREATED_AT)
    with pytest.raises(ValueError, match="time zone"):
        write_camt054([receipt()], message_id="M1", created_at=CREATED_AT.replace(tzinfo=None))
