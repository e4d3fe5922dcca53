"""Bank files against a real store: every kind of entry, statements, repetition, dry runs, and what contradicts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.bank_files import EntryResult, FileResult, import_bank_file
from ledger.application.booked_lines import booked_lines
from ledger.application.caller import Caller
from ledger.application.entry_export import export_entries
from ledger.application.instructions import settle_instruction
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool
from ledger.bank.csv_layout import DEFAULT_LAYOUT, Layout
from ledger.bank.csv_writing import write_csv
from ledger.bank.writing import Receipt
from ledger.domain.account import EscrowAccount
from ledger.domain.errors import LedgerError
from ledger.domain.events import BankStatementRecorded, RefundReturned, UnexplainedDebitRecorded
from ledger.domain.instruction_ids import end_to_end_id
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Outcome
from tests.application.filled_store import BANK, FIRST, fill
from tests.bank.files.camt import details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import balances_xml, code_xml, return_xml, statement_file, stmt_xml
from tests.conftest import PARTITIONS

pytestmark = pytest.mark.anyio

SALT = b"a salt for tests only"
NUMBER = "6222-1"
ACCOUNT = f"<Othr><Id>{NUMBER}</Id></Othr>"
BOOKED = "<BookgDt><Dt>2026-03-03</Dt></BookgDt>"
VALUED = "<ValDt><Dt>2026-03-03</Dt></ValDt>"
ON = date(2026, 3, 3)


class Books:
    """A ledger over the filled store, some days later."""

    def __init__(self, url: str, ledger: Ledger, pool: ReadPool) -> None:
        self.url = url
        self.ledger = ledger
        self.pool = pool

    async def bring(self, data: bytes, *, dry_run: bool = False, bank: str = BANK) -> FileResult:
        caller = Caller("operator:test")
        return await import_bank_file(self.ledger, self.pool, caller, bank=bank, data=data, salt=SALT, dry_run=dry_run)

    def account(self) -> EscrowAccount:
        return self.ledger.account_at_version(FIRST)

    def instruction(self, kind: str) -> tuple[str, int]:
        """End-to-end id and amount (fen) of the account's instruction of that kind."""
        for instruction_id, found in self.account().instructions.items():
            if found.kind == kind:
                return end_to_end_id(instruction_id), found.amount_fen
        raise AssertionError(kind)

    def events(self) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("SELECT topic, state FROM escrow.events ORDER BY partition, position")
            return [decode_event(topic, state) for topic, state in rows]


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    await asyncio.to_thread(fill, database_url)
    pool = AsyncConnectionPool[AsyncConnection[Any]](database_url, min_size=1, max_size=2, open=False)
    ledger = Ledger(database_url, PARTITIONS, clock=lambda: datetime(2026, 3, 5, 8, tzinfo=UTC))
    async with pool, ledger:
        yield Books(database_url, ledger, pool)


def yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def entry(reference: str | None, amount_fen: int, **parts: Any) -> str:
    return entry_xml(reference, yuan(amount_fen), booked=BOOKED, valued=VALUED, **parts)


def ours(amount_fen: int, identity: str, *, returned: str = "") -> str:
    return details_xml(transaction_xml(None, yuan(amount_fen), end_to_end_id=identity, returned=returned))


def contract(amount_fen: int, number: str) -> str:
    return details_xml(transaction_xml(None, yuan(amount_fen), remittance=f"<Ustrd>合同号：{number}</Ustrd>"))


def statement(*entries: str, opening: int = 0, closing: int = 0, statement_id: str = "S1") -> bytes:
    balances = balances_xml(yuan(opening), yuan(closing), day="2026-03-03")
    return statement_file(stmt_xml(*entries, account=ACCOUNT, balances=balances, statement_id=statement_id))


def said(result: EntryResult) -> str:
    """What became of an entry, in a word."""
    outcome = result.outcome
    if isinstance(outcome, Outcome):
        return "again" if outcome.replayed else "+".join(line.to for line in booked_lines(outcome))
    return outcome.code


