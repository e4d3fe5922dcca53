"""A bank's camt.053, imported and then reconciled: nothing is left open that the file explains, pages included."""

import pytest

from ledger.application.bank_files import FileResult, import_bank_file
from ledger.application.caller import Caller
from ledger.application.entry_export import export_entries
from ledger.bank.csv_layout import DEFAULT_LAYOUT
from ledger.storage.requests import Outcome
from tests.application.bank_day import BANK, MONDAY, PRICE_FEN, BankTown, bank_town
from tests.bank.files.camt import details_xml, entry_xml, transaction_xml
from tests.bank.files.statement import (
    MESSAGE_PAGE,
    balance_xml,
    balances_xml,
    code_xml,
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
