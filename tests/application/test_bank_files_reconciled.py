"""A bank's camt.053, imported and then reconciled: nothing is left open that the file explains, pages included."""

import pytest

from ledger.application.bank_files import FileResult, import_bank_file
from ledger.application.caller import Caller
from ledger.application.entry_export import export_entries
from ledger.bank.csv_layout import DEFAULT_LAYOUT
from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from ledger.domain.events import RefundInstructed, RefundLeg
from ledger.domain.instruction_ids import end_to_end_id
from ledger.storage.requests import Outcome
from tests.application.bank_day import BANK, MONDAY, PRICE_FEN, BankTown, bank_town
from tests.bank.files.camt import details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import (
    MESSAGE_PAGE,
    balance_xml,
    balances_xml,
    code_xml,
    return_xml,
    statement_file,
    stmt_xml,
)

pytestmark = pytest.mark.anyio

BOOKED = f"<BookgDt><Dt>{MONDAY}</Dt></BookgDt>"
VALUED = "<ValDt><Dt>2026-02-28</Dt></ValDt>"
ACCOUNT = "<Othr><Id>6222-1</Id></Othr>"
FEE = details_xml(transaction_xml(None, "1000.00", remittance="<Ustrd>合同号：C1</Ustrd>"))


def entry(reference: str | None, amount: str, **parts: str) -> str:
    return entry_xml(reference, amount, booked=BOOKED, valued=VALUED, **parts)


async def bring(town: BankTown, data: bytes) -> FileResult:
    result = await import_bank_file(
        town.ledger, town.reader.pool, Caller("operator:test"), bank=BANK, data=data, salt=b"a salt for tests only"
    )
    assert not [one for one in result.results if isinstance(one.outcome, Exception)]
    return result