async def test_a_statement_books_every_kind_of_entry_and_is_recorded_behind_them(books: Books) -> None:
    payout, payout_fen = books.instruction("payout")
    refund, refund_fen = books.instruction("refund")
    before = books.account().buckets.cash
    entries = [
        entry("R1", 5_000, details=contract(5_000, "C2")),
        entry("R2", 300),
        entry("P1", payout_fen, direction="DBIT", details=ours(payout_fen, payout)),
        entry("P2", refund_fen, direction="DBIT", details=ours(refund_fen, refund.upper())),
        entry("P3", refund_fen, details=ours(refund_fen, refund, returned=return_xml("AC04"))),
        entry("F1", 50, direction="DBIT", code=code_xml("CHRG")),
        entry("Z1", 700, direction="DBIT", after="<AddtlNtryInf>司法扣划</AddtlNtryInf>"),
        entry(None, 20, direction="DBIT"),
        entry("F2", 50, reversal="<RvslInd>true</RvslInd>"),
        entry("F3", 9_999, reversal="<RvslInd>true</RvslInd>"),
        entry("N1", 1, status="PDNG"),
        entry("R3", 100, details=ours(100, "f" * 32, returned=return_xml())),
    ]
    moved = 5_000 + 300 - payout_fen - 50 - 700 - 20 + 50 + 9_999 + 100
    data = statement(*entries, opening=before, closing=before + moved)

    tried = await books.bring(data, dry_run=True)
    imported = await books.bring(data)
    expected = [
        "suspense",
        "suspense",
        "instruction",
        "instruction",
        "returned",
        "shortage",
        "shortage",
        "shortage",
        "restored",
        "suspense",
        "entry_pending",
        "suspense",
    ]
    assert [said(result) for result in imported.results] == expected
    assert [said(result) for result in tried.results] == expected
    account = books.account()
    assert account.buckets.cash == before + moved
    assert account.bank_balance_fen == before + moved
    assert account.buckets.shortage == 720

    kinds = [event.kind for event in books.events() if isinstance(event, UnexplainedDebitRecorded)]
    assert kinds == ["bank_fee", "seizure", "unknown"]
    (returned,) = [event for event in books.events() if isinstance(event, RefundReturned)]
    assert returned.reason == "AC04"
    (recorded,) = [event for event in books.events() if isinstance(event, BankStatementRecorded)]
    assert (recorded.from_on, recorded.to_on, recorded.part, recorded.parts) == (ON, ON, 1, 1)
    assert recorded.closing_fen - recorded.opening_fen == moved == sum(line.amount_fen for line in recorded.entries)
    assert [line.kind for line in recorded.entries] == [
        "receipt",
        "receipt",
        "payment",
        "payment",
        "return",
        "bank_fee",
        "seizure",
        "unknown",
        "restored",
        "restored",
        "return",
    ]
    assert [line.end_to_end_id for line in recorded.entries[2:5]] == [payout, refund, refund]


async def test_a_file_imported_twice_changes_nothing_and_says_so(books: Books) -> None:
    payout, payout_fen = books.instruction("payout")
    data = statement(
        entry("R1", 300),
        entry("P1", payout_fen, direction="DBIT", details=ours(payout_fen, payout)),
        entry(None, 20, direction="DBIT"),
        entry("F2", 20, reversal="<RvslInd>true</RvslInd>"),
        closing=300,
    )
    first = await books.bring(data)
    count = len(books.events())
    for dry_run in (True, False):
        again = await books.bring(data, dry_run=dry_run)
        assert [said(result) for result in again.results] == ["again"] * 4
        assert [one.outcome.replayed for one in again.statements if isinstance(one.outcome, Outcome)] == [True]
    assert len(books.events()) == count
    assert [result.entry for result in again.results] == [result.entry for result in first.results]


async def test_a_dry_run_records_nothing(books: Books) -> None:
    count = len(books.events())
    tried = await books.bring(statement(entry("R1", 300), closing=300), dry_run=True)
    assert [said(result) for result in tried.results] == ["suspense"]
    assert len(books.events()) == count


async def test_what_a_notification_said_before_is_known_to_the_statement(books: Books) -> None:
    """The statement says less (no contract) or more (the payer): the money is the same."""
    receipt = Receipt(bank_reference="R1", account_no=NUMBER, amount_fen=300, booked_on=ON, contract_reference="C2")
    (first,) = (await books.bring(write_csv([receipt]))).results
    assert said(first) == "suspense"
    payer = "<DbtrAcct><Id><Othr><Id>6222</Id></Othr></Id></DbtrAcct>"
    details = details_xml(transaction_xml(None, "3.00", payer=payer))
    (result,) = (await books.bring(statement(entry("R1", 300, details=details), closing=300))).results
    assert said(result) == "again"


@pytest.mark.parametrize(
    "other",
    [
        entry("R1", 301),
        entry("R1", 300, direction="DBIT"),
        entry_xml("R1", "3.00", booked="<BookgDt><Dt>2026-03-02</Dt></BookgDt>", valued=""),
    ],
)
async def test_a_statement_that_contradicts_what_was_recorded_is_refused(books: Books, other: str) -> None:
    await books.bring(statement(entry("R1", 300), closing=300))
    (result,) = (await books.bring(statement(other, statement_id="S2"))).results
    assert said(result) == "entry_reused"


