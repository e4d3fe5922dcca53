"""What good camt.053 files of all three versions give: statements, and entries with the kinds that the bank means."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank.camt import read_camt
from ledger.bank.entries import BankEntry, BankFile, Statement
from ledger.bank.entry_kinds import kind_of
from ledger.bank.schemas import SUPPORTED_VERSIONS
from tests.bank.files.camt import ACCOUNT, SALT, details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import (
    DAY,
    MESSAGE_PAGE,
    STATEMENT_PAGE,
    balance_xml,
    balances_xml,
    code_xml,
    return_xml,
    statement_file,
    stmt_xml,
)

OURS = "0123456789abcdef" * 2
ON = date.fromisoformat(DAY)


def read(*statements: str, **parts: str) -> BankFile:
    return read_camt(statement_file(*statements, **parts), salt=SALT, credits_only=False)


def only_statement(*entries: str, **parts: str) -> Statement:
    (found,) = read(stmt_xml(*entries, **parts)).statements
    assert isinstance(found, Statement)
    return found


def read_one(entry: str) -> BankEntry:
    (found,) = read(stmt_xml(entry)).entries
    return found


@pytest.mark.parametrize("version", SUPPORTED_VERSIONS)
def test_each_version_gives_the_same_statement_and_entries(version: str) -> None:
    details = details_xml(transaction_xml("T1", "1280.50", version=version, end_to_end_id=OURS))
    debit = entry_xml("R1", version=version, direction="DBIT", details=details)
    data = statement_file(stmt_xml(debit, balances=balances_xml("2000.00", "719.50")), version=version)
    file = read_camt(data, salt=SALT, credits_only=False)
    assert (file.kind, file.version, file.message_id, file.entry_count) == ("camt.053", version, "M1", 1)
    assert file.statements == (
        Statement(
            number=1,
            line=5,
            statement_id="S1",
            account_no=ACCOUNT,
            from_on=ON,
            to_on=ON,
            opening_fen=200_000,
            closing_fen=71_950,
        ),
    )
    (entry,) = file.entries
    assert (entry.bank_reference, entry.signed_fen, entry.end_to_end_id, entry.kind) == (
        "R1",
        -128_050,
        OURS,
        "payment",
    )
    assert (entry.entry, entry.statement, entry.line) == (1, 1, 8)


def test_each_entry_belongs_to_its_statement_and_a_statement_may_have_none() -> None:
    second = stmt_xml(statement_id="S2", account="<IBAN>GB33BUKB20201555555555</IBAN>", balances=balances_xml("5", "5"))
    third = stmt_xml(
        entry_xml("R2", "1.00"), entry_xml("R3", "2.00"), statement_id="S3", balances=balances_xml("1", "4")
    )
    file = read(stmt_xml(entry_xml("R1")), second, third)
    assert [(entry.bank_reference, entry.statement, entry.entry) for entry in file.entries] == [
        ("R1", 1, 1),
        ("R2", 3, 2),
        ("R3", 3, 3),
    ]
    told = [one for one in file.statements if isinstance(one, Statement)]
    assert [(one.number, one.statement_id, one.account_no, one.difference_fen) for one in told] == [
        (1, "S1", ACCOUNT, 0),
        (2, "S2", "GB33BUKB20201555555555", 0),
        (3, "S3", ACCOUNT, 0),
    ]


def test_both_sides_of_a_booking_may_share_a_reference_in_one_file() -> None:
    paying = stmt_xml(entry_xml("R1", "5.00", direction="DBIT"), balances=balances_xml("9", "4"))
    paid = stmt_xml(
        entry_xml("R1", "5.00"),
        statement_id="S2",
        account="<IBAN>GB33BUKB20201555555555</IBAN>",
        balances=balances_xml("0", "5"),
    )
    file = read(paying, paid)
    assert [(entry.bank_reference, entry.signed_fen) for entry in file.entries] == [("R1", -500), ("R1", 500)]
    assert file.refusals == ()


def test_what_takes_an_entry_back_may_have_its_reference_once() -> None:
    back = entry_xml("R1", direction="DBIT", reversal="<RvslInd>true</RvslInd>")
    file = read(stmt_xml(entry_xml("R1"), back, back, balances=balances_xml("0", "0")))
    assert [entry.credit for entry in file.entries] == [True, False]
    assert [refusal.code for refusal in file.refusals] == ["entry_duplicate_in_file"]


def test_a_quiet_day_is_a_statement_without_entries() -> None:
    file = read(stmt_xml(balances=balances_xml("7.00", "7.00")))
    assert (file.entries, file.refusals, file.entry_count) == ((), (), 0)
    assert len(file.statements) == 1


def test_only_booked_entries_count_and_a_difference_is_said() -> None:
    pending = entry_xml("P1", "500.00", status="PDNG")
    assert only_statement(entry_xml("R1"), pending).difference_fen == 0
    debit = entry_xml("R2", "0.50", direction="DBIT")
    assert only_statement(entry_xml("R1"), debit, balances=balances_xml("0", "1280.00")).difference_fen == 0
    assert only_statement(entry_xml("R1"), balances=balances_xml("0", "1280.00")).difference_fen == -50


def test_the_opening_balance_may_be_the_one_that_closed_before() -> None:
    balances = balance_xml("PRCD", "10", day="2026-03-01") + balance_xml("CLBD", "1290.50")
    statement = only_statement(entry_xml("R1"), balances=balances)
    assert (statement.opening_fen, statement.from_on, statement.to_on, statement.difference_fen) == (1000, ON, ON, 0)


def test_a_negative_balance_is_a_debit_and_other_balances_are_passed_over() -> None:
    balances = (
        balance_xml("OPBD", "5.00", direction="DBIT")
        + balance_xml("CLAV", "999", currency="USD")
        + balance_xml("CLBD", "1275.50")
        + balance_xml("FWAV", "1")
    )
    statement = only_statement(entry_xml("R1"), balances=balances)
    assert (statement.opening_fen, statement.closing_fen, statement.difference_fen) == (-500, 127_550, 0)


def test_days_come_from_the_period_and_the_closing_balance_in_china() -> None:
    period = "<FrToDt><FrDtTm>2026-02-28T16:00:00Z</FrDtTm><ToDtTm>2026-03-03T00:00:00+08:00</ToDtTm></FrToDt>"
    balances = balance_xml("OPBD", "0") + balance_xml("CLBD", "0", at="2026-03-02T15:59:59Z")
    statement = only_statement(period=period, balances=balances)
    assert (statement.from_on, statement.to_on) == (date(2026, 3, 1), ON)


@pytest.mark.parametrize("page", [MESSAGE_PAGE, STATEMENT_PAGE])
def test_pages_of_a_statement_chain_by_their_own_balances(page: str) -> None:
    def read_page(number: int, last: str, entry: str, balances: str) -> Statement:
        said = page.format(number=number, last=last)
        in_header = page == MESSAGE_PAGE
        statement = stmt_xml(entry, balances=balances, pages="" if in_header else said)
        data = statement_file(statement, version="001.08", pages=said if in_header else "")
        (found,) = read_camt(data, salt=SALT).statements
        assert isinstance(found, Statement)
        return found

    first = read_page(1, "false", entry_xml("R1", "1.00"), balance_xml("OPBD", "10") + balance_xml("ITBD", "11"))
    second = read_page(2, "false", entry_xml("R2", "2.00"), balance_xml("ITBD", "11") + balance_xml("ITBD", "13"))
    third = read_page(3, "true", entry_xml("R3", "3.00"), balance_xml("ITBD", "13") + balance_xml("CLBD", "16"))
    pages = [(one.statement_id, one.opening_fen, one.closing_fen) for one in (first, second, third)]
    assert pages == [("S1#1", 1000, 1100), ("S1#2", 1100, 1300), ("S1#3", 1300, 1600)]


def test_the_balance_that_a_page_leaves_out_follows_from_its_entries() -> None:
    page = MESSAGE_PAGE.format(number=1, last="false")
    (first,) = read(stmt_xml(entry_xml("R1", "1.00"), balances=balance_xml("OPBD", "10")), pages=page).statements
    page = MESSAGE_PAGE.format(number=2, last="true")
    (last,) = read(stmt_xml(entry_xml("R2", "2.00"), balances=balance_xml("CLBD", "13")), pages=page).statements
    assert isinstance(first, Statement)
    assert isinstance(last, Statement)
    assert (first.opening_fen, first.closing_fen) == (1000, 1100)
    assert (last.opening_fen, last.closing_fen) == (1100, 1300)


def test_a_page_that_is_the_only_one_is_no_page() -> None:
    page = MESSAGE_PAGE.format(number=1, last="true")
    (statement,) = read(stmt_xml(entry_xml("R1")), pages=page).statements
    assert statement.statement_id == "S1"


def test_totals_of_a_page_are_left_alone() -> None:
    summary = "<TxsSummry><TtlNtries><NbOfNtries>7</NbOfNtries></TtlNtries></TxsSummry>"
    page = MESSAGE_PAGE.format(number=1, last="false")
    file = read(stmt_xml(entry_xml("R1"), summary=summary, balances=balance_xml("OPBD", "0")), pages=page)
    assert len(file.entries) == 1


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (entry_xml("R1"), "receipt"),
        (entry_xml("R1", direction="DBIT", code=code_xml("CHRG")), "bank_fee"),
        (entry_xml("R1", direction="DBIT", after="<AddtlNtryInf>账户管理费</AddtlNtryInf>"), "bank_fee"),
        (entry_xml("R1", direction="DBIT", after="<AddtlNtryInf>司法扣划 (2026)执123号</AddtlNtryInf>"), "seizure"),
        (entry_xml("R1", direction="DBIT"), "unknown"),
        (entry_xml("R1", reversal="<RvslInd>true</RvslInd>"), "restored"),
        (entry_xml("R1", code=code_xml("CHRG", "RCDT")), "restored"),
        (entry_xml("R1", code=code_xml("RRTN")), "return"),
        (entry_xml("R1", direction="DBIT", reversal="<RvslInd>true</RvslInd>"), "unknown"),
    ],
)
def test_kinds_are_told_by_what_the_bank_wrote(entry: str, kind: str) -> None:
    assert read_one(entry).kind == kind


def test_a_payers_words_make_no_kind() -> None:
    details = details_xml(transaction_xml("T1", "1280.50", remittance="<Ustrd>手续费 returned</Ustrd>"))
    assert read_one(entry_xml("R1", details=details)).kind == "receipt"


def test_a_return_has_the_reason_and_the_instruction() -> None:
    details = details_xml(transaction_xml("T1", "1280.50", end_to_end_id=OURS, returned=return_xml("AC04")))
    entry = read_one(entry_xml("R1", details=details))
    assert (entry.kind, entry.return_reason, entry.end_to_end_id) == ("return", "AC04", OURS)


def test_a_batch_in_a_statement_numbers_transactions_without_reference() -> None:
    batch = details_xml(transaction_xml(None, "10.00"), transaction_xml("T2", "20.00"), transaction_xml(None, "0.50"))
    file = read(stmt_xml(entry_xml("B1", "30.50", details=batch), balances=balances_xml("0", "30.50")))
    assert [entry.bank_reference for entry in file.entries] == ["B1/1", "T2", "B1/3"]
    (statement,) = file.statements
    assert isinstance(statement, Statement)
    assert statement.difference_fen == 0


def test_entries_without_reference_get_one_that_comes_again_with_the_same_statement() -> None:
    twins = [entry_xml(None, "1.00", entry_reference=number) for number in ("1", "2")]
    balances = balances_xml("0", "2.00")
    first = read(stmt_xml(*twins, balances=balances)).entries
    again = read(stmt_xml(*twins, balances=balances)).entries
    references = [entry.bank_reference for entry in first]
    assert references == [entry.bank_reference for entry in again]
    assert len(set(references)) == 2
    assert all(reference.startswith("u-") and len(reference) == 34 for reference in references)


@pytest.mark.parametrize(
    "other",
    [
        stmt_xml(entry_xml(None, "1.00"), statement_id="S2"),
        stmt_xml(entry_xml("R1"), entry_xml(None, "1.00")),
        stmt_xml(entry_xml(None, "1.01")),
        stmt_xml(entry_xml(None, "1.00", direction="DBIT")),
        stmt_xml(entry_xml(None, "1.00", booked="<BookgDt><Dt>2026-03-01</Dt></BookgDt>")),
        stmt_xml(entry_xml(None, "1.00", code=code_xml("CHRG"))),
        stmt_xml(entry_xml(None, "1.00"), account="<Othr><Id>1</Id></Othr>"),
    ],
)
def test_whatever_is_different_gets_another_reference(other: str) -> None:
    (entry,) = read(stmt_xml(entry_xml(None, "1.00"))).entries
    assert entry.bank_reference not in {found.bank_reference for found in read(other).entries}


def test_names_are_in_no_derived_reference() -> None:
    def named(name: str) -> str:
        payer = f"<Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr>"
        return entry_xml(None, "1.00", details=details_xml(transaction_xml(None, "1.00", payer=payer)))

    (one,), (other,) = read(stmt_xml(named("张伟"))).entries, read(stmt_xml(named("李娜"))).entries
    assert one.bank_reference == other.bank_reference
    assert one.remitter_token != other.remitter_token


def test_line_and_place_in_a_batch_are_of_the_file() -> None:
    batch = details_xml("\n" + transaction_xml("T1", "10.00"), "\n" + transaction_xml("T2", "20.00"))
    file = read(stmt_xml(entry_xml("R1", "1.00"), entry_xml("B1", "30.00", details=batch)))
    assert [(entry.line, entry.entry, entry.transaction) for entry in file.entries] == [
        (8, 1, None),
        (10, 2, 1),
        (11, 2, 2),
    ]


@given(
    credit=st.booleans(),
    reversal=st.booleans(),
    returned=st.booleans(),
    codes=st.frozensets(st.sampled_from(["CHRG", "RRTN", "ESCT"])),
    words=st.sampled_from(["", "手续费", "扣划", "退汇", "return", "bank_fee", "receipt", "payment"]),
    end_to_end_id=st.sampled_from([None, OURS, "E2E"]),
)
def test_a_kind_never_turns_money_round(
    credit: bool, reversal: bool, returned: bool, codes: frozenset[str], words: str, end_to_end_id: str | None
) -> None:
    kind = kind_of(
        credit=credit, reversal=reversal, returned=returned, codes=codes, words=words, end_to_end_id=end_to_end_id
    )
    assert (kind in ("receipt", "return", "restored")) is credit