async def test_a_statement_that_was_imported_agrees_to_the_fen(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        balances = balances_xml("0", "1000.20", day=MONDAY.isoformat())
        fee = entry("F1", "0.10", direction="DBIT", code=code_xml("CHRG"))
        restored = entry("F2", "0.10", reversal="<RvslInd>true</RvslInd>")
        entries = (entry("R1", "1000.00", details=FEE), entry(None, "0.20"), fee, restored)
        await bring(town, statement_file(stmt_xml(*entries, account=ACCOUNT, balances=balances)))
        await town.reconcile()
        assert await town.breaks() == []
        assert (await town.account()).buckets.cash == PRICE_FEN + 20


async def test_an_entry_and_what_takes_it_back_are_two_entries_of_one_reference(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        balances = balances_xml("0", "1000.00", day=MONDAY.isoformat())
        back = entry("R2", "3.00", direction="DBIT", reversal="<RvslInd>true</RvslInd>")
        entries = (entry("R1", "1000.00", details=FEE), entry("R2", "3.00"), back)
        data = statement_file(stmt_xml(*entries, account=ACCOUNT, balances=balances))
        await bring(town, data)
        recorded = dict(town.ledger.writer.heads)
        again = [one.outcome for one in (await bring(town, data)).results]
        assert [isinstance(outcome, Outcome) and outcome.replayed for outcome in again] == [True] * 3
        assert town.ledger.writer.heads == recorded
        assert (await town.account()).buckets.cash == PRICE_FEN
        await town.reconcile()
        assert await town.breaks() == []
        exported = await export_entries(town.ledger, bank=BANK, account_no="6222-1", layout=DEFAULT_LAYOUT)
        assert [line.split(",")[0] for line in exported.decode().splitlines()[1:]] == ["R1", "R2", "R2"]


async def test_pages_that_come_one_by_one_agree_when_the_last_is_there(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        day = MONDAY.isoformat()
        first = stmt_xml(
            entry("R1", "1000.00", details=FEE),
            account=ACCOUNT,
            balances=balance_xml("OPBD", "0", day=day) + balance_xml("ITBD", "1000.00", day=day),
        )
        last = stmt_xml(
            entry("R2", "0.20"),
            account=ACCOUNT,
            balances=balance_xml("ITBD", "1000.00", day=day) + balance_xml("CLBD", "1000.20", day=day),
        )
        await bring(town, statement_file(first, pages=MESSAGE_PAGE.format(number=1, last="false")))
        await bring(town, statement_file(last, pages=MESSAGE_PAGE.format(number=2, last="true")))
        await town.reconcile()
        assert await town.breaks() == []


async def test_what_the_file_could_not_explain_is_a_break(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        balances = balances_xml("0", "999.90", day=MONDAY.isoformat())
        entries = (entry("R1", "1000.00", details=FEE), entry("D1", "0.10", direction="DBIT", code=code_xml("CHRG")))
        await bring(town, statement_file(stmt_xml(*entries, account=ACCOUNT, balances=balances)))
        await town.reconcile()
        assert [(one.kind, one.subject) for one in await town.breaks()] == [("bank_fee", "D1")]


async def test_a_return_that_is_told_under_two_references_counts_once(database_url: str) -> None:
    """A bank's channel and its books may have a reference each for one entry."""
    async with bank_town(database_url) as town:
        leg = await _paid_refund(town)
        await town.settle(leg.instruction_id, PRICE_FEN, reference="X1", outcome="returned")
        *_, told = (await _bring_back(town, leg, "Y1")).results
        assert isinstance(told.outcome, LedgerError)
        assert (told.outcome.code, told.outcome.figures["state"]) == ("instruction_outcome_wrong", "returned")
        assert (await town.account()).buckets.cash == PRICE_FEN
        await town.reconcile()
        assert await town.breaks() == []


async def test_a_refund_that_is_returned_twice_is_a_break_and_no_receipt(database_url: str) -> None:
    async with bank_town(database_url) as town:
        leg = await _paid_refund(town)
        told = (await _bring_back(town, leg, "Y1", "Y2")).results
        assert [one.outcome.code for one in told if isinstance(one.outcome, LedgerError)] == ["instruction_not_found"]
        assert (await town.account()).buckets.cash == PRICE_FEN
        await town.reconcile()
        assert [(one.kind, one.subject) for one in await town.breaks()] == [("missing_in_ledger", "Y2")]


async def test_money_that_came_back_is_not_sent_to_whom_the_bank_names_as_its_payer(database_url: str) -> None:
    """A returned payment names the debtor of the payment: the account itself. In a wind-down what comes in goes back at
    once, but never there."""
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.pay("R1", PRICE_FEN, contract="")
        await town.do(c.StartWindDown, reason="order")
        await town.do(c.ReturnSuspense, suspense_id="suspense-R1", instruction_id="back-1", reason="nobody knows it")
        await town.settle("back-1", PRICE_FEN, reference="D1")
        said = {"end_to_end_id": end_to_end_id("back-1"), "returned": return_xml()}
        payer = f"<DbtrAcct><Id>{ACCOUNT}</Id></DbtrAcct>"
        back = entry("Y1", "1000.00", details=details_xml(transaction_xml(None, "1000.00", payer=payer, **said)))
        balances = balances_xml("0", "1000.00", day=MONDAY.isoformat())
        await bring(town, statement_file(stmt_xml(back, account=ACCOUNT, balances=balances)))
        account = await town.account()
        assert [(item.amount_fen, item.route, item.returning) for item in account.suspense.values()] == [
            (PRICE_FEN, "", None)
        ]
        assert account.instructions == {}


async def _paid_refund(town: BankTown) -> RefundLeg:
    """The leg of a refund of everything that was paid, which the bank says it sent."""
    await town.set_up()
    await town.pay("R1", PRICE_FEN)
    await town.do(c.RequestRefund, refund_id="refund-1", contract_id="c1", reason="moves")
    *_, instructed = await town.do(c.AnswerRefund, refund_id="refund-1", agree=True)
    assert isinstance(instructed, RefundInstructed)
    [leg] = instructed.legs
    await town.settle(leg.instruction_id, PRICE_FEN, reference="D1")
    return leg


async def _bring_back(town: BankTown, leg: RefundLeg, *references: str) -> FileResult:
    """The day's statement: the fee, the refund, and it came back under each of these references."""
    ours = details_xml(transaction_xml(None, "1000.00", end_to_end_id=leg.end_to_end_id))
    back = details_xml(transaction_xml(None, "1000.00", end_to_end_id=leg.end_to_end_id, returned=return_xml()))
    entries = [
        entry("R1", "1000.00", details=FEE),
        entry("D1", "1000.00", direction="DBIT", details=ours),
        *(entry(reference, "1000.00", details=back) for reference in references),
    ]
    balances = balances_xml("0", f"{len(references)}000.00", day=MONDAY.isoformat())
    data = statement_file(stmt_xml(*entries, account=ACCOUNT, balances=balances))
    return await import_bank_file(
        town.ledger, town.reader.pool, Caller("operator:test"), bank=BANK, data=data, salt=b"a salt for tests only"
    )