async def test_a_notification_may_leave_out_what_was_recorded_but_not_change_it(books: Books) -> None:
    def receipt(**parts: Any) -> bytes:
        row: dict[str, Any] = {"bank_reference": "R1", "account_no": NUMBER, "amount_fen": 300, "booked_on": ON}
        return write_csv([Receipt(**(row | parts))])

    first = receipt(contract_reference="C2", payer_account="6222")
    await books.bring(first)
    for known in (first, receipt(), receipt(contract_reference="C2"), receipt(payer_account="6222")):
        assert [said(result) for result in (await books.bring(known)).results] == ["again"]
    for changed in (receipt(contract_reference="C1"), receipt(payer_account="6223")):
        assert [said(result) for result in (await books.bring(changed)).results] == ["entry_reused"]


async def test_a_second_debit_of_one_instruction_is_not_swallowed(books: Books) -> None:
    payout, payout_fen = books.instruction("payout")
    debit = {"direction": "DBIT", "details": ours(payout_fen, payout)}
    await books.bring(statement(entry("P1", payout_fen, **debit), closing=1))
    (again,) = (await books.bring(statement(entry("P9", payout_fen, **debit), statement_id="S2"))).results
    assert isinstance(again.outcome, LedgerError)
    assert (again.outcome.code, again.outcome.figures["state"]) == ("instruction_outcome_wrong", "settled")


async def test_an_instruction_paid_with_another_amount_is_refused_and_still_waits(books: Books) -> None:
    payout, payout_fen = books.instruction("payout")
    wrong = entry("P1", payout_fen - 1, direction="DBIT", details=ours(payout_fen - 1, payout))
    (result,) = (await books.bring(statement(wrong))).results
    assert said(result) == "instruction_amount_differs"
    assert books.instruction("payout") == (payout, payout_fen)


async def test_a_refund_that_comes_back_short_waits_in_suspense(books: Books) -> None:
    refund, refund_fen = books.instruction("refund")
    data = statement(
        entry("P1", refund_fen, direction="DBIT", details=ours(refund_fen, refund)),
        entry("P2", refund_fen - 5, details=ours(refund_fen - 5, refund, returned=return_xml())),
    )
    assert [said(result) for result in (await books.bring(data)).results] == ["instruction", "suspense"]


async def test_a_return_before_its_payment_waits_for_it(books: Books) -> None:
    refund, refund_fen = books.instruction("refund")
    back = entry("P2", refund_fen, details=ours(refund_fen, refund, returned=return_xml()))
    (early,) = (await books.bring(statement(back))).results
    assert said(early) == "instruction_outcome_wrong"
    paid = entry("P1", refund_fen, direction="DBIT", details=ours(refund_fen, refund))
    data = statement(paid, back, statement_id="S2")
    assert [said(result) for result in (await books.bring(data)).results] == ["instruction", "returned"]


async def test_a_debit_above_the_cash_is_refused_and_the_statement_shows_it(books: Books) -> None:
    (result,) = (await books.bring(statement(entry("Z1", 90_000_000, direction="DBIT")))).results
    assert said(result) == "debit_above_cash"
    (recorded,) = [event for event in books.events() if isinstance(event, BankStatementRecorded)]
    assert [(line.entry_reference, line.amount_fen) for line in recorded.entries] == [("Z1", -90_000_000)]


async def test_another_statement_of_the_same_id_is_refused(books: Books) -> None:
    await books.bring(statement(entry("R1", 300), closing=300))
    for dry_run in (True, False):
        changed = await books.bring(statement(entry("R1", 300), closing=301), dry_run=dry_run)
        (told,) = changed.statements
        assert isinstance(told.outcome, LedgerError)
        assert told.outcome.code == "statement_reused"


async def test_an_account_of_another_bank_is_not_there(books: Books) -> None:
    result = await books.bring(statement(entry("R1", 300), closing=300), bank="OTHER")
    assert [said(one) for one in result.results] == ["account_not_found"]
    assert [one.outcome.code for one in result.statements if isinstance(one.outcome, LedgerError)] == [
        "account_not_found"
    ]


async def test_a_long_statement_is_recorded_in_parts(books: Books) -> None:
    entries = [entry(f"R{number}", 1) for number in range(2_001)]
    data = statement(*entries, opening=0, closing=2_001)
    assert {said(result) for result in (await books.bring(data)).results} == {"suspense"}
    parts = [event for event in books.events() if isinstance(event, BankStatementRecorded)]
    assert [(part.part, part.parts, len(part.entries)) for part in parts] == [(1, 3, 1000), (2, 3, 1000), (3, 3, 1)]
    assert {(part.opening_fen, part.closing_fen) for part in parts} == {(0, 2_001)}


@pytest.mark.parametrize("value_on", ["2026-03-01", "2026-03-09"])
async def test_a_receipt_counts_for_the_day_of_its_booking(books: Books, value_on: str) -> None:
    valued = entry_xml("R1", "3.00", booked=BOOKED, valued=f"<ValDt><Dt>{value_on}</Dt></ValDt>")
    (result,) = (await books.bring(statement(valued, closing=300))).results
    assert isinstance(result.outcome, Outcome)
    assert result.outcome.events[0].effective_on == ON


async def test_csv_brings_debits_too(books: Books) -> None:
    rows = [
        Receipt(bank_reference="D1", account_no=NUMBER, amount_fen=30, booked_on=ON, credit=False, kind="手续费"),
        Receipt(bank_reference="D2", account_no=NUMBER, amount_fen=30, booked_on=ON, kind="restored"),
    ]
    assert [said(result) for result in (await books.bring(write_csv(rows))).results] == ["shortage", "restored"]


async def test_what_is_exported_is_the_same_again_and_its_import_changes_nothing(books: Books) -> None:
    payout, payout_fen = books.instruction("payout")
    refund, refund_fen = books.instruction("refund")
    await books.bring(
        statement(
            entry("=R1", 5_000, details=contract(5_000, "C2")),
            entry("P1", payout_fen, direction="DBIT", details=ours(payout_fen, payout)),
            entry("P2", refund_fen, direction="DBIT", details=ours(refund_fen, refund)),
            entry("P3", refund_fen, details=ours(refund_fen, refund, returned=return_xml())),
            entry("F1", 50, direction="DBIT", code=code_xml("CHRG")),
            entry(None, 50, reversal="<RvslInd>true</RvslInd>"),
        )
    )

    async def export(**days: Any) -> bytes:
        return await export_entries(books.ledger, bank=BANK, account_no=NUMBER, layout=DEFAULT_LAYOUT, **days)

    exported = await export()
    assert exported == await export()
    lines = exported.decode().splitlines()
    assert len(lines) == 1 + 2 + 6  # the store's own two entries, one of them overpaid
    assert lines[3].startswith("'=R1,6222-1,50.00,CNY,2026-03-03,2026-03-03,credit,false,,C2,")
    assert [line.rpartition(",")[2] for line in lines[1:]] == [
        *("receipt", "receipt", "receipt", "payment", "payment", "return", "bank_fee", "restored")
    ]
    count = len(books.events())
    for dry_run in (True, False):
        again = await books.bring(exported, dry_run=dry_run)
        assert {said(result) for result in again.results} == {"again"}
    assert len(books.events()) == count
    assert await export() == exported
    assert len((await export(from_on=ON)).splitlines()) == 1 + 6
    assert len((await export(to_on=date(2026, 3, 2))).splitlines()) == 1 + 2
    own = Layout(columns={"bank_reference": "R", "debit_amount": "D", "credit_amount": "C", "booked_on": "Day"})
    own = msgspec.structs.replace(own, constants={"account_no": NUMBER, "currency": "CNY"})
    in_own = await export_entries(books.ledger, bank=BANK, account_no=NUMBER, layout=own)
    caller = Caller("operator:test")
    result = await import_bank_file(books.ledger, books.pool, caller, bank=BANK, data=in_own, salt=SALT, layout=own)
    assert {said(one) for one in result.results} == {"again"}


async def test_a_payment_that_a_status_report_told_is_known_to_the_statement_once(books: Books) -> None:
    """Without a reference of the bank its settlement stands in the log under the end-to-end id."""
    for kind in ("payout", "refund"):
        identity, amount_fen = books.instruction(kind)
        instruction_id = next(one for one in books.account().instructions if end_to_end_id(one) == identity)
        await settle_instruction(
            books.ledger,
            Caller("bank:test"),
            bank=BANK,
            account_id=FIRST,
            instruction_id=instruction_id,
            outcome="settled",
            amount_fen=amount_fen,
            bank_reference=identity,
            reason="",
            on=date(2026, 3, 2),
        )
        cash = books.account().buckets.cash
        debit = {"direction": "DBIT", "details": ours(amount_fen, identity)}
        data = statement(
            entry(f"{kind}-1", amount_fen, **debit), entry(f"{kind}-2", amount_fen, **debit), statement_id=kind
        )
        assert [said(one) for one in (await books.bring(data)).results] == ["again", "instruction_outcome_wrong"]
        other = statement(
            entry(f"{kind}-3", 1, direction="DBIT", details=ours(1, identity)), statement_id=f"{kind}-other"
        )
        assert [said(one) for one in (await books.bring(other)).results] in (
            ["instruction_outcome_wrong"],
            ["instruction_amount_differs"],
        )
        assert books.account().buckets.cash == cash
